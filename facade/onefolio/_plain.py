"""Unified models as plain JSON values, the form that every output and every golden vector has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs

from onefolio_runtime import decimal_text


def counted(number: int, what: str) -> str:
    """Return a number and what it counts, in the plural but for one."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def plain(value: Any) -> Any:
    """Return a model, or a value of one, in JSON's types.

    Field names are the models'; `raw` is left out. A decimal is a text in plain notation, a date and a time
    are ISO 8601, an enum is its name, a set is a sorted list, an error is its text.
    """
    if attrs.has(type(value)):
        names = (field.name for field in attrs.fields(type(value)) if field.name != "raw")
        return {name: plain(getattr(value, name)) for name in names}
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(map(plain, value))
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, BaseException):
        return {"type": type(value).__name__, "message": str(value)}
    return str(value) if isinstance(value, str) else value
