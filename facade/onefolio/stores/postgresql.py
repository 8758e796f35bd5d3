"""Snapshots in a PostgreSQL database."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from onefolio_runtime import Secret

from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .database import Database

_CHARACTER = r"(?:[^\s%/?#@:,&=\[\]]|%[0-9A-Fa-f]{2})"

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
        parts = urlsplit(address)
        self.name = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
        self._errors = driver.Error
        self._driver = driver
        self._address = Secret(address)

    def _connect(self, *, write: bool) -> AbstractContextManager[Any]:  # noqa: ARG002  # one kind of connection for both
        connection: AbstractContextManager[Any] = self._driver.connect(self._address.reveal())
        return connection

    def _lock_writers(self, connection: Any) -> None:
        self._query(connection, _WRITER_LOCK)
