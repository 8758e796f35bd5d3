"""Grammar of messages."""

from __future__ import annotations


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun: `1 row`, `2 rows`. The plural is formed with `s`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
