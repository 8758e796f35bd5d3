"""Hypothesis profiles and the fixtures that several packages share."""

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

# CI draws the same examples every time; HYPOTHESIS_PROFILE=nightly draws many more.
_common = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
settings.register_profile("ci", parent=_common, derandomize=True, max_examples=60)
settings.register_profile("nightly", parent=_common, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

# A shell that runs the tests in the background ignores Ctrl-C, and programs that the tests start would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def folio_of() -> Iterator[Callable[..., Folio]]:
    """Make folios over a script, closed at the end; without retries by default."""
    made: list[Folio] = []

    def make(script: Script, *connections: Connection, **options: Any) -> Folio:
        folio = Folio(*connections, **{"retries": 0, "http": script.transport, **options})
        made.append(folio)
        return folio

    yield make
    for folio in made:
        folio.close()


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    """A snapshot of the mock with one failure."""
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
