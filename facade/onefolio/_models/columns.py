"""Columns of the models, for CSV, tables and stores. The fields of an option are columns of the position."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from .fields import fields_of
from .records import Option


class Column(NamedTuple):
    """A column of a model.

    Attributes:
        path: attribute names from the model to the value, such as `("option", "expiry")`.
        type: the Python type of the value if it is not None.
    """

    path: tuple[str, ...]
    type: Any

    @property
    def is_figure(self) -> bool:
        """Whether the value is a Decimal."""
        return self.type is Decimal


def columns(model: type[Any]) -> Mapping[str, Column]:
    """Return the columns of a model by name, in the order of its fields. `raw` is not a column."""
    return {"_".join(column.path): column for column in _columns(model, ())}


def flatten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a row of `to_jsonable` to its columns.

    The values are strings, numbers or None. A list becomes a string with spaces, an object becomes JSON. A row without
    an option has no columns of an option.
    """
    result: dict[str, Any] = {}
    for name, value in row.items():
        if name == "option":
            result |= {f"option_{key}": item for key, item in (value or {}).items()}
        elif isinstance(value, list):
            result[name] = " ".join(value)
        elif isinstance(value, dict):
            result[name] = json.dumps(value)
        else:
            result[name] = value
    return result


def _columns(model: type[Any], parents: tuple[str, ...]) -> Iterator[Column]:
    for name, hint in fields_of(model).items():
        kind, path = _without_none(hint), (*parents, name)
        if kind is Option:
            yield from _columns(Option, path)
        else:
            yield Column(path, kind)


def _without_none(hint: Any) -> Any:
    """Return the first member of a union that is not None; any other type unchanged."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    return next(each for each in get_args(hint) if each is not NoneType)
