"""Field names and types of the models, which are records or attrs classes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import attrs
import msgspec


def field_names_of(kind: Any) -> tuple[str, ...]:
    """Return the field names of a model in order, without `raw`. For any other type, return an empty tuple."""
    return _names(kind)


def fields_of(kind: Any) -> Mapping[str, Any]:
    """Return the type hints of a model by field name, without `raw`."""
    return _types(kind)


def required_fields(kind: Any) -> frozenset[str]:
    """Return the names of the fields of a model that have no default."""
    if issubclass(kind, msgspec.Struct):
        return frozenset(field.name for field in msgspec.structs.fields(kind) if field.required)
    return frozenset(field.name for field in attrs.fields(kind) if field.default is attrs.NOTHING)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    names: tuple[str, ...] = ()
    if issubclass(kind, msgspec.Struct):
        names = kind.__struct_fields__
    elif attrs.has(kind):
        names = tuple(field.name for field in attrs.fields(kind))
    return tuple(name for name in names if name != "raw")


@cache
def _types(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in _names(kind)}
