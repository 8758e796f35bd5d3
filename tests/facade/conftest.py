"""A server of our own making: what it answers is scripted, what it was asked is recorded."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from onefolio import Connection, Folio
from onefolio.providers import known

Handler = Callable[[httpx.Request], httpx.Response]


class Script:
    """Answers requests with a function and keeps them."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.handler(request)


def example(provider: str, path: str, number: int = 0) -> Any:
    """An example body of an operation's 200 answer, from its spec."""
    answer = known()[provider].contract.spec["paths"][path]["get"]["responses"]["200"]
    return list(answer["content"]["application/json"]["examples"].values())[number]["value"]


def connect(provider: str, **options: Any) -> Connection:
    """A connection to nowhere."""
    kind = known()[provider]
    arguments: dict[str, Any] = {
        **kind.demo_credentials(),
        "base_url": "http://localhost",
        **options,
    }
    return kind(**arguments)


@pytest.fixture
def folio_of() -> Iterator[Callable[..., Folio]]:
    """Makes folios over a script, closed at the end; without retries unless told otherwise."""
    made: list[Folio] = []

    def make(script: Script, *connections: Connection, **options: Any) -> Folio:
        folio = Folio(*connections, **{"retries": 0, "transport": script.transport, **options})
        made.append(folio)
        return folio

    yield make
    for folio in made:
        folio.close()
