"""Base class of the unified records."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec


class Record(msgspec.Struct, frozen=True, eq=False):
    """An immutable, hashable record. `raw`, the provider's own model, is not part of equality, hash and repr."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        compared = _compared(type(self))
        return bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        return hash(_compared(type(self))(self))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in field_names(type(self)))
        return f"{type(self).__name__}({fields})"


@cache
def field_names(kind: type[Record]) -> tuple[str, ...]:
    """Return the field names of a record in order, without `raw`."""
    return tuple(name for name in kind.__struct_fields__ if name != "raw")


@cache
def _compared(kind: type[Record]) -> Callable[[Any], Any]:
    return attrgetter(*field_names(kind))
