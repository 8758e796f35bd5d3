"""Everything that a folio could read at one time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import define, setters

from .._models.records import Account, Balance, Failure, Position

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

    from .._tables.frames import Frames


@define(kw_only=True, on_setattr=setters.frozen, eq=False)
class Snapshot:
    """Everything that a folio could read at one time.

    Attributes:
        accounts: of all connections, in the folio's order.
        balances: in the order of the accounts.
        positions: in the order of the accounts.
        failures: what could not be read, a line each.
        taken_at: when reading began, aware, UTC.
    """

    accounts: list[Account]
    balances: list[Balance]
    positions: list[Position]
    failures: list[Failure]
    taken_at: datetime

    @property
    def complete(self) -> bool:
        """Whether everything was read."""
        return not self.failures

    def to_arrow(self, *, full: bool = False) -> Frames[pyarrow.Table]:
        """Return the four tables as Arrow tables (`pip install "onefolio[arrow]"`).

        The columns are the models' fields, after `taken_at`. Figures are decimal128(38, 18), dates date32, `taken_at` a
        timestamp in UTC, `restrictions` a list of texts, an option's fields four columns (`option_expiry`), and enums
        their names. A failure's error is told in `error` (its type), `status_code`, `code`, `request_id` and `message`.

        Args:
            full: as stores keep it: beside each figure its exact text (`quantity_text`), with the digits that the
                provider sent, and in `raw` the provider's whole row as JSON.

        Raises:
            TableError: a figure has more digits than the type; the message names it.
            ConfigurationError: pyarrow is not installed.
        """
        from .._tables.frames import to_arrow

        return to_arrow(self, full=full)

    def to_pandas(self, *, full: bool = False) -> Frames[pandas.DataFrame]:
        """Return the same as pandas data frames whose types are Arrow's (`pip install "onefolio[pandas]"`).

        Raises:
            TableError, ConfigurationError: as `to_arrow` does.
        """
        from .._tables.frames import to_pandas

        return to_pandas(self, full=full)

    def to_polars(self, *, full: bool = False) -> Frames[polars.DataFrame]:
        """Return the same as polars data frames (`pip install "onefolio[polars]"`).

        Raises:
            TableError, ConfigurationError: as `to_arrow` does.
        """
        from .._tables.frames import to_polars

        return to_polars(self, full=full)

    def write(self, where: str | Path) -> None:
        """Keep the snapshot, beside those that are there; one taken at the same time is replaced.

        Args:
            where: as `open_store` takes it: a folder for Parquet, a `.duckdb` file, or a `postgresql://` address.

        Raises:
            StoreError: it cannot be written; what was there before is as it was.
            TableError: a figure has more digits than a table can hold.
            ConfigurationError: a package is not installed (`onefolio[store]`, `onefolio[postgres]`).
        """
        from ..stores.opening import open_store

        open_store(where).write(self)
