"""Find values in decoded JSON by field names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

FieldPath: TypeAlias = tuple[str, ...]
"""Field names from the top of a JSON value downwards; `*` stands for every item of a list."""


def value_at(value: Any, names: Iterable[str]) -> Any:
    """Return what is found by going down from a JSON value by name; None where the way ends."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
