"""Interface of the stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .._core.errors import StoreError
from .._models.records import TABLES
from .._tables.arrow_schema import SCHEMA_VERSION
from .._tables.frames import Frames, SnapshotRows, list_text_only, to_arrow
from .._tables.text_only import TextOnlyFigure

if TYPE_CHECKING:
    import pyarrow as pa


class Store(ABC):
    """Snapshots in files or a database. A snapshot is identified by its `taken_at`.

    Attributes:
        name: the path or the address of the store, without a password.
    """

    name: str

    def write(self, snapshot: SnapshotRows) -> tuple[TextOnlyFigure, ...]:
        """Store a snapshot completely or not at all. A stored snapshot with the same `taken_at` is replaced.

        Args:
            snapshot: the snapshot; its `taken_at` must have a time zone.

        Returns:
            The figures with more digits than their decimal columns can hold. They are stored exactly in text columns.

        Raises:
            StoreError: The snapshot cannot be stored. The stored snapshots are unchanged.
            PrecisionError: A figure is not a finite number.
        """
        if snapshot.taken_at.tzinfo is None:
            raise StoreError(f"{self.name}: taken_at of the snapshot is {snapshot.taken_at}, without a time zone")
        try:
            taken_at = snapshot.taken_at.astimezone(UTC)
        except OverflowError:
            raise StoreError(f"{self.name}: taken_at of the snapshot, {snapshot.taken_at}, has no UTC time") from None
        tables = to_arrow(snapshot, full=True)
        self._write(tables, taken_at)
        return tables.text_only

    @abstractmethod
    def check(self) -> None:
        """Check that a snapshot could be stored. A missing folder, file or table is created.

        Raises:
            StoreError: A snapshot could not be stored.
        """

    @abstractmethod
    def times(self) -> list[datetime]:
        """Return the `taken_at` of all stored snapshots in UTC, from the oldest to the latest.

        Raises:
            StoreError: The store does not exist or cannot be read.
        """

    @abstractmethod
    def reading(self) -> AbstractContextManager[None]:
        """Keep the stored snapshots unchanged for the duration of a `with` block.

        All reads of this store inside the block, in the same thread, return one state of it. Writers to a folder wait
        for the end of the block, for at most 60 seconds, so that other libraries can read its files. A database
        isolates the connections of other libraries itself.

        Raises:
            StoreError: The store does not exist or cannot be read, or a writer did not finish within 60 seconds.
        """

    def read(self, when: datetime | str | None = None) -> Frames[pa.Table]:
        """Return a stored snapshot as the tables of `Snapshot.to_arrow(full=True)`. The order of rows is undefined.

        Args:
            when: the `taken_at` of the snapshot, or the beginning of its ISO 8601 form, such as `"2026-11-21"`, for the
                latest snapshot that matches. By default, the latest snapshot is read.

        Raises:
            StoreError: There is no such snapshot, the store cannot be read, or it has another schema version.
        """
        with self.reading():
            taken_at = self.find(when)
            return list_text_only(self._read(table, taken_at) for table in TABLES)

    def find(self, when: datetime | str | None = None) -> datetime:
        """Return the `taken_at` of the snapshot that `read` would return.

        Args:
            when: see `read`.

        Raises:
            StoreError: There is no such snapshot, or the store cannot be read.
        """
        times = self.times()
        matching = [each for each in times if _matches(each, when)]
        if matching:
            return matching[-1]
        if not times:
            raise StoreError(f"{self.name} contains no snapshot. Store one with `onefolio snapshot`")
        raise StoreError(
            f"{self.name} contains no snapshot taken at {when}. It contains {len(times)}, from {times[0].isoformat()} "
            f"to {times[-1].isoformat()}"
        )

    @abstractmethod
    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None: ...

    @abstractmethod
    def _read(self, table: str, taken_at: datetime) -> pa.Table: ...

    def _check_version(self, version: str | None, place: str) -> None:
        """Check that stored data has the schema version of this onefolio.

        Args:
            version: the schema version of the data; None if it has none.
            place: the name of the file or database, for the error.

        Raises:
            StoreError: The version is another one.
        """
        if version == str(SCHEMA_VERSION):
            return
        if version is None or not version.isdigit():
            raise StoreError(f"{place} was not written by onefolio: it has no schema version. Use another place")
        is_newer = int(version) > SCHEMA_VERSION
        remedy = (
            "install a version of onefolio that supports it" if is_newer else "store new snapshots in another place"
        )
        raise StoreError(
            f"{place} has the {'newer' if is_newer else 'older'} schema version {version}; this onefolio supports "
            f"{SCHEMA_VERSION}. Nothing was changed: {remedy}"
        )


def _matches(taken_at: datetime, when: datetime | str | None) -> bool:
    if when is None or isinstance(when, datetime):
        return when is None or when == taken_at
    return taken_at.isoformat().startswith(when.replace(" ", "T").removesuffix("Z"))
