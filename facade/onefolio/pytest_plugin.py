"""pytest plugin with a running mock and a folio that is connected to it; pytest loads it without an import.

Fixtures:
    onefolio_mock: a mock of every provider that runs on this machine for one test, as a `RunningMock`.
    onefolio_folio: a `Folio` that is connected to the mock.

Marker:
    onefolio_mock(accounts=…, positions=…, latency_ms=…, seed=…): arguments of `onefolio.mock.app` for one test.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from . import Folio
    from .mock import ChosenAnswers


class RunningMock:
    """A mock that runs for one test.

    Attributes:
        urls: base URLs by provider.
        environ: environment variables with which the command line and `Folio.from_env()` use the mock.
        answers: chooses the responses of an operation, for example `answers.answer("getAccounts", status=503)` or
            `answers.change("getAccounts", change)`.
    """

    def __init__(self, urls: dict[str, str], answers: ChosenAnswers) -> None:
        from .providers.registry import known

        self.urls = urls
        self.answers = answers
        self.environ: dict[str, str] = {}
        for provider, kind in known().items():
            self.environ[kind.base_url_variable] = urls[provider]
            self.environ |= {kind.variables[name]: key for name, key in kind.demo_credentials().items()}


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers", "onefolio_mock(accounts, positions, latency_ms, seed): arguments of onefolio.mock.app for one test"
    )


@pytest.fixture
def onefolio_mock(request: pytest.FixtureRequest) -> Iterator[RunningMock]:
    """A mock of every provider that runs on this machine for one test."""
    from . import mock

    marker = request.node.get_closest_marker("onefolio_mock")
    answers = mock.ChosenAnswers(mock.app(**(marker.kwargs if marker else {})))
    with mock.running(answers) as urls:
        yield RunningMock(urls, answers)


@pytest.fixture
def onefolio_folio(onefolio_mock: RunningMock) -> Iterator[Folio]:
    """A folio of every provider that is connected to the running mock."""
    from . import Folio
    from ._settings.settings import Settings

    connections = Settings(onefolio_mock.environ, search=False).connections()
    for connection in connections:
        connection.rate_limit = None  # the mock enforces none, and tests should not wait for one
    with Folio(*connections) as folio:
        yield folio
