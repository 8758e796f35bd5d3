"""The rows that an analysis adds: those of a snapshot, or any iterable of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from .._core.errors import ConfigurationError
from .._models.records import TABLES
from .._tables.frames import SnapshotRows

R = TypeVar("R")


def rows_of(source: Iterable[R] | SnapshotRows, table: str) -> list[R]:
    """Return the rows of one table.

    Args:
        source: a snapshot, or the rows.
        table: the name of the table, such as `"balances"`.

    Raises:
        ConfigurationError: the source is neither, or has an object that is not a row of this table.
    """
    kind = TABLES[table]
    rows = getattr(source, table, None) if hasattr(source, "taken_at") else source
    if not isinstance(rows, Iterable):
        raise ConfigurationError(_explain(table, kind, source))
    found = list(rows)
    for row in found:
        if not isinstance(row, kind):
            raise ConfigurationError(_explain(table, kind, row))
    return found


def _explain(table: str, kind: type[object], value: object) -> str:
    return (
        f"expected {table}, not an object of type {type(value).__name__}. "
        f"Pass a snapshot, its {table}, or another list of {kind.__name__} objects"
    )
