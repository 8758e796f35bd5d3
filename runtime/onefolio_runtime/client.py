"""The two clients: one request out, one answer in, nothing retried. The synchronous one runs the other."""

from __future__ import annotations

import math
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote, urlencode

from .body import ACCEPTED, append_chunk, decompress
from .contract.verdict import ContractError
from .credentials import Credentials
from .deadlines import DeadlineScope
from .loop_thread import LoopThread
from .operation import Request, Response
from .transports.base import Timeout, Transport
from .transports.factory import open_transport

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

E = TypeVar("E")

MAX_BODY = 64 * 2**20
"""Bytes of a body, on the wire and decompressed, beyond which an answer is given up."""


class AsyncClient:
    """Sends requests of a generated package and waits for the answer.

    Args:
        credentials: the `Credentials` of the package whose requests it sends.
        base_url: where the API is; one of the package's `SERVERS`, or another.
        timeout: seconds for each of connecting and waiting for bytes.
        max_body: bytes, on the wire and after decompression, beyond which an answer is given up.
        http: what to send with, of `open_http`; it stays yours to close.

    Redirects are not followed: the credentials go to `base_url` and nowhere else.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        *,
        timeout: Timeout = 30.0,
        max_body: int = MAX_BODY,
        http: Transport | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.credentials = credentials
        self.max_body = max_body
        self._owned = http is None
        self._http = http or open_transport(timeout=timeout)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r}, {self.credentials!r})"

    async def send(self, request: Request[T, E], *, within: float | None = None) -> Response[T, E]:
        """Send a request and return the answer, whatever its status.

        Args:
            request: of a function in the package's `operations`.
            within: seconds for the whole of it, besides the client's `timeout` for each step.

        Raises:
            NoAnswerError: no answer came, or it broke off.
            TimeoutError: it took longer than `within`, or a step of it than `timeout`.

        A body that is larger than `max_body`, or not in the coding that it states, is told of when it is read.
        """
        try:
            with self._http.deadlines.within(math.inf if within is None else within) as time:
                return await self._exchange(request, time)
        except BaseException as error:  # noqa: BLE001  # an interruption's frames hold the keys, too
            error.__cause__ = error.__context__ = None
            raise error.with_traceback(None)  # noqa: B904  # the same exception, not one from another

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

    async def _exchange(self, request: Request[T, E], time: DeadlineScope) -> Response[T, E]:
        url = self.base_url + request.path
        if request.query:
            url += "?" + urlencode(request.query, quote_via=quote)
        asked = {"Accept": "application/json", "Accept-Encoding": ACCEPTED}
        headers = {**asked, **request.headers, **self.credentials.headers()}
        time.step(max(self._http.connecting, self._http.reading))
        answer = await self._http.request(request.operation.method, url, headers)
        content, fault = bytearray(), None
        try:
            time.step(self._http.reading)
            while piece := await answer.read():
                append_chunk(content, piece, self.max_body)
                time.step(self._http.reading)
            body = decompress(bytes(content), answer.headers.get("content-encoding", ""), self.max_body)
        except ContractError as error:
            body, fault = bytes(content), ContractError(error.violations)
        finally:
            await answer.aclose()
        return Response(request, status_code=answer.status_code, headers=answer.headers, content=body, fault=fault)


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
        timeout: Timeout = 30.0,
        max_body: int = MAX_BODY,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._loop = LoopThread()
        self._http = open_transport(timeout=timeout, transport=transport)
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
