"""The pytest plugin: a running mock and a folio connected to it. It is there once onefolio is installed.

Fixtures:
    onefolio_mock: a mock of every provider, running on this machine for one test: a `RunningMock`.
    onefolio_folio: a `Folio` connected to it.

Marker:
    onefolio_mock(accounts=…, positions=…, latency_ms=…, seed=…): how much the mock serves, as `onefolio.mock.app`.
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
        urls: its base URLs by provider.
        environ: the environment variables that lead the command line and `Folio.from_env()` to it.
        answers: what makes it answer an operation with a fault or a payload: `answers.answer("getAccounts",
            status=503)`, `answers.change("getAccounts", lambda body: …)`.
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
    """Make the marker known."""
    config.addinivalue_line(
        "markers", "onefolio_mock(accounts, positions, latency_ms, seed): how much the fixture of that name serves"
    )


@pytest.fixture
def onefolio_mock(request: pytest.FixtureRequest) -> Iterator[RunningMock]:
    """A mock of every provider, running on this machine for one test."""
    from . import mock

    marker = request.node.get_closest_marker("onefolio_mock")
    answers = mock.ChosenAnswers(mock.app(**(marker.kwargs if marker else {})))
    with mock.running(answers) as urls:
        yield RunningMock(urls, answers)


@pytest.fixture
def onefolio_folio(onefolio_mock: RunningMock) -> Iterator[Folio]:
    """A folio of every provider, connected to the running mock."""
    from . import Folio
    from ._settings.settings import Settings

    connections = Settings(onefolio_mock.environ, search=False).connections()
    for connection in connections:
        connection.rate_limit = None  # the mock has none, and tests should not wait for one
    with Folio(*connections) as folio:
        yield folio
