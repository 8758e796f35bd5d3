"""A scripted server: respond with a function and record the requests."""

import copy
from collections.abc import Callable
from typing import Any

import httpx

from onefolio import Connection
from onefolio.providers.registry import known

Handler = Callable[[httpx.Request], httpx.Response]


class Script:
    """Respond to requests with a function, and record them."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[httpx.Request] = []
        self.transport = httpx.MockTransport(self._respond)

    def _respond(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.handler(request)


def example(provider: str, path: str, number: int = 0) -> Any:
    """Return an example body of an operation's 200 response, from its spec."""
    response = known()[provider].contract.spec["paths"][path]["get"]["responses"]["200"]
    return list(response["content"]["application/json"]["examples"].values())[number]["value"]


def example_of(provider: str, path: str, account_id: str, number: int = 0) -> Any:
    """Return an example body whose rows name an account, if the provider's rows do."""
    body = copy.deepcopy(example(provider, path, number))
    found = body.get("data") if isinstance(body, dict) else body
    for row in found if isinstance(found, list) else [found]:
        if isinstance(row, dict) and "account_id" in row:
            row["account_id"] = int(account_id)
    return body


def connect(provider: str, **options: Any) -> Connection:
    """Return a connection with demo credentials for use with a `Script`, without a rate limit."""
    kind = known()[provider]
    arguments: dict[str, Any] = {
        **kind.demo_credentials(),
        "base_url": "http://localhost",
        "rate_limit": None,
        **options,
    }
    return kind(**arguments)
