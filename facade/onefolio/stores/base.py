"""Interface of the snapshot stores."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .._core.errors import StoreError
from .._models.records import TABLES
from .._tables.arrow_schema import SCHEMA_VERSION
from .._tables.frames import Frames, SnapshotRows, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa


class Store(ABC):
    """Snapshots on disk or in a database; each is known by its `taken_at`."""

    name: str
    """What it is called in messages."""

    def write(self, snapshot: SnapshotRows) -> None:
        """Keep a snapshot, all of it or nothing; one that was taken at the same time is replaced.

        Raises:
            StoreError: it cannot be written; what was there before is as it was.
            TableError: a figure has more digits than a table can hold.
        """
        if snapshot.taken_at.tzinfo is None:
            raise StoreError(f"{self.name}: the snapshot's taken_at, {snapshot.taken_at}, has no time zone")
        self._write(to_arrow(snapshot, full=True), snapshot.taken_at.astimezone(UTC))

    @abstractmethod
    def check(self) -> None:
        """See whether a snapshot could be written, before one is taken.

        Raises:
            StoreError: it could not.
        """

    @abstractmethod
    def times(self) -> list[datetime]:
        """Return when the snapshots that are here were taken, in UTC, the oldest first.

        Raises:
            StoreError: there is no store, or it cannot be read.
        """

    def read(self, when: datetime | str | None = None) -> Frames[pa.Table]:
        """Return the tables of one snapshot, as `Snapshot.to_arrow(full=True)` gives them, sorted by nothing.

        Args:
            when: its `taken_at`, or the beginning of it as text (`"2026-11-21"`); the latest that fits.

        Raises:
            StoreError: there is none, it cannot be read, or it has another schema version than this onefolio.
        """
        taken_at = self.find(when)
        return Frames(*(self._read(table, taken_at) for table in TABLES))

    def find(self, when: datetime | str | None = None) -> datetime:
        """Return when the snapshot that `read` would read was taken.

        Raises:
            StoreError: there is none.
        """
        times = self.times()
        fitting = [each for each in times if _fits(each, when)]
        if fitting:
            return fitting[-1]
        if not times:
            raise StoreError(f"{self.name}: there is no snapshot here; `onefolio snapshot` can write one")
        raise StoreError(
            f"{self.name}: no snapshot was taken at {when}; there are {len(times)}, of {times[0].isoformat()} "
            f"to {times[-1].isoformat()}"
        )

    @abstractmethod
    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None: ...

    @abstractmethod
    def _read(self, table: str, taken_at: datetime) -> pa.Table: ...

    def _check_version(self, found: str | None, place: str) -> None:
        """Refuse what was written with another schema.

        Raises:
            StoreError: it was.
        """
        if found == str(SCHEMA_VERSION):
            return
        if found is None or not found.isdigit():
            raise StoreError(f"{place} was not written by onefolio: it has no schema version. Take another place")
        newer = int(found) > SCHEMA_VERSION
        todo = "install the onefolio that wrote it, or a newer one" if newer else "write new snapshots to another place"
        raise StoreError(
            f"{place} has the {'newer' if newer else 'older'} schema version {found}; this onefolio has "
            f"{SCHEMA_VERSION}. Nothing was changed: {todo}"
        )


def _fits(taken_at: datetime, when: datetime | str | None) -> bool:
    if when is None or isinstance(when, datetime):
        return when is None or when == taken_at
    return taken_at.isoformat().startswith(when.replace(" ", "T").removesuffix("Z"))
