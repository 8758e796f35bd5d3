"""The mock as an ASGI app: every provider's API under its name, what is served at `/`, the calls at `/calls`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from .._connections.rate_limit import RateLimit
from .._core.errors import ConfigurationError
from ..openapi.operations import Operation
from ..providers.registry import known
from .data import Size
from .endpoints import Api, MockResponse
from .templates import text

Scope: TypeAlias = MutableMapping[str, Any]

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def base_path(provider: str) -> str:
    """Return the path that a provider's API is served under."""
    return "/" + provider.replace("_", "-")


def app(
    *,
    accounts: int | None = None,
    positions: int = 3,
    latency_ms: float = 0,
    seed: int = 0,
    rate_limit: RateLimit | None = None,
) -> AsgiApp:
    """Return the mock of every provider as an ASGI app.

    Args:
        accounts: rows of each listing of accounts, the documented ones first; by default only those.
        positions: rows that each further account has.
        latency_ms: milliseconds from each request to its answer.
        seed: another one gives other figures and identifiers.
        rate_limit: how many requests each provider takes before it refuses more; by default any number.

    Raises:
        ConfigurationError: a figure is below zero.
    """
    figures = {"accounts": accounts or 0, "positions": positions, "latency_ms": latency_ms}
    for name, figure in figures.items():
        if figure < 0:
            raise ConfigurationError(f"{name} is not below zero; {figure} is")
    size = Size(accounts, positions, seed)
    documents = {name: connection.contract.spec for name, connection in known().items()}
    return serving(documents, size, latency=latency_ms / 1000, rate_limit=rate_limit)


def serving(
    documents: Mapping[str, Mapping[str, Any]],
    size: Size,
    *,
    latency: float = 0,
    rate_limit: RateLimit | None = None,
) -> AsgiApp:
    """Return the ASGI app that serves these OpenAPI documents, by provider.

    Args:
        documents: references to other files put in their place.
        size: how much each serves.
        latency: seconds from each request to its answer.
        rate_limit: how many requests each takes.
    """
    apis = {provider: Api(document, size, rate_limit) for provider, document in documents.items()}
    prefixes = {base_path(provider).removeprefix("/"): api for provider, api in apis.items()}
    pages: dict[str, Callable[[], object]] = {
        "/": lambda: _served(apis, size),
        "/calls": lambda: _calls(apis),
    }

    async def asgi(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError("the mock speaks HTTP only")
        asked = time.monotonic()
        method, path = scope["method"], scope["path"]
        prefix, slash, rest = path[1:].partition("/")
        if api := prefixes.get(prefix):
            query = scope["query_string"]
            parameters = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            answer = api.answer(method, slash + rest, parameters, headers)
        else:
            answer = _page(method, pages.get(path))
        body = answer.body.encode()
        if latency:
            await asyncio.sleep(asked + latency - time.monotonic())
        await send({"type": "http.response.start", "status": int(answer.status), "headers": _headers(answer, body)})
        await send({"type": "http.response.body", "body": body})

    return asgi


def _page(method: str, page: Callable[[], object] | None) -> MockResponse:
    """Return the answer to a request for one of the mock's own pages."""
    if page is None:
        return MockResponse(HTTPStatus.NOT_FOUND, text({"error": "nothing is served here; GET / says what is"}))
    if method != "GET":
        return MockResponse(HTTPStatus.METHOD_NOT_ALLOWED, text({"error": "only GET is served"}), {"Allow": "GET"})
    return MockResponse(HTTPStatus.OK, text(page()))


def _headers(answer: MockResponse, body: bytes) -> Iterable[tuple[bytes, bytes]]:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    return headers


def _served(apis: Mapping[str, Api], size: Size) -> object:
    """Return what `GET /` says."""
    return {
        "providers": {
            provider: {
                "base_path": base_path(provider),
                "operations": [_operation(provider, each) for each in api.spec.operations],
                "accounts": next((source.count for source in api.sources.values() if source.is_of_accounts), 1),
            }
            for provider, api in apis.items()
        },
        "positions": size.positions,
        "seed": size.seed,
    }


def _operation(provider: str, operation: Operation) -> object:
    return {
        "id": operation.id,
        "method": operation.method,
        "path": base_path(provider) + operation.path,
        "credentials": {key.name: key.prefix + key.secret for keys in operation.security[:1] for key in keys},
    }


def _calls(apis: Mapping[str, Api]) -> object:
    """Return what `GET /calls` says: for each operation how often it was called, in all and by status."""
    return {
        provider: {
            endpoint.operation.id: {
                "calls": endpoint.calls.total(),
                "statuses": {str(int(status)): count for status, count in sorted(endpoint.calls.items())},
            }
            for endpoint in api.endpoints
        }
        for provider, api in apis.items()
    }
