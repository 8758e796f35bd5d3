"""Field names and types of the models, which are records or attrs classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import attrs

from .record import Record, field_names


def field_names_of(kind: Any) -> tuple[str, ...]:
    """Return the field names of a model in order, without `raw`. For any other type, return an empty tuple."""
    return _names(kind)


def fields_of(kind: Any) -> Mapping[str, Any]:
    """Return the type hints of a model by field name, without `raw`."""
    return _types(kind)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    if issubclass(kind, Record):
        return field_names(kind)
    if attrs.has(kind):
        return tuple(field.name for field in attrs.fields(kind) if field.name != "raw")
    return ()


@cache
def _types(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in _names(kind)}
