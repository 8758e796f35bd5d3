"""Base class of the unified records."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec

from .fields import field_names_of
from .pydantic_schema import PydanticSchema


class Record(PydanticSchema, msgspec.Struct, frozen=True, eq=False):
    """An immutable, hashable record. `raw`, the provider's own model, is not part of equality, hash and repr."""

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        compared = _compared(type(self))
        return bool(compared(self) == compared(other))

    def __hash__(self) -> int:
        return hash(_compared(type(self))(self))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in field_names_of(type(self)))
        return f"{type(self).__name__}({fields})"


@cache
def _compared(kind: type[Record]) -> Callable[[Any], Any]:
    return attrgetter(*field_names_of(kind))
