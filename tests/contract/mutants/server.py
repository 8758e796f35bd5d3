"""A mock with at most one fault at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from attrs import define, frozen

from onefolio.mock.asgi_app import AsgiApp, Receive, Scope, Send

Kind = Literal[
    "response", "status", "error", "auth", "method", "paging", "header", "absent", "other", "input", "additive"
]


@define
class Response:
    status: int
    headers: dict[str, str]
    body: bytes


class Request(NamedTuple):
    scope: Scope
    query: str
    forward: Callable[[Scope], Any]
    """Sends a request to the mock; returns an awaitable `Response`."""


@frozen
class Mutant:
    provider: str
    operation: str
    path: str
    name: str
    kind: Kind
    change: Callable[[Request], Any]
    is_read: bool = True
    """Whether the unified model reads the value that is changed. If it does not, the library reports the fault only."""

    @property
    def is_breaking(self) -> bool:
        return self.kind != "additive"

    def __str__(self) -> str:
        return f"{self.provider} {self.operation}: {self.name}"


class Switch:
    """An application with at most one fault at a time.

    Args:
        served: the application without faults.
    """

    def __init__(self, served: AsgiApp) -> None:
        self.served = served
        self.mutant: Mutant | None = None
        self.has_changed = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mutant = self.mutant
        if mutant is None or not re.fullmatch(mutant.path, scope["path"]):
            await self.served(scope, receive, send)
            return

        async def forward(forwarded: Scope) -> Response:
            messages: list[Any] = []

            async def record(message: Any) -> None:
                messages.append(message)

            await self.served(forwarded, receive, record)
            headers = {name.decode().lower(): value.decode() for name, value in messages[0]["headers"]}
            return Response(messages[0]["status"], headers, b"".join(each.get("body", b"") for each in messages[1:]))

        original = await forward(scope)
        response = await mutant.change(Request(scope, scope["query_string"].decode(), forward))
        self.has_changed |= response != original
        response.headers["content-length"] = str(len(response.body))
        headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
