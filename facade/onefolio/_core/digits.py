"""Parse whole numbers from foreign text."""

from __future__ import annotations

import re

MAX_DIGITS = 640
"""Digits up to which `int()` accepts every number; its limit of 4,300 can be lowered to this one."""


def parse_natural(text: str) -> int | None:
    """Return the whole number that ASCII digits state, or None for any other text or for too many digits."""
    return int(text) if len(text) <= MAX_DIGITS and text.isascii() and text.isdigit() else None


_INTEGER = re.compile(rf"-?(0|[1-9][0-9]{{0,{MAX_DIGITS - 1}}})")


def parse_integer(text: str) -> int | None:
    """Return the integer that ASCII digits state, or None for any other text, leading zeros or too many digits."""
    return int(text) if _INTEGER.fullmatch(text) else None
