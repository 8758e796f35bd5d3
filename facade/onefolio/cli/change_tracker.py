"""Find the changes between two snapshots of the same table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from attrs import define, field

from .._models.records import Failure
from .._snapshots.snapshot import Snapshot
from .output import TABLE_COLUMNS, Table, build_table
from .tables import TableSpec

_KEY_FIELDS: dict[Table, tuple[str, ...]] = {
    Table.ACCOUNTS: ("connection", "id"),
    Table.BALANCES: ("connection", "account_id", "asset", "network", "country"),
    Table.POSITIONS: ("connection", "account_id", "symbol", "instrument_id"),
}
"""The fields that identify a row in different snapshots."""

_Key: TypeAlias = tuple[Any, ...]


class Change(NamedTuple):
    """The change of a row since the previous snapshot.

    Attributes:
        mark: `+` for a new row, `~` for a changed one, `-` for one that is gone, otherwise empty.
        row: the current row, or the previous one if it is gone.
        fields: the changed fields.
    """

    mark: str
    row: Any
    fields: frozenset[str] = frozenset()


@define(eq=False)
class ChangeTracker:
    """The changes between two refreshes of a table.

    Rows that a snapshot failed to read are neither gone nor new later; they are compared with their last known values.
    """

    table: Table
    _rows: dict[_Key, Any] = field(factory=dict)
    _previous_time: datetime | None = None

    def build_table(self, snapshot: Snapshot) -> TableSpec:
        """Build the table of a snapshot with a first column that marks changes, and remember the snapshot."""
        changes = list(self.iter_changes(getattr(snapshot, self.table), snapshot.failures))
        spec = build_table([change.row for change in changes], self.table, snapshot.failures)
        previous = self._previous_time
        legend = "" if previous is None else f"; + new, ~ changed, - gone since {previous:%H:%M:%S} UTC"
        self._previous_time = snapshot.taken_at
        return spec._replace(
            title=spec.title + legend,
            columns=("", *spec.columns),
            rows=[[change.mark, *row] for change, row in zip(changes, spec.rows, strict=True)],
            highlights={index: {"", *change.fields} for index, change in enumerate(changes) if change.mark},
        )

    def iter_changes(self, rows: Sequence[Any], failures: Sequence[Failure]) -> Iterator[Change]:
        """Yield the current rows, then the rows that are gone."""
        previous, self._rows = self._rows, self._index_rows(rows)
        for key, row in self._rows.items():
            before = previous.pop(key, None)
            if before is None:
                yield Change("+" if self._previous_time else "", row)
            else:
                fields = (name for name in TABLE_COLUMNS[self.table] if getattr(before, name) != getattr(row, name))
                changed = frozenset(fields)
                yield Change("~" if changed else "", row, changed)
        unread = {(failure.connection, failure.account_id) for failure in failures}
        for key, row in previous.items():
            if not unread.isdisjoint({(row.connection, None), (row.connection, getattr(row, "account_id", None))}):
                self._rows[key] = row
            else:
                yield Change("-", row)

    def _index_rows(self, rows: Iterable[Any]) -> dict[_Key, Any]:
        """Index rows by key; number duplicates."""
        counts: Counter[_Key] = Counter()
        indexed = {}
        for row in rows:
            key = tuple(getattr(row, name) for name in _KEY_FIELDS[self.table])
            counts[key] += 1
            indexed[*key, counts[key]] = row
        return indexed
