"""A DuckDB file, open, with the few methods of an ADBC connection that a store uses.

DuckDB's ADBC driver opens a file a second time where this process has it open, as a notebook or another thread may:
what one of them writes is lost, or the file is ruined. DuckDB's own package gives all of a process the same database.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_TURN = threading.Lock()
"""Held while a store has a file open: in one process it is open for reading only, or for writing, and not for both."""


@contextmanager
def connect(path: Path, *, write: bool) -> Iterator[DuckDB]:
    """Have a file open, in a transaction; who reads shares it with other programs that read."""
    with _TURN, _opened(path, write=write) as connection:
        connection.begin()
        yield DuckDB(connection)


def _opened(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    import duckdb

    if not write:
        try:
            return duckdb.connect(path, read_only=True)
        except duckdb.ConnectionException:
            pass  # this process has it open for writing, and shares that
    return duckdb.connect(path)


class DuckDB:
    """A connection that is its own cursor: DuckDB's cursors are connections, each with a transaction of its own."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._found: Any = None

    def cursor(self) -> AbstractContextManager[DuckDB]:
        """Return what executes statements."""
        return nullcontext(self)

    def execute(self, query: str, values: Sequence[object] | None = None) -> None:
        """Execute a statement."""
        self._found = self._connection.sql(query, params=values)

    def fetch_arrow_table(self) -> pa.Table:
        """Return what the last statement found."""
        found: pa.Table = self._found.to_arrow_table()
        return found

    def adbc_ingest(self, name: str, table: pa.Table, *, db_schema_name: str, **_: object) -> None:
        """Add rows to a table that has their columns in their order."""
        self._connection.from_arrow(table).insert_into(f"{db_schema_name}.{name}")

    def commit(self) -> None:
        """Keep what was done."""
        self._connection.commit()
