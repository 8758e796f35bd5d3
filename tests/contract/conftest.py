"""One running mock for all tests of the package, into which tests insert faults."""

from collections.abc import Iterator

import pytest

from onefolio.mock import app, running

from .mutants import Switch


@pytest.fixture(scope="session")
def switch() -> Switch:
    return Switch(app(accounts=25, positions=7))


@pytest.fixture(scope="session")
def urls(switch: Switch) -> Iterator[dict[str, str]]:
    with running(switch) as found:
        yield found
