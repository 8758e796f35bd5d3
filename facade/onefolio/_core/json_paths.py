"""Paths in decoded JSON: find values by field names, and tell places apart without list indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

FieldPath: TypeAlias = tuple[str, ...]
"""Field names from the root of a JSON value to a field; `*` means every item of a list."""


_INDEX = re.compile(r"/[0-9]+(?=/|$)")


def without_indexes(pointer: str) -> str:
    """Return a JSON pointer with `*` in place of each list index."""
    return _INDEX.sub("/*", pointer)


def value_at(value: Any, names: Iterable[str]) -> Any:
    """Return the value at a path of field names, or None if a field is missing or its parent is not an object.

    Args:
        value: a decoded JSON value.
        names: field names from the root to the value; `*` has no special meaning here.
    """
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
