"""Prose of a published document as one-line strings."""

from __future__ import annotations

from typing import Any


def to_one_line(text: Any) -> str:
    """Return a text without line breaks and repeated spaces; an empty string for a missing one."""
    return " ".join(str(text).split()) if text else ""


def to_sentence(text: Any) -> str:
    """Return a text on one line with a final punctuation mark; an empty string for a missing one."""
    line = to_one_line(text)
    return line if not line or line.endswith((".", "!", "?")) else f"{line}."
