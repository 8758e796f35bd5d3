"""The mock as an ASGI application: one API per provider, an overview at `/` and request counts at `/calls`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from .._connections.rate_limit import RateLimit
from .._core.checks import LARGEST, check_integer
from .._core.errors import ConfigurationError
from .._core.text import format_value
from ..openapi.operations import Operation
from ..providers.registry import known
from .data import Size
from .endpoints import Api
from .messages import MockResponse
from .templates import to_json

Scope: TypeAlias = MutableMapping[str, Any]

Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

AsgiApp: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def base_path(provider: str) -> str:
    """Return the path prefix of a provider's API."""
    return "/" + provider.replace("_", "-")


def app(
    *,
    accounts: int | None = None,
    positions: int = 3,
    latency_ms: float = 0,
    seed: int = 0,
    rate_limit: RateLimit | None = None,
) -> AsgiApp:
    """Return the mock of every provider as an ASGI application.

    Args:
        accounts: number of accounts that each provider lists, starting with the documented ones; by default only the
            documented ones.
        positions: number of positions of each account beyond the documented ones.
        latency_ms: milliseconds between a request and its response.
        seed: selects the generated figures and identifiers.
        rate_limit: number of requests that each provider accepts before it returns 429; by default unlimited.

    Raises:
        ConfigurationError: `accounts`, `positions` or `latency_ms` is not a number from 0 to a billion.
    """
    check_integer("accounts", 0 if accounts is None else accounts, least=0)
    check_integer("positions", positions, least=0)
    if not 0 <= latency_ms <= LARGEST:
        raise ConfigurationError(f"latency_ms must be at least 0 and at most {LARGEST}, not {format_value(latency_ms)}")
    documents = {name: connection.contract.spec for name, connection in known().items()}
    size = Size(accounts, positions, seed)
    return app_from_documents(documents, size, latency=latency_ms / 1000, rate_limit=rate_limit)


def app_from_documents(
    documents: Mapping[str, Mapping[str, Any]],
    size: Size,
    *,
    latency: float = 0,
    rate_limit: RateLimit | None = None,
) -> AsgiApp:
    """Return an ASGI application that implements OpenAPI documents.

    Args:
        documents: OpenAPI documents by provider, without references to other files.
        size: amount of data.
        latency: seconds between a request and its response.
        rate_limit: number of requests that each provider accepts.
    """
    apis = {provider: Api(document, size, rate_limit) for provider, document in documents.items()}
    prefixes = {base_path(provider).removeprefix("/"): api for provider, api in apis.items()}
    pages: dict[str, Callable[[], object]] = {
        "/": lambda: _overview(apis, size),
        "/calls": lambda: _call_counts(apis),
    }

    async def asgi(scope: Scope, _: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise NotImplementedError(f"the mock supports HTTP only, not {scope['type']}")
        received = time.monotonic()
        method, path = scope["method"], scope["path"]
        prefix, slash, rest = path[1:].partition("/")
        if api := prefixes.get(prefix):
            query = scope["query_string"]
            parameters = dict(parse_qsl(query.decode("latin-1"), keep_blank_values=True)) if query else {}
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            response = api.respond(method, slash + rest, parameters, headers)
        else:
            response = _own_response(method, pages.get(path))
        body = response.body.encode()
        if latency:
            await asyncio.sleep(received + latency - time.monotonic())
        await send({"type": "http.response.start", "status": int(response.status), "headers": _headers(response, body)})
        await send({"type": "http.response.body", "body": body})

    return asgi


def _own_response(method: str, page: Callable[[], object] | None) -> MockResponse:
    """Return the response to a request outside of the providers' APIs; `page` is None for an unknown path."""
    if page is None:
        return MockResponse(HTTPStatus.NOT_FOUND, to_json({"error": "unknown path; GET / lists the operations"}))
    if method != "GET":
        return MockResponse(HTTPStatus.METHOD_NOT_ALLOWED, to_json({"error": "use GET"}), {"Allow": "GET"})
    return MockResponse(HTTPStatus.OK, to_json(page()))


def _headers(response: MockResponse, body: bytes) -> Iterable[tuple[bytes, bytes]]:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
    return headers


def _overview(apis: Mapping[str, Api], size: Size) -> object:
    """Return the body of `GET /`: the operations and amount of data of each provider."""
    return {
        "providers": {
            provider: {
                "base_path": base_path(provider),
                "operations": [_operation(provider, operation) for operation in api.spec.operations],
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


def _call_counts(apis: Mapping[str, Api]) -> object:
    """Return the body of `GET /calls`: the number of calls of each operation, in total and by status."""
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
