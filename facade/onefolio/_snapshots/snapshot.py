"""Everything that a folio could read at one time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from onefolio_runtime import hide_arguments

from .._core.text import count_items
from .._models.pydantic_schema import PydanticSchema
from .._models.records import Account, Balance, Failure, Position

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from .._tables.frames import Frames, PandasFigures
    from .._tables.text_only import TextOnlyFigure


@frozen(kw_only=True, eq=False)
class Snapshot(PydanticSchema):
    """Everything that a folio could read at one time.

    Attributes:
        accounts: accounts of all connections, in the folio's order.
        balances: balances in the order of the accounts.
        positions: positions in the order of the accounts.
        failures: one entry for each resource or row that could not be read.
        taken_at: the time at which reading began, aware, UTC.
    """

    accounts: list[Account] = field(repr=count_items)
    balances: list[Balance] = field(repr=count_items)
    positions: list[Position] = field(repr=count_items)
    failures: list[Failure] = field(repr=count_items)
    taken_at: datetime

    @property
    def complete(self) -> bool:
        """True if everything was read."""
        return not self.failures

    def to_arrow(self, *, full: bool = False) -> Frames[pyarrow.Table]:
        """Return the four tables as Arrow tables (`pip install "onefolio[arrow]"`).

        The columns are `taken_at` and the fields of the models. Figures are decimal128(38, 18), dates date32,
        `taken_at` is a timestamp in UTC, `restrictions` a list of strings, an option's fields are four columns
        (`option_expiry`), and enums are their names. A failure's error has the columns `error` (its type),
        `status_code`, `code`, `request_id` and `message`.

        A figure with more digits than the type is null in its column, exact in a text column (`quantity_text`), and
        listed in `Frames.text_only`. Without `full`, a table has such a text column only if one of its figures is
        null for this reason.

        Args:
            full: add the columns of stores: the exact text of each figure (`quantity_text`), with the digits that the
                provider sent, and the provider's whole row as JSON (`raw`).

        Raises:
            PrecisionError: a figure is not a finite number; the message names it.
            StoreError: a string has an unpaired surrogate; the message names it.
            ConfigurationError: pyarrow is not installed.
        """
        from .._tables.frames import to_arrow

        return to_arrow(self, full=full)

    def to_pandas(self, *, full: bool = False, figures: PandasFigures = "exact") -> Frames[pandas.DataFrame]:
        """Return the tables as pandas data frames (`pip install "onefolio[pandas]"`).

        Args:
            full: see `to_arrow`.
            figures: the type of the figures; all other columns have Arrow types.

                - `"exact"`: exact decimals of any length, in columns of the type `figure`, which compute. Sums,
                  differences and products are exact. Quotients, means and standard deviations are exact up to 120
                  digits, and rounded to 38 significant digits otherwise. Operations with floats return floats.
                - `"float"`: the nearest floats, for libraries that need them. Nothing is exact.
                - `"object"`: Python's `Decimal` objects. Each is exact; pandas rounds sums and products to the 28
                  digits of `decimal.getcontext()`, calculates means with floats, and leaves figures out of
                  `describe()`.
                - `"arrow"`: decimal128(38, 18), as in `to_arrow`. pandas refuses most operations of two columns.

                A figure in `Frames.text_only` is null in its column only with `"arrow"`.

        Raises:
            ValueError: `figures` is unknown.
            PrecisionError: a figure is not a finite number; the message names it.
            StoreError: a string has an unpaired surrogate; the message names it.
            ConfigurationError: pandas or pyarrow is not installed.
        """
        from .._tables.frames import to_pandas

        return to_pandas(self, full=full, figures=figures)

    def to_polars(self, *, full: bool = False) -> Frames[polars.DataFrame]:
        """Return the tables as polars data frames (`pip install "onefolio[polars]"`).

        Args:
            full: see `to_arrow`.

        Raises:
            PrecisionError: a figure is not a finite number; the message names it.
            StoreError: a string has an unpaired surrogate; the message names it.
            ConfigurationError: polars or pyarrow is not installed.
        """
        from .._tables.frames import to_polars

        return to_polars(self, full=full)

    @hide_arguments
    def write(self, where: str | Path) -> tuple[TextOnlyFigure, ...]:
        """Write the snapshot to a store. A snapshot with the same `taken_at` is replaced, all others are kept.

        Args:
            where: a folder for Parquet files, a `.duckdb` file, or a `postgresql://` address; see `open_store`.

        Returns:
            The figures with more digits than their decimal columns can hold. They are stored exactly in text columns.

        Raises:
            StoreError: the snapshot cannot be written; the store is unchanged.
            PrecisionError: a figure is not a finite number.
            ConfigurationError: a package is not installed (`onefolio[store]`, `onefolio[postgres]`).
        """
        from ..stores.opening import open_store

        return open_store(where).write(self)
