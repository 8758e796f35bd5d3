"""Arrow columns and types of each table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Union, get_args, get_origin

import attrs

from onefolio_runtime import decimal_text, encode

from .._models.fields import fields_of
from .._models.records import TABLES, Failure, Option

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION: Final = 1
"""Of the tables' columns, their names and meaning; it is in each table's metadata."""

VERSION_KEY: Final = b"onefolio.schema_version"

DIGITS: Final = 38

PLACES: Final = 18


@cache
def schema(table: str, *, full: bool) -> pa.Schema:
    """Return the columns of a table; see `Snapshot.to_arrow`."""
    import pyarrow as pa

    fields: list[pa.Field[Any]] = [pa.field("taken_at", pa.timestamp("us", "UTC"), nullable=False)]
    fields += [pa.field(column.name, column.type) for column in arrow_columns(table, full=full)]
    return pa.schema(fields, metadata={VERSION_KEY: str(SCHEMA_VERSION).encode()})


class Column(NamedTuple):
    """A column, and what of a row goes into it."""

    name: str
    type: pa.DataType
    read: Callable[[Any], Any]


@attrs.frozen
class FailureRow:
    """A failure as a row: what its error says in columns, the row that broke the contract as JSON."""

    provider: str
    connection: str
    operation: str
    account_id: str | None
    error: str
    status_code: int | None
    code: str | None
    request_id: str | None
    message: str
    row: str | None

    @classmethod
    def of(cls, failure: Failure) -> FailureRow:
        error = failure.error
        return cls(
            *(error.provider, failure.connection, failure.operation, failure.account_id, type(error).__name__),
            *(error.status_code, error.code, error.request_id, error.message),
            None if failure.row is None else encode(failure.row),
        )


@cache
def arrow_columns(table: str, *, full: bool) -> tuple[Column, ...]:
    model = FailureRow if table == "failures" else TABLES[table]
    columns = list(_of_fields(model, ()))
    if full:
        import pyarrow as pa

        text = pa.string()
        figures = [each for each in columns if each.type == _figure()]
        columns += [Column(f"{each.name}_text", text, _text_of(each.read)) for each in figures]
        if hasattr(model, "raw"):
            columns.append(Column("raw", text, lambda row: None if row.raw is None else row.raw.to_json()))
    return tuple(columns)


def _of_fields(model: type[Any], path: tuple[str, ...]) -> Iterator[Column]:
    for name, hint in fields_of(model).items():
        kind, way = _stated(hint), (*path, name)
        if kind is Option:
            yield from _of_fields(Option, way)
        else:
            yield Column("_".join(way), _arrow_type(kind), _getter(way))


def _getter(path: tuple[str, ...]) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:
        for name in path:
            row = None if row is None else getattr(row, name)
        return sorted(row) if isinstance(row, frozenset) else row

    return read


def _text_of(read: Callable[[Any], Any]) -> Callable[[Any], str | None]:
    def text(row: Any) -> str | None:
        value = read(row)
        return None if value is None else decimal_text(value)

    return text


def _stated(hint: Any) -> Any:
    """Return what a field is where it is not None."""
    return next((each for each in get_args(hint) if each is not NoneType), hint) if _is_union(hint) else hint


def _is_union(hint: Any) -> bool:
    return get_origin(hint) in (Union, UnionType)


def _figure() -> pa.DataType:
    import pyarrow as pa

    return pa.decimal128(DIGITS, PLACES)


def _arrow_type(kind: Any) -> pa.DataType:
    import pyarrow as pa

    if get_origin(kind) is frozenset:
        return pa.list_(pa.string())
    known: dict[Any, pa.DataType] = {Decimal: _figure(), date: pa.date32(), int: pa.int64()}
    return known.get(kind, pa.string())
