"""A snapshot as tables: Arrow first, and pandas and polars from it. Figures stay exact decimals in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar, Union, get_args, get_origin, get_type_hints

import attrs

from onefolio_runtime import decimal_text, encode

from ._errors import TableError
from ._extras import extra
from ._models import TABLES, Failure, Option, Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")
U = TypeVar("U")

SCHEMA_VERSION: Final = 1
"""Of the tables' columns, their names and meaning; it is in each table's metadata."""
VERSION_KEY: Final = b"onefolio.schema_version"

DIGITS: Final = 38
PLACES: Final = 18
_STEP = Decimal(1).scaleb(-PLACES)
_FITTING = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


@attrs.frozen
class Frames(Mapping[str, T], Generic[T]):
    """The four tables of a snapshot, each a `T`; by attribute or, as in a dictionary, by name.

    Attributes:
        accounts: a row an account.
        balances: a row a balance.
        positions: a row a position.
        failures: a row for everything that could not be read.
    """

    accounts: T
    balances: T
    positions: T
    failures: T

    def __getitem__(self, table: str) -> T:
        if table not in TABLES:
            raise KeyError(table)
        found: T = getattr(self, table)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    def each(self, make: Callable[[T], U]) -> Frames[U]:
        """Return what `make` makes of each table."""
        return Frames(*(make(table) for table in self.values()))


def to_arrow(snapshot: Snapshot, *, full: bool) -> Frames[pa.Table]:
    """Return a snapshot's tables; `Snapshot.to_arrow` says what is in them."""
    with extra("arrow", "a table"):
        import pyarrow  # noqa: F401  # all functions below need it
    rows: dict[str, list[Any]] = {table: getattr(snapshot, table) for table in TABLES}
    rows["failures"] = [_FailureRow.of(failure) for failure in snapshot.failures]
    return Frames(*(_table(table, rows[table], snapshot.taken_at, full=full) for table in TABLES))


def to_pandas(snapshot: Snapshot, *, full: bool) -> Frames[Any]:
    """Return a snapshot's tables for pandas, in Arrow's types: an object column of decimals would be slow."""
    with extra("pandas", "to_pandas()"):
        import pandas as pd
    return to_arrow(snapshot, full=full).each(lambda table: table.to_pandas(types_mapper=pd.ArrowDtype))


def to_polars(snapshot: Snapshot, *, full: bool) -> Frames[Any]:
    """Return a snapshot's tables for polars."""
    with extra("polars", "to_polars()"):
        import polars as pl
    return to_arrow(snapshot, full=full).each(pl.from_arrow)


@cache
def schema(table: str, *, full: bool) -> pa.Schema:
    """Return the columns of a table; see `Snapshot.to_arrow`."""
    import pyarrow as pa

    fields: list[pa.Field[Any]] = [pa.field("taken_at", pa.timestamp("us", "UTC"), nullable=False)]
    fields += [pa.field(column.name, column.type) for column in _columns(table, full=full)]
    return pa.schema(fields, metadata={VERSION_KEY: str(SCHEMA_VERSION).encode()})


class _Column(NamedTuple):
    """A column, and what of a row goes into it."""

    name: str
    type: pa.DataType
    read: Callable[[Any], Any]


@attrs.frozen
class _FailureRow:
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
    def of(cls, failure: Failure) -> _FailureRow:
        error = failure.error
        return cls(
            *(error.provider, failure.connection, failure.operation, failure.account_id, type(error).__name__),
            *(error.status_code, error.code, error.request_id, error.message),
            None if failure.row is None else encode(failure.row),
        )


@cache
def _columns(table: str, *, full: bool) -> tuple[_Column, ...]:
    model = _FailureRow if table == "failures" else TABLES[table]
    columns = list(_of_fields(model, ()))
    if full:
        import pyarrow as pa

        text = pa.string()
        figures = [each for each in columns if each.type == _figure()]
        columns += [_Column(f"{each.name}_text", text, _text_of(each.read)) for each in figures]
        if attrs.fields_dict(model).get("raw"):
            columns.append(_Column("raw", text, lambda row: None if row.raw is None else row.raw.to_json()))
    return tuple(columns)


def _of_fields(model: type[Any], path: tuple[str, ...]) -> Iterator[_Column]:
    hints = get_type_hints(model)
    for field in attrs.fields(model):
        kind, way = _stated(hints[field.name]), (*path, field.name)
        if kind is Option:
            yield from _of_fields(Option, way)
        elif field.name != "raw":
            yield _Column("_".join(way), _arrow_type(kind), _getter(way))


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


def _table(table: str, rows: list[Any], taken_at: datetime, *, full: bool) -> pa.Table:
    import pyarrow as pa

    arrays: list[pa.Array[Any]] = [pa.array([taken_at] * len(rows), pa.timestamp("us", "UTC"))]
    for column in _columns(table, full=full):
        values = [column.read(row) for row in rows]
        try:
            arrays.append(pa.array(values, column.type))
        except pa.ArrowInvalid:
            fitting = [_fitting(value, table, column.name, row) for value, row in zip(values, rows, strict=True)]
            arrays.append(pa.array(fitting, column.type))
    return pa.Table.from_arrays(arrays, schema=schema(table, full=full))


def _fitting(value: Any, table: str, column: str, row: Any) -> Any:
    """Return a figure with as many places as a table has; zeros at its end may be more.

    Raises:
        TableError: a table has no room for it.
    """
    if not isinstance(value, Decimal):
        return value
    what = " ".join(filter(None, (getattr(row, name, None) for name in ("symbol", "asset")))) or "a row"
    place = f"{table}: {column} of {what} in account {row.account_id} of {row.connection} is {decimal_text(value)}"
    if not value.is_finite():
        raise TableError(f"{place}, which is no figure. Nothing was written")
    try:
        return value.quantize(_STEP, context=_FITTING)
    except (Inexact, InvalidOperation):
        raise TableError(
            f"{place}, and a table has room for {DIGITS - PLACES} digits before the point and {PLACES} after it. "
            "Nothing was written; as JSON or CSV the snapshot has every digit"
        ) from None
