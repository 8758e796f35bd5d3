"""Convert models to JSON values, the form of all JSON output and of the golden vectors."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from onefolio_runtime import Model, decimal_text

from .fields import field_names_of


def to_jsonable(value: Any) -> Any:
    """Convert a model, a field value, or a collection of these to values that `json.dumps` accepts.

    A model becomes an object with its field names, without `raw`. `raw` itself becomes the object that the provider
    sent. A Decimal becomes a string in plain notation, a date or time a string in ISO 8601, an enum its value, a set a
    sorted array, a named tuple an object, and an error an object with its type and message.

    As `enc_hook` of an encoder of msgspec, which includes `raw`, this function converts the types that msgspec does not
    know.
    """
    kind: Any = type(value)
    if value is None or kind is str:
        return value
    if kind is Decimal:
        return decimal_text(value)
    if names := field_names_of(kind):
        return {name: to_jsonable(getattr(value, name)) for name in names}
    if isinstance(value, Model):
        return to_jsonable(value.to_dict())
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(map(to_jsonable, value))
    if isinstance(value, Mapping):
        return {name: to_jsonable(item) for name, item in value.items()}
    if isinstance(value, tuple) and (members := getattr(value, "_fields", None)):
        return {name: to_jsonable(getattr(value, name)) for name in members}
    if isinstance(value, (list, tuple)):
        return [to_jsonable(item) for item in value]
    if isinstance(value, BaseException):
        return {"type": type(value).__name__, "message": str(value)}
    return str(value) if isinstance(value, str) else value
