"""Small helpers for messages."""

from __future__ import annotations


def pluralize(number: int, what: str) -> str:
    """Return a number and what it counts, in the plural but for one."""
    return f"{number} {what}{'' if number == 1 else 's'}"
