"""Hypothesis profiles and shared fixtures."""

import os
import signal
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, settings

from onefolio import Connection, Failure, Folio, ProviderUnavailableError, Snapshot, mock
from onefolio.providers.registry import known

from .scripted import Script

# The default profile is deterministic; HYPOTHESIS_PROFILE=nightly generates many more examples.
_common = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("ci", parent=_common, derandomize=True, max_examples=60)
settings.register_profile("nightly", parent=_common, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# Background shells ignore SIGINT, and programs started by the tests would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def folio_of() -> Iterator[Callable[..., Folio]]:
    """Return a factory of folios that send to a script, by default without retries; close them after the test."""
    folios: list[Folio] = []

    def make(script: Script, *connections: Connection, **options: Any) -> Folio:
        folio = Folio(*connections, **{"retries": 0, "http": script.transport, **options})
        folios.append(folio)
        return folio

    yield make
    for folio in folios:
        folio.close()


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    """Return a snapshot of the mock, with one added failure."""
    with mock.running(accounts=3, positions=2) as urls:
        connections = []
        for provider, url in urls.items():
            options: dict[str, Any] = known()[provider].demo_credentials()
            connections.append(known()[provider](**options, base_url=url))
        with Folio(*connections) as folio:
            complete = folio.snapshot()
    first = complete.accounts[0]
    error = ProviderUnavailableError("no response", provider=first.provider, connection=first.connection, operation="x")
    failure = Failure(
        connection=first.connection,
        operation="positions",
        account_id=first.id,
        error=error,
        row={"qty": Decimal("1.50")},
    )
    return attrs.evolve(complete, failures=[failure])
