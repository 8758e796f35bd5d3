"""A snapshot as tables: Arrow first, and pandas and polars from it. Figures stay exact decimals in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import attrs

from onefolio_runtime import decimal_text

from .._core.errors import PrecisionError
from .._core.extras import require_extra
from .._models.records import TABLES, Account, Balance, Failure, Position
from .arrow_schema import DIGITS, PLACES, FailureRow, arrow_columns, schema

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

U = TypeVar("U")

_STEP = Decimal(1).scaleb(-PLACES)

_FITTING = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


class SnapshotRows(Protocol):
    """The rows of a snapshot: all that a table or a store needs of one."""

    @property
    def accounts(self) -> Sequence[Account]:
        """Accounts of all connections."""

    @property
    def balances(self) -> Sequence[Balance]:
        """Balances of these accounts."""

    @property
    def positions(self) -> Sequence[Position]:
        """Positions of these accounts."""

    @property
    def failures(self) -> Sequence[Failure]:
        """Everything that could not be read."""

    @property
    def taken_at(self) -> datetime:
        """The time at which reading began, aware."""


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


def to_arrow(snapshot: SnapshotRows, *, full: bool) -> Frames[pa.Table]:
    """Return a snapshot's tables; `Snapshot.to_arrow` says what is in them."""
    with require_extra("arrow", "a table"):
        import pyarrow  # noqa: F401  # all functions below need it
    rows: dict[str, list[Any]] = {table: getattr(snapshot, table) for table in TABLES}
    rows["failures"] = [FailureRow.of(failure) for failure in snapshot.failures]
    return Frames(*(_table(table, rows[table], snapshot.taken_at, full=full) for table in TABLES))


def to_pandas(snapshot: SnapshotRows, *, full: bool) -> Frames[Any]:
    """Return a snapshot's tables for pandas, in Arrow's types: an object column of decimals would be slow."""
    with require_extra("pandas", "to_pandas()"):
        import pandas as pd
    return to_arrow(snapshot, full=full).each(lambda table: table.to_pandas(types_mapper=pd.ArrowDtype))


def to_polars(snapshot: SnapshotRows, *, full: bool) -> Frames[Any]:
    """Return a snapshot's tables for polars."""
    with require_extra("polars", "to_polars()"):
        import polars as pl
    return to_arrow(snapshot, full=full).each(pl.from_arrow)


def _table(table: str, rows: list[Any], taken_at: datetime, *, full: bool) -> pa.Table:
    import pyarrow as pa

    arrays: list[pa.Array[Any]] = [pa.array([taken_at] * len(rows), pa.timestamp("us", "UTC"))]
    for column in arrow_columns(table, full=full):
        values = [column.read(row) for row in rows]
        try:
            arrays.append(pa.array(values, column.type))
        except pa.ArrowInvalid:
            fitting = [_fit(value, table, column.name, row) for value, row in zip(values, rows, strict=True)]
            arrays.append(pa.array(fitting, column.type))
    return pa.Table.from_arrays(arrays, schema=schema(table, full=full))


def _fit(value: Any, table: str, column: str, row: Any) -> Any:
    """Return a figure with as many places as a table has; zeros at its end may be more.

    Raises:
        TableError: a table has no room for it.
    """
    if not isinstance(value, Decimal):
        return value
    what = " ".join(filter(None, (getattr(row, name, None) for name in ("symbol", "asset")))) or "a row"
    place = f"{table}: {column} of {what} in account {row.account_id} of {row.connection} is {decimal_text(value)}"
    if not value.is_finite():
        raise PrecisionError(f"{place}, which is no figure. Nothing was written")
    try:
        return value.quantize(_STEP, context=_FITTING)
    except (Inexact, InvalidOperation):
        raise PrecisionError(
            f"{place}, and a table has room for {DIGITS - PLACES} digits before the point and {PLACES} after it. "
            "Nothing was written; as JSON or CSV the snapshot has every digit"
        ) from None
