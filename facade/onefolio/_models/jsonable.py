"""Unified models as JSON values: the form of every output and every golden vector."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from onefolio_runtime import decimal_text

from .fields import field_names_of


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
    if names := field_names_of(kind):
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
