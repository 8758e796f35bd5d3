"""Snapshots in the tables of a database, through an ADBC connection that transfers Arrow tables."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from onefolio_runtime import clear_locals

from .._core.errors import StoreError
from .._models.records import TABLES
from .._tables.arrow_schema import DIGITS, PLACES, SCHEMA_VERSION, schema
from .._tables.frames import Frames
from .base import Store

if TYPE_CHECKING:
    import pyarrow as pa

_CATALOG = "snapshots"
"""The table that lists the snapshots."""


class Database(Store):
    """A database with one table for each table of a snapshot, and `snapshots`, with one row per snapshot.

    A subclass opens the database and sets the attributes.

    Attributes:
        _errors: the base class of the driver's exceptions.
        _schema: the database schema of the tables.
        _placeholder: the SQL placeholder of a parameter.
        _advice: a hint for errors that occur when the database is opened.
    """

    _errors: type[Exception]
    _schema: str
    _placeholder: str
    _advice: str

    def __init__(self) -> None:
        self._shared = threading.local()

    @abstractmethod
    def _connect(self, *, write: bool) -> AbstractContextManager[Any]:
        """Open a connection with the interface of ADBC, in a transaction that is rolled back unless committed."""

    def _exists(self) -> bool:
        """Return whether the database exists; a missing one is not created by reading it."""
        return True

    def _isolate(self, connection: Any) -> None:
        """Let all queries of a new transaction see one state of the database."""

    def _check_text(self, tables: Frames[pa.Table]) -> None:
        """Check that the database can store all strings.

        Raises:
            StoreError: A string has a character that the database cannot store; the message names it.
        """

    def _lock_writers(self, connection: Any) -> None:
        """Wait until no other writer is active. The lock ends with the transaction."""

    def check(self) -> None:
        """Check that the database can be opened and written to. Missing tables are created."""
        with self._open(write=True) as connection:
            self._prepare(connection)
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read in one transaction for the duration of a `with` block."""
        if getattr(self._shared, "connection", None) is not None:
            yield
            return
        if not self._exists():
            raise StoreError(f"{self.name} cannot be read: the file does not exist. Check the path")
        with ExitStack() as stack:
            with self._translate_errors(write=False):
                connection = self._enter(stack, write=False)
                self._isolate(connection)
            stack.callback(setattr, self._shared, "connection", None)
            self._shared.connection = connection
            yield

    def times(self) -> list[datetime]:
        """Return the `taken_at` of all stored snapshots in UTC, from the oldest to the latest."""
        with self._reader() as connection:
            # information_schema.columns lists only tables that the user may read. A table that exists but may not be
            # read must raise, not look like a database without snapshots.
            condition = f"pg_tables WHERE schemaname = '{self._schema}' AND tablename = '{_CATALOG}'"
            if not self._is_in_catalog(connection, condition):
                return []
            self._tables(connection)
            rows = self._query(connection, f"SELECT taken_at FROM {self._schema}.{_CATALOG} ORDER BY taken_at")
            return [each.astimezone(UTC) for each in rows["taken_at"].to_pylist() if each is not None]

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        self._check_text(tables)
        with self._open(write=True) as connection:
            self._prepare(connection)
            with connection.cursor() as cursor:
                for name in (*TABLES, _CATALOG):
                    condition = f"taken_at = {self._placeholder}"
                    cursor.execute(f"DELETE FROM {self._schema}.{name} WHERE {condition}", [taken_at])
                for name, table in {**tables, _CATALOG: _catalog_row(tables, taken_at)}.items():
                    cursor.adbc_ingest(name, table, mode="append", db_schema_name=self._schema)
            connection.commit()

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        wanted = schema(table, full=True)
        # Not every database has an Arrow type for decimals of this precision; strings are the same in all of them.
        columns = [f"CAST({each.name} AS VARCHAR) AS {each.name}" if _is_figure(each) else each.name for each in wanted]
        with self._reader() as connection:
            self._check_versions(connection, taken_at)
            if not set(wanted.names) <= set(self._tables(connection).get(table, ())):
                raise self._foreign_table(table)
            query = f"SELECT {', '.join(columns)} FROM {self._schema}.{table} WHERE taken_at = {self._placeholder}"
            return self._query(connection, query, taken_at).cast(wanted)

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        """Return the connection of `reading`, so that all tables are read in one transaction.

        Raises:
            StoreError: The database cannot be opened or read.
        """
        with self._translate_errors(write=False), self.reading():
            yield self._shared.connection

    @contextmanager
    def _open(self, *, write: bool) -> Iterator[Any]:
        """Open a connection of its own.

        Raises:
            StoreError: The database cannot be opened, read or written to.
        """
        with self._translate_errors(write=write), ExitStack() as stack:
            yield self._enter(stack, write=write)

    def _enter(self, stack: ExitStack, *, write: bool) -> Any:
        """Open a connection and close it with a stack. An error has a hint for errors that occur then."""
        with self._translate_errors(write=write, advice=f" ({self._advice})"):
            return stack.enter_context(self._connect(write=write))

    @contextmanager
    def _translate_errors(self, *, write: bool, advice: str = "") -> Iterator[None]:
        """Raise a StoreError that names the database for an error of the driver or of pyarrow."""
        import pyarrow as pa

        try:
            yield
        except (self._errors, pa.ArrowException) as error:
            clear_locals(error)  # the frames of the driver hold the address with its password
            reason = " ".join(str(error).partition(" See also ")[0].split()).rstrip(".")
            action = "written" if write else "read"
            raise StoreError(f"{self.name} cannot be {action}: {reason}{advice}") from None

    def _prepare(self, connection: Any) -> None:
        """Exclude other writers and create missing tables.

        Raises:
            StoreError: The tables have another schema version or other columns.
        """
        self._lock_writers(connection)
        tables = self._tables(connection)
        if _CATALOG in tables:
            self._check_versions(connection)
        with connection.cursor() as cursor:
            if not tables and not self._is_in_catalog(connection, f"pg_namespace WHERE nspname = '{self._schema}'"):
                # IF NOT EXISTS would require the permission to create a schema even if the schema exists.
                cursor.execute(f"CREATE SCHEMA {self._schema}")
            for name, fields in _schemas().items():
                if name not in tables:
                    columns = ", ".join(f"{field.name} {_sql_type(field.type)}" for field in fields)
                    cursor.execute(f"CREATE TABLE {self._schema}.{name} ({columns})")
                elif tables[name] != fields.names:
                    raise self._foreign_table(name)

    def _check_versions(self, connection: Any, taken_at: datetime | None = None) -> None:
        """Check the schema version of one snapshot, or of all snapshots.

        Raises:
            StoreError: A version is another one than that of this onefolio.
        """
        query, place = f"SELECT DISTINCT schema_version FROM {self._schema}.{_CATALOG}", self.name
        if taken_at is not None:
            query, place = f"{query} WHERE taken_at = {self._placeholder}", f"{place}, snapshot {taken_at.isoformat()}"
        for version in self._query(connection, query, taken_at)["schema_version"].to_pylist():
            self._check_version(str(version), place)

    def _is_in_catalog(self, connection: Any, condition: str) -> bool:
        """Return whether a query of `pg_catalog`, which DuckDB has too, returns a row."""
        return bool(self._query(connection, f"SELECT 1 AS found FROM pg_catalog.{condition}").num_rows)

    def _tables(self, connection: Any) -> dict[str, list[str]]:
        """Return the column names of each table in the schema.

        Raises:
            StoreError: The table `snapshots` is not one of onefolio's.
        """
        rows = self._query(
            connection,
            "SELECT CAST(table_name AS VARCHAR) AS name, CAST(column_name AS VARCHAR) AS column_name "
            f"FROM information_schema.columns WHERE table_schema = '{self._schema}' "
            "AND table_catalog = current_database() ORDER BY ordinal_position",
        )
        tables: dict[str, list[str]] = {}
        for row in rows.to_pylist():
            tables.setdefault(row["name"], []).append(row["column_name"])
        if _CATALOG in tables and not {"taken_at", "schema_version"} <= set(tables[_CATALOG]):
            raise self._foreign_table(_CATALOG)
        return tables

    def _foreign_table(self, table: str) -> StoreError:
        return StoreError(
            f"{self.name}: the columns of the table {table} are not those of onefolio. Nothing was changed: use "
            "another place"
        )

    def _query(self, connection: Any, query: str, *values: object) -> pa.Table:
        """Return the result of a query. Values that are None are not passed as parameters."""
        with connection.cursor() as cursor:
            parameters = [value for value in values if value is not None]
            cursor.execute(query, parameters or None)
            result: pa.Table = cursor.fetch_arrow_table()
            return result


def _schemas() -> dict[str, pa.Schema]:
    """Return the Arrow schemas of all tables of a database."""
    return {**{name: schema(name, full=True) for name in TABLES}, _CATALOG: _catalog_schema()}


def _catalog_schema() -> pa.Schema:
    import pyarrow as pa

    fields = [pa.field("taken_at", pa.timestamp("us", "UTC")), pa.field("schema_version", pa.int64())]
    return pa.schema([*fields, *(pa.field(name, pa.int64()) for name in TABLES)])


def _catalog_row(tables: Frames[pa.Table], taken_at: datetime) -> pa.Table:
    """Return the row of a snapshot in the table `snapshots`: time, schema version and number of rows of each table."""
    import pyarrow as pa

    counts = {name: table.num_rows for name, table in tables.items()}
    row = {"taken_at": taken_at, "schema_version": SCHEMA_VERSION, **counts}
    return pa.Table.from_pylist([row], schema=_catalog_schema())


def _is_figure(field: pa.Field[Any]) -> bool:
    return _sql_type(field.type).startswith("DECIMAL")


def _sql_type(kind: pa.DataType) -> str:
    import pyarrow as pa

    known = {
        pa.date32(): "DATE",
        pa.int64(): "BIGINT",
        pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
        pa.list_(pa.string()): "VARCHAR[]",
        pa.decimal128(DIGITS, PLACES): f"DECIMAL({DIGITS}, {PLACES})",
    }
    return known.get(kind, "VARCHAR")
