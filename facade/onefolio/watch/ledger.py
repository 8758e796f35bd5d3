"""The ledger: counts of responses, findings, and types of values, in an SQLite file that several processes share."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import frozen

from .._core.errors import ConfigurationError
from .findings import Batch, Finding, Tally

_VERSION = 1
_APPLICATION = 0x6F6E6577
"""The number in the file's header by which a ledger is recognized."""

_WAIT = 10.0
"""Seconds to wait for another process that writes."""

_MAX_NOTE = 500

_TABLES = """
CREATE TABLE IF NOT EXISTS responses (
    connection TEXT, hour INTEGER, key TEXT, operation TEXT, status INTEGER,
    count INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (connection, hour, key, operation, status)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS findings (
    connection TEXT, hour INTEGER, key TEXT, operation TEXT, kind TEXT, status TEXT, place TEXT, detail TEXT,
    count INTEGER NOT NULL, first REAL NOT NULL, last REAL NOT NULL,
    PRIMARY KEY (connection, hour, key, operation, kind, status, place, detail)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shapes (
    connection TEXT, operation TEXT, status TEXT, place TEXT, shape TEXT, count INTEGER NOT NULL,
    PRIMARY KEY (connection, operation, status, place, shape)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unchecked (
    connection TEXT, reason TEXT, count INTEGER NOT NULL, PRIMARY KEY (connection, reason)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS known (id TEXT PRIMARY KEY, connection TEXT, at REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS acknowledged (id TEXT PRIMARY KEY, at REAL NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS connections (connection TEXT PRIMARY KEY, provider TEXT NOT NULL) WITHOUT ROWID;
"""

_TIMES = "count = count + excluded.count, first = min(first, excluded.first), last = max(last, excluded.last)"


@frozen
class Acknowledgement:
    """A finding that is known and no longer counts as news.

    Attributes:
        at: the time in seconds since the epoch.
        note: the reason, in the words of a person.
    """

    at: float
    note: str


class Ledger:
    """The counts of a ledger file.

    Args:
        path: the file; it is created by the first write.

    Raises:
        ConfigurationError: the file is not a ledger, or of a newer version.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        if self.path.exists():
            with self._open():
                pass

    def require(self) -> None:
        """Check that the file exists.

        Raises:
            ConfigurationError: it does not.
        """
        if not self.path.exists():
            raise ConfigurationError(
                f"{self.path} does not exist. Run `onefolio watch PROVIDER` first, or pass --ledger."
            )

    def register(self, connection: str, provider: str) -> None:
        """Add a connection.

        Raises:
            ConfigurationError: the connection belongs to another provider, or the file cannot be written.
        """
        with self._open() as database:
            database.execute("INSERT OR IGNORE INTO connections VALUES (?, ?)", (connection, provider))
            (found,) = database.execute("SELECT provider FROM connections WHERE connection = ?", (connection,))
        if found[0] != provider:
            raise ConfigurationError(
                f"{self.path}: the connection {connection} belongs to {found[0]}. Pass another name, or another ledger."
            )

    def connections(self) -> dict[str, str]:
        """Return the providers of the connections."""
        with self._open() as database:
            return dict(database.execute("SELECT connection, provider FROM connections ORDER BY connection"))

    def write(self, connection: str, batch: Batch) -> list[Finding]:
        """Add counts in one transaction, and return the findings that no process has written before.

        Raises:
            ConfigurationError: the file cannot be written; nothing was.
        """
        findings = [
            (connection, hour, key, *finding, tally.count, tally.first, tally.last)
            for (hour, key, finding), tally in batch.findings.items()
        ]
        responses = [(connection, *key, tally.count, tally.first, tally.last) for key, tally in batch.responses.items()]
        new = []
        with self._open() as database:
            database.executemany(
                f"INSERT INTO responses VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET {_TIMES}", responses
            )
            database.executemany(
                f"INSERT INTO findings VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET {_TIMES}", findings
            )
            database.executemany(
                "INSERT INTO shapes VALUES (?,?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [(connection, *key, count) for key, count in batch.shapes.items()],
            )
            database.executemany(
                "INSERT INTO unchecked VALUES (?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [(connection, reason, count) for reason, count in batch.unchecked.items()],
            )
            now = time.time()
            for finding in dict.fromkeys(finding for _, _, finding in batch.findings):
                values = (finding.id(connection), connection, now)
                if database.execute("INSERT OR IGNORE INTO known VALUES (?, ?, ?)", values).rowcount:
                    new.append(finding)
        return new

    def acknowledge(self, ids: list[str], note: str) -> None:
        """Mark findings as known.

        Args:
            ids: the ids of the findings in the report.
            note: the reason, at most 500 characters.

        Raises:
            ConfigurationError: the ledger has no finding with one of the ids; none was marked.
        """
        with self._open() as database:
            known = {row[0] for row in database.execute("SELECT id FROM known")}
            if missing := [each for each in ids if each not in known]:
                raise ConfigurationError(f"{self.path} has no finding {', '.join(missing)}")
            database.executemany(
                "INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?)",
                [(each, time.time(), note[:_MAX_NOTE]) for each in ids],
            )

    def withdraw(self, ids: list[str]) -> None:
        """Withdraw acknowledgements."""
        with self._open() as database:
            database.executemany("DELETE FROM acknowledged WHERE id = ?", [(each,) for each in ids])

    def acknowledgements(self) -> dict[str, Acknowledgement]:
        """Return the acknowledgements by the id of the finding."""
        with self._open() as database:
            rows = database.execute("SELECT id, at, note FROM acknowledged").fetchall()
        return {each: Acknowledgement(at, note) for each, at, note in rows}

    def findings(self, since: float = 0.0) -> dict[tuple[str, Finding], dict[str, Tally]]:
        """Return the counts by connection and finding, and then by key.

        Args:
            since: seconds since the epoch; counts begin with the hour of this time.
        """
        query = (
            "SELECT connection, key, operation, kind, status, place, detail, sum(count), min(first), max(last) "
            "FROM findings WHERE hour >= ? GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY min(first)"
        )
        found: dict[tuple[str, Finding], dict[str, Tally]] = defaultdict(dict)
        with self._open() as database:
            for connection, key, *finding, count, first, last in database.execute(query, (since // 3600,)):
                found[connection, Finding(*finding)][key] = Tally(count, first, last)
        return dict(found)

    def responses(self, since: float = 0.0) -> dict[tuple[str, str, str, int], Tally]:
        """Return the counts of responses by connection, key, operation and status; see `findings`."""
        query = (
            "SELECT connection, key, operation, status, sum(count), min(first), max(last) "
            "FROM responses WHERE hour >= ? GROUP BY 1, 2, 3, 4"
        )
        with self._open() as database:
            return {
                (connection, key, operation, status): Tally(count, first, last)
                for connection, key, operation, status, count, first, last in database.execute(query, (since // 3600,))
            }

    def shapes(self, connection: str | None = None) -> Counter[tuple[str, str, str, str, str]]:
        """Return the number of values by connection, operation, status, place and shape."""
        query = (
            "SELECT connection, operation, status, place, shape, count FROM shapes WHERE connection = ? OR ? IS NULL"
        )
        with self._open() as database:
            rows = database.execute(query, (connection, connection)).fetchall()
        return Counter({(name, *rest): count for name, *rest, count in rows})

    def unchecked(self) -> dict[tuple[str, str], int]:
        """Return the number of responses that were not checked, by connection and reason."""
        with self._open() as database:
            rows = database.execute("SELECT connection, reason, count FROM unchecked ORDER BY 1, 2")
            return {(connection, reason): count for connection, reason, count in rows}

    def _check(self, database: sqlite3.Connection) -> None:
        """Check that the file is new or a ledger.

        Raises:
            ConfigurationError: the file is another database, or a ledger of a newer version.
        """
        # Without a transaction, another process may create the tables between two of these statements.
        database.execute("BEGIN")
        (tables,) = database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (application,) = database.execute("PRAGMA application_id").fetchone()
        (version,) = database.execute("PRAGMA user_version").fetchone()
        database.execute("COMMIT")
        if application != _APPLICATION and (version or tables):
            raise ConfigurationError(f"{self.path} is a database of another program. Pass another file.")
        if version > _VERSION:
            raise ConfigurationError(f"{self.path} is a ledger of version {version}. Update onefolio to read it.")

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Create the tables of a new file."""
        if database.execute("PRAGMA user_version").fetchone() == (_VERSION,):
            return
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction.

        Each transaction has a connection of its own, so that the file can be moved or deleted between two of them, and
        so that any thread may use the ledger.
        """
        database = None
        try:
            # The file contains no secrets, but what a user's provider does is not for other users either.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            database = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            self._check(database)
            if database.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                with suppress(sqlite3.OperationalError):  # another process is setting it
                    database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            database.execute("BEGIN IMMEDIATE")
            self._prepare(database)
            yield database
            database.execute("COMMIT")
        except sqlite3.Error as error:
            raise ConfigurationError(f"cannot use {self.path} as a ledger: {error}") from None
        except OSError as error:
            raise ConfigurationError(f"cannot use {self.path} as a ledger: {error.strerror}") from None
        finally:
            if database is not None:
                database.close()  # a transaction without COMMIT is rolled back
