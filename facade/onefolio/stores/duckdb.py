"""Snapshots in a DuckDB file.

The file is opened with DuckDB's own package, not with its ADBC driver. If this process has the file open already, in a
notebook or another thread, the ADBC driver opens it a second time, which loses data or corrupts the file. DuckDB's
package shares one database within a process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._core.errors import ConfigurationError, StoreError
from .._core.extras import require_extra
from .._core.text import escape_surrogates
from .database import Database

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_LOCK = threading.RLock()
"""Held while a file is open, because a process cannot have a file open for reading only and for writing at once."""


class DuckDBFile(Database):
    """A DuckDB file.

    Args:
        path: the path of the file, which is created when a snapshot is stored.

    Raises:
        ConfigurationError: DuckDB or pyarrow is not installed, or DuckDB cannot open the path.
    """

    _schema = "main"
    _placeholder = "?"
    _advice = "only one process at a time can write to a DuckDB file; close it in other programs"

    def __init__(self, path: Path) -> None:
        with require_extra("store", "a DuckDB file"):
            import duckdb
            import pyarrow  # noqa: F401  # fail before any work is done
        super().__init__()
        self.name = str(path)
        self._errors = duckdb.Error
        self._path = path
        if escape_surrogates(self.name) != self.name:
            raise ConfigurationError(
                f"the path of the database contains invalid characters: {self.name!r}. Use another path"
            )

    def _exists(self) -> bool:
        try:
            self._path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return False
        except OSError:
            pass  # DuckDB reports it
        return True

    @contextmanager
    def _connect(self, *, write: bool) -> Iterator[_Connection]:
        # Opening a named pipe would wait for another program.
        if os.path.exists(self._path) and not os.path.isfile(self._path):
            raise StoreError(f"{self.name} cannot be opened: it is not a regular file. Use another path")
        with _LOCK, _open(self._path, write=write) as connection:
            connection.begin()
            yield _Connection(connection)


def _open(path: Path, *, write: bool) -> duckdb.DuckDBPyConnection:
    """Open a file. Programs that only read can share it."""
    import duckdb

    if not write:
        try:
            return duckdb.connect(path, read_only=True)
        except duckdb.ConnectionException:
            pass  # this process has the file open for writing, which can be shared as well
    return duckdb.connect(path)


class _Connection:
    """The methods of an ADBC connection and cursor that `Database` needs.

    The connection is its own cursor, because a cursor of DuckDB is a connection with a transaction of its own.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._result: Any = None

    def cursor(self) -> AbstractContextManager[_Connection]:
        """Return the object that executes statements."""
        return nullcontext(self)

    def execute(self, query: str, values: Sequence[object] | None = None) -> None:
        """Execute a statement with parameters."""
        self._result = self._connection.sql(query, params=values)

    def fetch_arrow_table(self) -> pa.Table:
        """Return the result of the last statement."""
        result: pa.Table = self._result.to_arrow_table()
        return result

    def adbc_ingest(self, name: str, table: pa.Table, *, db_schema_name: str, **_: object) -> None:
        """Append rows to a table with the same columns in the same order."""
        self._connection.from_arrow(table).insert_into(f"{db_schema_name}.{name}")

    def commit(self) -> None:
        """Commit the transaction."""
        self._connection.commit()
