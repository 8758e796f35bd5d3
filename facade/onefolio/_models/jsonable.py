"""Unified models as JSON values: the form of every output and every golden vector."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from onefolio_runtime import decimal_text


def to_jsonable(value: Any) -> Any:
    """Return a model, a list of models or a value of one in JSON's types: what `json.dumps` takes.

    Field names are the models'; `raw` is left out. A decimal is a text in plain notation, a date and a time
    are ISO 8601, an enum is its name, a set is a sorted list, an error is its text.
    """
    kind: Any = type(value)
    if value is None or kind is str:
        return value
    if kind is Decimal:
        return decimal_text(value)
    if names := _names(kind):
        return {name: to_jsonable(getattr(value, name)) for name in names}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(map(to_jsonable, value))
    if isinstance(value, Mapping):
        return {name: to_jsonable(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_jsonable(item) for item in value]
    if isinstance(value, BaseException):
        return {"type": type(value).__name__, "message": str(value)}
    return str(value) if isinstance(value, str) else value


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a model's fields, in their order, but for `raw`; nothing for what is no model."""
    return tuple(field.name for field in attrs.fields(kind) if field.name != "raw") if attrs.has(kind) else ()
