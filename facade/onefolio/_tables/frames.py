"""Convert a snapshot to Arrow tables, and these to pandas and polars.

Figures are exact decimals in all three. A figure with more digits than a decimal column of Arrow or polars can hold is
null there, and exact in a text column. Results of a library's own arithmetic are exact only within the digits of the
column. Columns of pandas hold and compute any number of digits; see `figure_array.py`.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, Literal, Protocol, TypeAlias, TypeVar, get_args

import attrs

from onefolio_runtime import decimal_text

from .._core.errors import SHOWN_BODY, PrecisionError, StoreError
from .._core.extras import require_extra
from .._core.text import count_items, escape_surrogates
from .._models.records import TABLES, Account, Balance, Failure, Position
from .arrow_schema import DIGITS, PLACES, ArrowColumn, FailureRow, arrow_columns, schema, text_columns
from .row_description import describe_row
from .text_only import TextOnlyFigure, find_text_only, log_text_only, mark_text_only

if TYPE_CHECKING:
    import pyarrow as pa

T = TypeVar("T")

U = TypeVar("U")

PandasFigures: TypeAlias = Literal["exact", "float", "object", "arrow"]
"""The types that figures can have in pandas; see `Snapshot.to_pandas`."""

_STEP = Decimal(1).scaleb(-PLACES)

_EXACT = Context(prec=DIGITS, traps=[Inexact, InvalidOperation])


class SnapshotRows(Protocol):
    """The part of a snapshot that tables and stores need."""

    @property
    @abstractmethod
    def accounts(self) -> Sequence[Account]:
        """The accounts of all connections."""

    @property
    @abstractmethod
    def balances(self) -> Sequence[Balance]:
        """The balances of these accounts."""

    @property
    @abstractmethod
    def positions(self) -> Sequence[Position]:
        """The positions of these accounts."""

    @property
    @abstractmethod
    def failures(self) -> Sequence[Failure]:
        """The listings and rows that could not be read."""

    @property
    @abstractmethod
    def taken_at(self) -> datetime:
        """The time at which reading began, with a time zone."""


@attrs.frozen
class Frames(Mapping[str, T], Generic[T]):
    """The four tables of a snapshot, as attributes and as a mapping by name. `T` is the type of a table.

    Attributes:
        accounts: one row per account.
        balances: one row per balance.
        positions: one row per position.
        failures: one row per failure.
        text_only: the figures with more digits than decimal128(38, 18) can hold. They are null in columns of this type,
            and exact in columns such as `quantity_text`. They are also logged as warnings of the logger
            `onefolio.tables`. Columns of pandas hold them, unless their type is an Arrow type.
    """

    accounts: T = attrs.field(repr=count_items)
    balances: T = attrs.field(repr=count_items)
    positions: T = attrs.field(repr=count_items)
    failures: T = attrs.field(repr=count_items)
    text_only: tuple[TextOnlyFigure, ...] = attrs.field(default=(), kw_only=True, repr=count_items)

    def __getitem__(self, table: str) -> T:
        if table not in TABLES:
            raise KeyError(table)
        value: T = getattr(self, table)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def __len__(self) -> int:
        return len(TABLES)

    def each(self, make: Callable[[T], U]) -> Frames[U]:
        """Apply a function to each table and return the results."""
        return Frames(*(make(table) for table in self.values()), text_only=self.text_only)


def list_text_only(tables: Iterable[pa.Table]) -> Frames[pa.Table]:
    """Return tables in the order of `TABLES`, with a list of their text-only figures, which are also logged.

    The metadata of each table states the number of its text-only figures.
    """
    marked = Frames(*map(mark_text_only, tables))
    figures = tuple(each for name, table in marked.items() for each in find_text_only(name, table))
    log_text_only(figures)
    return attrs.evolve(marked, text_only=figures)


def to_arrow(snapshot: SnapshotRows, *, full: bool) -> Frames[pa.Table]:
    """Convert a snapshot to Arrow tables; see `Snapshot.to_arrow`.

    Raises:
        PrecisionError: A figure is not a finite number.
        StoreError: A string has an unpaired surrogate.
        ConfigurationError: pyarrow is not installed.
    """
    with require_extra("arrow", "an Arrow table"):
        import pyarrow  # noqa: F401  # fail before any work is done
    rows: dict[str, list[Any]] = {table: getattr(snapshot, table) for table in TABLES}
    rows["failures"] = [FailureRow.from_failure(failure) for failure in snapshot.failures]
    return list_text_only(_table(table, rows[table], snapshot.taken_at, full=full) for table in TABLES)


def to_pandas(snapshot: SnapshotRows, *, full: bool, figures: PandasFigures) -> Frames[Any]:
    """Convert a snapshot to pandas data frames; see `Snapshot.to_pandas`.

    All columns but the figures have Arrow types.

    Raises:
        ValueError: `figures` is unknown.
        PrecisionError: A figure is not a finite number.
        StoreError: A string has an unpaired surrogate.
        ConfigurationError: pyarrow or pandas is not installed.
    """
    if figures not in get_args(PandasFigures):
        raise ValueError(f"figures={figures!r} is unknown. Pass one of {', '.join(map(repr, get_args(PandasFigures)))}")
    with require_extra("pandas", "to_pandas()"):
        import pandas as pd
        from pyarrow.types import is_decimal
    tables = to_arrow(snapshot, full=full)
    frames = tables.each(lambda table: table.to_pandas(types_mapper=pd.ArrowDtype))
    if figures == "arrow":
        return frames
    make = _maker_of_figures(figures)
    for table in ("accounts", "balances", "positions"):
        for column in arrow_columns(table, full=False):
            if is_decimal(column.type):
                frames[table][column.name] = make([column.read(row) for row in getattr(snapshot, table)])
    return frames


def _maker_of_figures(figures: PandasFigures) -> Callable[[list[Decimal | None]], Any]:
    """Return a function that makes a pandas column of figures."""
    import numpy as np

    if figures == "float":
        return lambda values: np.array([np.nan if each is None else float(each) for each in values], dtype=float)
    if figures == "object":
        return lambda values: np.array(values, dtype=object)
    from .figure_array import FigureArray

    return FigureArray


def to_polars(snapshot: SnapshotRows, *, full: bool) -> Frames[Any]:
    """Convert a snapshot to polars data frames.

    Raises:
        PrecisionError: A figure is not a finite number.
        StoreError: A string has an unpaired surrogate.
        ConfigurationError: pyarrow or polars is not installed.
    """
    with require_extra("polars", "to_polars()"):
        import polars as pl
    return to_arrow(snapshot, full=full).each(pl.from_arrow)


def _table(table: str, rows: list[Any], taken_at: datetime, *, full: bool) -> pa.Table:
    import pyarrow as pa

    arrays: list[pa.Array[Any]] = [pa.array([taken_at] * len(rows), pa.timestamp("us", "UTC"))]
    needed: list[ArrowColumn] = []
    for column in arrow_columns(table, full=full):
        values = [column.read(row) for row in rows]
        try:
            arrays.append(pa.array(values, column.type))
        except pa.ArrowInvalid:
            # pyarrow also rejects figures whose additional places are zeros.
            rescaled = [_rescale(value, table, column.name, row) for value, row in zip(values, rows, strict=True)]
            arrays.append(pa.array(rescaled, column.type))
            if not full and rescaled.count(None) > values.count(None):
                needed.append(text_columns(table)[column.name])
        except UnicodeEncodeError:
            for value, row in zip(values, rows, strict=True):
                _check_text(value, table, column.name, row)
            raise
    result = pa.Table.from_arrays(arrays, schema=schema(table, full=full))
    for column in needed:
        result = result.append_column(column.name, pa.array(map(column.read, rows), column.type))
    return result


def _rescale(value: Any, table: str, column: str, row: Any) -> Any:
    """Return a figure with the number of places of a column; any other value unchanged.

    A figure with more digits than the column can hold becomes None.

    Raises:
        PrecisionError: The figure is not a finite number.
    """
    if not isinstance(value, Decimal):
        return value
    if not value.is_finite():
        raise PrecisionError(
            f"{table}: {column} of {describe_row(partial(_attribute, row))} is {decimal_text(value)}, which is not a "
            "finite number. Nothing was written"
        )
    try:
        return value.quantize(_STEP, context=_EXACT)
    except (Inexact, InvalidOperation):
        return None


def _check_text(value: Any, table: str, column: str, row: Any) -> None:
    """Check that a string, or each string of a list, can be encoded.

    Raises:
        StoreError: A string has half of a surrogate pair, which is not a character and has no form in UTF-8.
    """
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and escape_surrogates(text) != text:
            raise StoreError(
                f"{table}: {column} of {describe_row(partial(_attribute, row))} contains an unpaired surrogate, which "
                f"a table cannot hold: {ascii(text)[:SHOWN_BODY]}. Nothing was written. JSON output contains it"
            )


def _attribute(row: Any, name: str) -> object:
    return getattr(row, name, None)
