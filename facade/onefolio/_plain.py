"""Unified models as plain JSON values, the form that every output and every golden vector has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import attrs

from onefolio_runtime import decimal_text

from ._models import Option


def counted(number: int, what: str) -> str:
    """Return a number and what it counts, in the plural but for one."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def plain(value: Any) -> Any:
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
        return {name: plain(getattr(value, name)) for name in names}
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


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a model's fields, in their order, but for `raw`; nothing for what is no model."""
    return tuple(field.name for field in attrs.fields(kind) if field.name != "raw") if attrs.has(kind) else ()


def json_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON from its names and values, as `json.loads` takes it.

    Raises:
        ValueError: a name stands twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return found


def columns(model: type[Any]) -> dict[str, bool]:
    """Return the names of a model's fields as columns, and whether each is a figure.

    An option's fields stand beside the others; `raw` is left out.
    """
    found: dict[str, bool] = {}
    for field in attrs.fields(model):
        if field.name == "option":
            found |= {f"option_{name}": is_figure for name, is_figure in columns(Option).items()}
        elif field.name != "raw":
            found[field.name] = "Decimal" in str(field.type)
    return found


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a plain row by its columns: every value is a text, or None, or a number where it counts something."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name == "option":
            found |= {f"option_{key}": item for key, item in (value or {}).items()}
        elif isinstance(value, list):
            found[name] = " ".join(value)
        elif isinstance(value, dict):
            found[name] = json.dumps(value)
        else:
            found[name] = value
    return found
