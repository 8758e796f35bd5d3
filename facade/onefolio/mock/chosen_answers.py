"""Choose the responses of the mock: faults or payloads for selected operations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, evolve

from onefolio_runtime import decode, encode

from .._core.errors import ConfigurationError
from ..openapi.operations import METHODS
from ..providers.registry import known
from .asgi_app import AsgiApp, Receive, Scope, Send, base_path

Change = Callable[[Any], Any]


@define
class _Chosen:
    """The chosen response of one operation; `change` is None for a constant response."""

    status: int
    content: bytes
    headers: Mapping[str, str]
    change: Change | None
    times: int | None


class ChosenAnswers:
    """An ASGI application that returns chosen responses for some operations and those of the mock for all others.

    Args:
        app: the application to wrap, such as `onefolio.mock.app()`.
    """

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self._chosen: dict[tuple[str, str], _Chosen] = {}
        self._paths = [
            (
                re.compile(re.sub(r"\\{[^{}]+\\}", "[^/]+", re.escape(base_path(provider) + path))),
                (provider, operation["operationId"]),
            )
            for provider, kind in known().items()
            for path, item in kind.contract.spec["paths"].items()
            for operation in (item[method] for method in METHODS if method in item)
        ]

    def answer(
        self,
        operation: str,
        *,
        status: int = 200,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = None,
        provider: str | None = None,
    ) -> None:
        """Return a constant response for an operation.

        Args:
            operation: the `operationId`, such as `"getAccounts"`.
            status: HTTP status.
            body: bytes are sent unchanged, other values as JSON; a `Decimal` is sent as a number with all of its
                digits.
            headers: response headers in addition to the content type.
            times: number of requests to a provider that get this response; by default all.
            provider: the provider of the operation; by default all providers that have an operation with this id.

        Raises:
            ConfigurationError: the provider, or every provider, has no operation with this id.
        """
        content = body if isinstance(body, bytes) else encode(body).encode()
        self._choose(operation, provider, _Chosen(status, content, headers or {}, None, times))

    def change(self, operation: str, change: Change, *, times: int | None = None, provider: str | None = None) -> None:
        """Return a changed body for an operation.

        Args:
            operation: the `operationId`, such as `"getAccounts"`.
            change: called with the JSON body of the mock; returns the body to send.
            times: number of requests to a provider that get a changed response; by default all.
            provider: the provider of the operation; by default all providers that have an operation with this id.

        Raises:
            ConfigurationError: the provider, or every provider, has no operation with this id.
        """
        self._choose(operation, provider, _Chosen(200, b"", {}, change, times))

    def reset(self) -> None:
        """Discard all chosen responses."""
        self._chosen.clear()

    def _choose(self, operation: str, provider: str | None, chosen: _Chosen) -> None:
        available = [key for _, key in self._paths if provider in (None, key[0])]
        found = [key for key in available if key[1] == operation]
        if not found:
            owner = "" if provider is None else f" of {provider}"
            names = ", ".join(name for _, name in available) or "none"
            raise ConfigurationError(f"no operation {operation!r}{owner}; available: {names}")
        for key in found:
            self._chosen[key] = evolve(chosen)  # `times` is counted by provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        chosen = self._take(scope["path"]) if scope["type"] == "http" else None
        if chosen is None:
            await self._app(scope, receive, send)
            return
        status, headers, content = chosen.status, chosen.headers, chosen.content
        if chosen.change is not None:
            status, headers, body = await self._mock_response(scope, receive)
            content = encode(chosen.change(decode(body))).encode()
        sent = {"content-type": "application/json", **headers, "content-length": str(len(content))}
        encoded = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": content})

    def _take(self, path: str) -> _Chosen | None:
        """Return the chosen response for a path, and count it."""
        for pattern, operation in self._paths:
            chosen = self._chosen.get(operation)
            if chosen is not None and pattern.fullmatch(path):
                if chosen.times is not None:
                    chosen.times -= 1
                    if chosen.times <= 0:
                        del self._chosen[operation]
                return chosen
        return None

    async def _mock_response(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of the wrapped application's response."""
        messages: list[Any] = []

        async def record(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, record)
        start, *bodies = messages
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(each.get("body", b"") for each in bodies)
