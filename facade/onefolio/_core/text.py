"""Grammar and characters of messages."""

from __future__ import annotations


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun: `1 row`, `2 rows`. The plural is formed with `s`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def escape_surrogates(text: str) -> str:
    """Replace unpaired surrogates, which have no form in UTF-8, by their escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
