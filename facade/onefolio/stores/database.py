"""Snapshots in a database, by ADBC's interface: Arrow tables go in and come out as they are, whatever the database.

SQLAlchemy has no maintained dialect for DuckDB and sends rows; dlt would bring a pipeline and tables of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._core.errors import ConfigurationError, StoreError
from .._core.extras import require_extra
from .._models.records import TABLES
from .._tables.arrow_schema import DIGITS, PLACES, SCHEMA_VERSION, schema
from .._tables.frames import Frames
from .base import Store

if TYPE_CHECKING:
    import pyarrow as pa

_LIST = "snapshots"

_CHARACTER = r"(?:[^\s%/?#@:,&=\[\]]|%[0-9A-Fa-f]{2})"

_HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|{_CHARACTER}*)(?::[0-9]*)?"

_VALUE = rf"(?:{_CHARACTER}|[/:,])*"

_ADDRESS = re.compile(
    rf"postgres(?:ql)?://(?:{_CHARACTER}*(?::(?:{_CHARACTER}|[:,&=])*)?@)?{_HOST}(?:,{_HOST})*"
    rf"(?:/{_CHARACTER}*)?(?:\?{_CHARACTER}+={_VALUE}(?:&{_CHARACTER}+={_VALUE})*)?"
)
"""What libpq reads in one way only; where it reads something else than was meant, its errors quote the password."""

_ONE_WRITER = "SELECT 1 AS turn FROM pg_advisory_xact_lock(hashtext('onefolio.snapshots'))"
"""Waits for the transaction of another writer: of two that do not see each other's rows, neither could replace them."""


class Database(Store):
    """The tables of all snapshots in one database, and `snapshots`, which lists them.

    Args:
        name: what it is called in messages, without a password.
        connect: opens it, to write or only to read, as a connection of ADBC's kind.
        errors: what it raises.
        schema: the database's schema that the tables are in; made when something is written.
        place: what stands for a value in its SQL.
        advice: what to look at where it cannot be opened.
        turn: the query that waits until no other program writes; None where only one at a time can open it.
        exists: whether there is anything to read.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[bool], AbstractContextManager[Any]],
        *,
        errors: type[Exception],
        schema: str,
        place: str,
        advice: str,
        turn: str | None = None,
        exists: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self._connect = connect
        self._errors = errors
        self._turn = turn
        self._schema = schema
        self._place = place
        self._advice = advice
        self._exists = exists

    @classmethod
    def duckdb(cls, path: Path) -> Database:
        """Return the store in a DuckDB file.

        Raises:
            ConfigurationError: a package is not installed.
        """
        with require_extra("store", "a DuckDB file"):
            import duckdb
            import pyarrow  # noqa: F401  # only whether it is there
        from .duckdb import connect

        return cls(
            str(path),
            lambda write: connect(path, write=write),
            errors=duckdb.Error,
            schema="main",
            place="?",
            advice="if another program has it open: one process at a time can write a DuckDB file",
            exists=path.exists,
        )

    @classmethod
    def postgres(cls, address: str) -> Database:
        """Return the store in a PostgreSQL database.

        Raises:
            ConfigurationError: a package is not installed, or the address is malformed.
        """
        if not _ADDRESS.fullmatch(address):
            raise ConfigurationError(
                "the address of the database is not of the form postgresql://user:password@host:port/database?option=… "
                "(it is not shown here: it may hold a password). Signs such as / ? # @ % and blanks in a user or a "
                "password are written as %2F %3F %23 %40 %25 %20"
            )
        with require_extra("postgres", "PostgreSQL"):
            import adbc_driver_postgresql.dbapi as driver  # type: ignore[import-untyped]  # it has no types
            import pyarrow  # noqa: F401  # only whether it is there
        parts = urlsplit(address)
        return cls(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}",
            lambda _: driver.connect(address),
            errors=driver.Error,
            schema="onefolio",
            place="$1",
            advice="look at the address, and at what its user may do",
            turn=_ONE_WRITER,
        )

    def check(self) -> None:
        """See whether it can be opened and written to; the tables are made, if need be."""
        with self._open("written") as connection:
            self._prepare(connection)
            connection.commit()

    def times(self) -> list[datetime]:
        """Return the times of the snapshots here."""
        if not self._exists():
            raise StoreError(f"{self.name} cannot be read: there is no such file. Is the path right?")
        with self._open("read") as connection:
            # Not by its columns: those are not shown to who may not read the table, and there are snapshots.
            if not self._has(connection, f"pg_tables WHERE schemaname = '{self._schema}' AND tablename = '{_LIST}'"):
                return []
            self._tables(connection)
            found = self._ask(connection, f"SELECT taken_at FROM {self._schema}.{_LIST} ORDER BY taken_at")
            return [each.astimezone(UTC) for each in found["taken_at"].to_pylist() if each is not None]

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        with self._open("written") as connection:
            self._prepare(connection)
            with connection.cursor() as cursor:
                for name in (*TABLES, _LIST):
                    cursor.execute(f"DELETE FROM {self._schema}.{name} WHERE taken_at = {self._place}", [taken_at])
                for name, table in {**tables, _LIST: _listed(tables, taken_at)}.items():
                    cursor.adbc_ingest(name, table, mode="append", db_schema_name=self._schema)
            connection.commit()

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        wanted = schema(table, full=True)
        # As text a figure is the same from every database; some have no Arrow type for it.
        columns = [f"CAST({each.name} AS VARCHAR) AS {each.name}" if _is_figure(each) else each.name for each in wanted]
        with self._open("read") as connection:
            self._check_versions(connection, taken_at)
            if not set(wanted.names) <= set(self._tables(connection).get(table, ())):
                raise self._not_ours(table)
            query = f"SELECT {', '.join(columns)} FROM {self._schema}.{table} WHERE taken_at = {self._place}"
            return self._ask(connection, query, taken_at).cast(wanted)

    def _prepare(self, connection: Any) -> None:
        """Be the only one who writes, and have the tables, with nothing of another schema version in them."""
        if self._turn is not None:
            self._ask(connection, self._turn)
        there = self._tables(connection)
        if _LIST in there:
            self._check_versions(connection)
        with connection.cursor() as cursor:
            if not there and not self._has(connection, f"pg_namespace WHERE nspname = '{self._schema}'"):
                # "IF NOT EXISTS" takes the right to create one even where it is there.
                cursor.execute(f"CREATE SCHEMA {self._schema}")
            for name, fields in _schemas().items():
                if name not in there:
                    columns = ", ".join(f"{field.name} {_sql_type(field.type)}" for field in fields)
                    cursor.execute(f"CREATE TABLE {self._schema}.{name} ({columns})")
                elif there[name] != fields.names:
                    raise self._not_ours(name)

    def _check_versions(self, connection: Any, taken_at: datetime | None = None) -> None:
        query, place = f"SELECT DISTINCT schema_version FROM {self._schema}.{_LIST}", self.name
        if taken_at is not None:
            query, place = f"{query} WHERE taken_at = {self._place}", f"{self.name}, snapshot {taken_at.isoformat()}"
        for version in self._ask(connection, query, taken_at)["schema_version"].to_pylist():
            self._check_version(str(version), place)

    def _has(self, connection: Any, what: str) -> bool:
        """Tell whether there is something in the catalogue that DuckDB has from PostgreSQL."""
        return bool(self._ask(connection, f"SELECT 1 AS found FROM pg_catalog.{what}").num_rows)

    def _not_ours(self, table: str) -> StoreError:
        return StoreError(
            f"{self.name} has a table {table} that is not onefolio's: its columns are others. Nothing was changed: "
            "take another place"
        )

    def _tables(self, connection: Any) -> dict[str, list[str]]:
        """Return the names of the columns of each table that is there."""
        found: dict[str, list[str]] = {}
        rows = self._ask(
            connection,
            "SELECT CAST(table_name AS VARCHAR) AS name, CAST(column_name AS VARCHAR) AS column_name "
            f"FROM information_schema.columns WHERE table_schema = '{self._schema}' "
            "AND table_catalog = current_database() ORDER BY ordinal_position",
        )
        for row in rows.to_pylist():
            found.setdefault(row["name"], []).append(row["column_name"])
        if _LIST in found and not {"taken_at", "schema_version"} <= set(found[_LIST]):
            raise self._not_ours(_LIST)
        return found

    def _ask(self, connection: Any, query: str, *values: object) -> pa.Table:
        with connection.cursor() as cursor:
            stated = [value for value in values if value is not None]
            cursor.execute(query, stated or None)
            found: pa.Table = cursor.fetch_arrow_table()
            return found

    @contextmanager
    def _open(self, done: str) -> Iterator[Any]:
        """Have the database open, and say what could not be done with it, and where."""
        import pyarrow as pa

        advice = f" ({self._advice})"
        try:
            with self._connect(done == "written") as connection:
                advice = ""
                yield connection
        except (self._errors, pa.ArrowException) as error:
            said = " ".join(str(error).partition(" See also ")[0].split()).rstrip(".")
            raise StoreError(f"{self.name} cannot be {done}: {said}{advice}") from None


def _schemas() -> dict[str, pa.Schema]:
    """Return the columns of every table that a database has."""
    return {**{name: schema(name, full=True) for name in TABLES}, _LIST: _list_schema()}


def _list_schema() -> pa.Schema:
    import pyarrow as pa

    fields = [pa.field("taken_at", pa.timestamp("us", "UTC")), pa.field("schema_version", pa.int64())]
    return pa.schema([*fields, *(pa.field(name, pa.int64()) for name in TABLES)])


def _listed(tables: Frames[pa.Table], taken_at: datetime) -> pa.Table:
    """Return a snapshot's row in the list: when, which schema version, and how many rows each table has."""
    import pyarrow as pa

    counts = {name: table.num_rows for name, table in tables.items()}
    row = {"taken_at": taken_at, "schema_version": SCHEMA_VERSION, **counts}
    return pa.Table.from_pylist([row], schema=_list_schema())


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
