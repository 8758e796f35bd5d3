"""Snapshots in a PostgreSQL database."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from onefolio_runtime import Secret

from .._core.errors import ConfigurationError, StoreError
from .._core.extras import require_extra
from .._tables.frames import Frames
from .._tables.row_description import describe_row
from .database import Database
from .folder_lock import LOCK_SECONDS

if TYPE_CHECKING:
    import pyarrow as pa

_CHARACTER = r"(?:[^\s%/?#@:,&=\[\]\x00-\x1f\x7f\ud800-\udfff]|%[0-9A-Fa-f]{2})"

_HOST = rf"(?:\[[0-9A-Fa-f:.]+\]|{_CHARACTER}*)(?::[0-9]*)?"

_VALUE = rf"(?:{_CHARACTER}|[/:,])*"

_ADDRESS = re.compile(
    rf"postgres(?:ql)?://(?:{_CHARACTER}*(?::(?:{_CHARACTER}|[:,&=])*)?@)?{_HOST}(?:,{_HOST})*"
    rf"(?:/{_CHARACTER}*)?(?:\?{_CHARACTER}+={_VALUE}(?:&{_CHARACTER}+={_VALUE})*)?"
)
"""Addresses that libpq parses unambiguously. If it took a part of the password for a host, its error would quote it."""

_WRITER_LOCK = "SELECT 1 AS locked FROM pg_advisory_xact_lock(hashtext('onefolio.snapshots'))"
"""Waits for the transaction of another writer. Two concurrent writers of one snapshot do not see each other's rows, so
neither would replace them."""


class PostgreSQLDatabase(Database):
    """A PostgreSQL database. The tables are in the schema `onefolio`, which is created when a snapshot is stored.

    Args:
        address: the address, `postgresql://user:password@host:port/database?option=value`.

    Raises:
        ConfigurationError: The address is invalid, or a package is not installed.
    """

    _schema = "onefolio"
    _placeholder = "$1"
    _advice = "check the address and the permissions of its user"

    def __init__(self, address: str) -> None:
        if not _ADDRESS.fullmatch(address):
            raise ConfigurationError(
                "the address of the database is invalid. It is not shown, because it may contain a password. Use "
                "postgresql://user:password@host:port/database?option=value, and percent-encode / ? # @ % and spaces "
                "in the user and the password as %2F %3F %23 %40 %25 %20"
            )
        with require_extra("postgres", "PostgreSQL"):
            import adbc_driver_postgresql.dbapi as driver  # type: ignore[import-untyped]  # it has no types
            import pyarrow  # noqa: F401  # fail before any work is done
        super().__init__()
        parts = urlsplit(address)
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self._errors = driver.Error
        self._driver = driver
        self._address = Secret(address)

    def _connect(self, *, write: bool) -> AbstractContextManager[Any]:  # noqa: ARG002  # one kind of connection for both
        connection: AbstractContextManager[Any] = self._driver.connect(self._address.reveal())
        return connection

    def _isolate(self, connection: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    def _check_text(self, tables: Frames[pa.Table]) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        for name, table in tables.items():
            for column in (field.name for field in table.schema if field.type in (pa.string(), pa.list_(pa.string()))):
                values = table[column]
                strings = values if values.type == pa.string() else pc.list_flatten(values)
                if not pc.any(pc.match_substring(strings, "\0")).as_py():
                    continue
                number = next(at for at, value in enumerate(values.to_pylist()) if value and "\0" in "".join(value))
                raise StoreError(
                    f"{self.name} cannot be written: {name}: {column} of "
                    f"{describe_row(table.slice(number, 1).to_pylist()[0].get)} contains a NUL character, which "
                    "PostgreSQL cannot store. Nothing was written. A folder or a DuckDB file can store it"
                )

    def _lock_writers(self, connection: Any) -> None:
        # SET LOCAL: the limit ends with the transaction.
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        self._query(connection, _WRITER_LOCK)
