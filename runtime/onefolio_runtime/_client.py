"""The two clients: one request out, one answer in, nothing retried. The synchronous one runs the other."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from functools import lru_cache, partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from ._body import ACCEPTED, decompressed, grown
from ._contract import ContractError
from ._credentials import Credentials
from ._loop import LoopThread
from ._operation import Request, Response

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
E = TypeVar("E")

MAX_BODY = 64 * 2**20
"""Bytes of a body, on the wire and decompressed, beyond which an answer is given up."""


def open_http(
    *,
    timeout: float | httpx.Timeout = 30.0,
    proxy: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Return an `httpx.AsyncClient` that is fit to carry keys.

    It follows no redirect, keeps no cookies (two keys at one server would share a session), verifies TLS, and sends
    nothing that is not encrypted through a proxy.

    Args:
        timeout: seconds for each of connecting, sending and waiting for bytes, or one figure for each.
        proxy: the URL of a proxy for `https://`; by default the environment's (`HTTPS_PROXY`, `NO_PROXY`).
        ssl_context: whom to trust; by default certifi's list, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.
        transport: what to send with instead of the network, for tests.
    """
    from http.cookiejar import CookieJar, DefaultCookiePolicy

    import httpx

    return httpx.AsyncClient(
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        # The caller decides how many requests are under way; a pool's own limit only costs time.
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
        # Plain HTTP is for this machine alone: a proxy would read the keys.
        mounts={"http://": None} if transport is None else None,
        proxy=proxy,
        timeout=timeout,
        transport=transport,
        verify=ssl_context or _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")),
    )


@lru_cache(maxsize=1)
def _trust(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """Return whom to trust, once for these variables, which httpx reads: it takes megabytes, and tens of ms."""
    import httpx

    return httpx.create_ssl_context()


class _Quiet(logging.Filter):
    """Keeps what sends for us from logging it.

    Our URLs hold account ids, and the headers of an answer may hold what a server was sent.
    """

    sending: ContextVar[bool] = ContextVar("sending", default=False)

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  # it is about who logs, not what
        return not self.sending.get()


for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
    logging.getLogger(_name).addFilter(_Quiet())


class AsyncClient:
    """Sends requests of a generated package and waits for the answer.

    Args:
        credentials: the `Credentials` of the package whose requests it sends.
        base_url: where the API is; one of the package's `SERVERS`, or another.
        timeout: seconds for each of connecting, sending and waiting for bytes.
        max_body: bytes, on the wire and after decompression, beyond which an answer is given up.
        http: an `httpx.AsyncClient` of yours to send with; it stays yours to close. `open_http` makes a safe one.

    Redirects are not followed: the credentials go to `base_url` and nowhere else.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: float = 30.0,
        max_body: int = MAX_BODY,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.max_body = max_body
        self._owned = http is None
        self._http = http or open_http(timeout=timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r}, {self.credentials!r})"

    async def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return the answer, whatever its status.

        Args:
            request: of a function in the package's `operations`.
            within: seconds for the whole of it, besides the client's `timeout` for each step.

        Raises:
            httpx.HTTPError: no answer came, or it broke off.
            TimeoutError: it took longer than `within`.

        A body that is larger than `max_body`, or not in the coding that it states, is told of when it is read.
        """
        from anyio import fail_after

        quiet = _Quiet.sending.set(True)
        try:
            with fail_after(within):
                return await self._exchange(request)
        except BaseException as error:  # noqa: BLE001  # an interruption's frames hold the keys, too
            raise self._without_keys(error)  # noqa: B904  # the same exception, not one from another
        finally:
            _Quiet.sending.reset(quiet)

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
        if self._owned:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _exchange(self, request: Request[T, E]) -> Response[T, E]:
        async with self._http.stream(**self._arguments(request)) as answer:
            content, fault = bytearray(), None
            try:
                await self._read(answer, content)
            except ContractError as error:
                fault = ContractError(error.violations)
        headers: Mapping[str, str] = answer.headers
        return Response(request, status_code=answer.status_code, headers=headers, content=bytes(content), fault=fault)

    async def _read(self, answer: httpx.Response, content: bytearray) -> None:
        if answer.is_stream_consumed:  # by a transport that gives whole answers, as those for tests do
            grown(content, answer.content, self.max_body)
            return
        async for chunk in answer.aiter_raw():
            grown(content, chunk, self.max_body)
        content[:] = decompressed(bytes(content), answer.headers.get("content-encoding", ""), self.max_body)

    def _arguments(self, request: Request[Any, Any]) -> dict[str, Any]:
        asked = {"Accept": "application/json", "Accept-Encoding": ACCEPTED}
        return {
            "method": request.operation.method,
            "url": self.base_url + request.path,
            "params": request.query or None,
            "headers": {**asked, **request.headers, **self.credentials.headers()},
        }

    def _without_keys(self, error: BaseException) -> BaseException:
        """Return an exception without what holds the keys: the frames it came through, its causes, its request."""
        for scheme in self.credentials.SCHEMES:
            with suppress(AttributeError, RuntimeError):  # only some of httpx's have a request
                error.request.headers.pop(scheme.header, None)  # type: ignore[attr-defined]
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)


class Client:
    """`AsyncClient` for those who have no event loop: the same calls, without `await`, from any thread.

    Args:
        credentials: as for `AsyncClient`, and so are `base_url`, `timeout` and `max_body`.
        transport: what to send with instead of the network, for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: float = 30.0,
        max_body: int = MAX_BODY,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._loop = LoopThread()
        self._http = open_http(timeout=timeout, transport=transport)
        self._client = AsyncClient(credentials, base_url, max_body=max_body, http=self._http)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client.base_url!r}, {self._client.credentials!r})"

    def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return the answer; takes and raises what `AsyncClient.send` does."""
        return self._loop.run(partial(self._client.send, request, within=within))

    def close(self) -> None:
        """Close the connections. May be called twice."""
        if not self._http.is_closed:
            self._loop.run(self._http.aclose)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
