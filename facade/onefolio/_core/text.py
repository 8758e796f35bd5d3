"""Grammar and characters of messages."""

from __future__ import annotations

from collections.abc import Sized

from onefolio_runtime import shorten


def pluralize(number: int, noun: str) -> str:
    """Return a number with its noun: `1 row`, `2 rows`. The plural is formed with `s`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


_SHOWN_VALUE = 40
"""Characters shown of a value in a message."""


def format_value(value: object) -> str:
    """Return the repr of a value, shortened, for a message. It exists for an integer of any number of digits."""
    if isinstance(value, int) and abs(value) >= 10**_SHOWN_VALUE:
        return f"an integer of more than {_SHOWN_VALUE} digits"
    return shorten(repr(value), _SHOWN_VALUE)


def count_items(value: object) -> str:
    """Return the number of items of a collection, as its `repr` in an object that may hold thousands of them."""
    return f"<{pluralize(len(value), 'item')}>" if isinstance(value, Sized) else repr(value)


def escape_surrogates(text: str) -> str:
    """Replace unpaired surrogates, which have no form in UTF-8, by their escapes."""
    return text.encode("utf-8", "backslashreplace").decode()
