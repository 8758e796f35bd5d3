"""Chosen answers: the mock, made to answer an operation with a fault or a payload of your own."""

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
    status: int | None
    content: bytes | None
    headers: Mapping[str, str]
    change: Change | None
    times: int | None


class ChosenAnswers:
    """An ASGI app around another: chosen answers for some operations, the other's for the rest.

    Args:
        app: what answers where nothing was chosen, such as `onefolio.mock.app()`.
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
        """Answer an operation with this.

        Args:
            operation: the `operationId`, such as `"getAccounts"`.
            status: the HTTP status.
            body: bytes as they are, anything else as JSON; a `Decimal` is a number with all of its digits.
            headers: to be sent besides the content type.
            times: for how many requests of a provider; None for all that come.
            provider: whose operation it is; by default that of every provider that has one of this name.

        Raises:
            ConfigurationError: no provider, or not this one, has the operation.
        """
        content = body if isinstance(body, bytes) else encode(body).encode()
        self._choose(operation, provider, _Chosen(status, content, headers or {}, None, times))

    def change(self, operation: str, change: Change, *, times: int | None = None, provider: str | None = None) -> None:
        """Answer an operation with what `change` makes of the JSON body that it would have had.

        Args:
            operation: as for `answer`, and so are the rest.
            change: gets the body and returns what is sent in its place.
            times: …
            provider: …

        Raises:
            ConfigurationError: no provider, or not this one, has the operation.
        """
        self._choose(operation, provider, _Chosen(None, None, {}, change, times))

    def reset(self) -> None:
        """Answer as the mock does, again."""
        self._chosen.clear()

    def _choose(self, operation: str, provider: str | None, chosen: _Chosen) -> None:
        there = [each for _, each in self._paths if provider in (None, each[0])]
        found = [each for each in there if each[1] == operation]
        if not found:
            of = "" if provider is None else f" of {provider}"
            ids = ", ".join(name for _, name in there) or "none"
            raise ConfigurationError(f"no operation {operation!r}{of}; there is {ids}")
        for each in found:
            self._chosen[each] = evolve(chosen)  # each counts its own `times`

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        chosen = self._take(scope["path"]) if scope["type"] == "http" else None
        if chosen is None:
            await self._app(scope, receive, send)
            return
        status, headers, content = chosen.status, chosen.headers, chosen.content
        if chosen.change is not None:
            status, headers, plain = await self._asked(scope, receive)
            content = encode(chosen.change(decode(plain))).encode()
        sent = {"content-type": "application/json", **headers, "content-length": str(len(content or b""))}
        encoded = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        await send({"type": "http.response.body", "body": content})

    def _take(self, path: str) -> _Chosen | None:
        for pattern, operation in self._paths:
            chosen = self._chosen.get(operation)
            if chosen is not None and pattern.fullmatch(path):
                if chosen.times is not None:
                    chosen.times -= 1
                    if chosen.times <= 0:
                        del self._chosen[operation]
                return chosen
        return None

    async def _asked(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body that the app around which this one stands answers with."""
        messages: list[Any] = []

        async def record(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, record)
        start, *bodies = messages
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return start["status"], headers, b"".join(each.get("body", b"") for each in bodies)
