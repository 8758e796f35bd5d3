"""Send one request and return its response. The synchronous client drives the asynchronous one."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import quote, urlencode

from .body import ACCEPTED, MAX_BODY, append_chunk, decompress
from .contract.verdict import ContractError
from .credentials import Credentials
from .deadlines import DeadlineScope
from .loop_thread import LoopThread
from .operation import Request, Response
from .slices import Sliced, interleave
from .tracebacks import clear_locals
from .transports.base import Timeout, Transport, TransportError
from .transports.factory import HttpChoice, open_transport

T = TypeVar("T")
E = TypeVar("E")


class AsyncClient:
    """Send the requests of a generated package.

    Redirects are not followed, so that credentials are sent to `base_url` only. Nothing is retried.

    Args:
        credentials: the `Credentials` of the package that makes the requests.
        base_url: the server; one of the package's `SERVERS`, or another.
        timeout: seconds for connecting and for each wait for bytes.
        max_body: limit of a body in bytes, on the wire and decompressed; see `Operation.body_limit`.
        http: the HTTP library, as `open_transport` takes it.
        transport: an open transport to use instead of `http` and `timeout`; it stays open on `aclose()`.
        redact: replaces secrets in each body, in slices, before anything else reads it.
        turn: held while a body is processed in slices; see `interleave`.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: Timeout = 30.0,
        max_body: int = MAX_BODY,
        http: HttpChoice = "aiohttp",
        transport: Transport | None = None,
        redact: Callable[[bytes], Sliced[bytes]] | None = None,
        turn: asyncio.Lock | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.max_body = max_body
        self._redact = redact
        self._turn = turn or asyncio.Lock()
        self._owned = transport is None
        self._transport = transport or open_transport(http, timeout=timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r}, {self.credentials!r})"

    async def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return its response, whatever the status.

        A body above `max_body`, or not in its stated encoding, raises when it is read from the response.

        Args:
            request: made by a function of the package's `operations`.
            within: seconds for the whole request, in addition to `timeout` for each step.

        Raises:
            TransportError: no response was received, or it was cut off.
            TimeoutError: the request took longer than `within`, or a step longer than `timeout`.
        """
        try:
            with self._transport.deadlines.within(math.inf if within is None else within) as scope:
                return await self._receive(request, scope)
        except (TimeoutError, TransportError) as error:
            error.__cause__ = error.__context__ = None
            raise error.with_traceback(None)  # noqa: B904  # the same exception, not a new one
        except BaseException as error:
            # The frames below hold the keys in their headers.
            clear_locals(error)
            raise

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
        if self._owned:
            await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _receive(self, request: Request[T, E], scope: DeadlineScope) -> Response[T, E]:
        transport = self._transport
        url = self.base_url + request.path
        if request.query:
            url += "?" + urlencode(request.query, quote_via=quote)
        accepted = {"Accept": "application/json", "Accept-Encoding": ACCEPTED}
        headers = {**accepted, **request.headers, **self.credentials.headers()}
        scope.step(max(transport.connecting, transport.reading))
        raw = await transport.request(request.operation.method, url, headers)
        received, fault = bytearray(), None
        limit = request.operation.body_limit(raw.status_code, self.max_body)
        try:
            scope.step(transport.reading)
            while chunk := await raw.read():
                append_chunk(received, chunk, limit)
                scope.step(transport.reading)
            codings = raw.headers.get("content-encoding", "")
            content = bytes(received)
            scope.step(math.inf)
            if codings:
                content = await interleave(decompress(content, codings, limit), self._turn)
        except ContractError as error:
            content, fault = bytes(received), ContractError(error.violations)
        finally:
            await raw.aclose()
        if self._redact is not None:
            content = await interleave(self._redact(content), self._turn)
        return Response(
            request,
            status_code=raw.status_code,
            headers=raw.headers,
            content=content,
            fault=fault,
            max_body=self.max_body,
        )


class Client:
    """`AsyncClient` for synchronous code: the same calls without `await`, from any thread.

    Args:
        credentials: see `AsyncClient`.
        base_url: see `AsyncClient`.
        timeout: see `AsyncClient`.
        max_body: see `AsyncClient`.
        http: see `AsyncClient`.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: Timeout = 30.0,
        max_body: int = MAX_BODY,
        http: HttpChoice = "aiohttp",
    ) -> None:
        self._loop = LoopThread()
        self._transport = open_transport(http, timeout=timeout)
        self._client = AsyncClient(credentials, base_url, max_body=max_body, transport=self._transport)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client.base_url!r}, {self._client.credentials!r})"

    def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return its response; see `AsyncClient.send`.

        Raises:
            TransportError: no response was received, or it was cut off.
            TimeoutError: the request took longer than `within`, or a step longer than `timeout`.
        """
        return self._loop.run(partial(self._client.send, request, within=within))

    def close(self) -> None:
        """Close the connections. May be called twice."""
        self._loop.close(self._transport.aclose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
