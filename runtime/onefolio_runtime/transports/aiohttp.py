"""Requests over the network."""

from __future__ import annotations

import asyncio
import atexit
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import proxy_bypass
from weakref import WeakSet, finalize

import aiohttp
from yarl import URL

from ..deadlines import Deadlines
from .base import RawResponse, TransportError

_LONGEST_LINE = 2**16
"""Bytes of one header; some proxies add long ones."""

_MOST_HEADERS = 1000

_IDLE = 15.0
"""Seconds after which a connection that is not used is closed."""

_networks: WeakSet[Network] = WeakSet()


class Network:
    """`Http` over the network."""

    def __init__(
        self, connecting: float, reading: float, trusted: ssl.SSLContext, *, proxy: str | None, always: bool
    ) -> None:
        """Keep what a session is made of; `always` is whether the proxy is asked for hosts in NO_PROXY, too."""
        self.connecting, self.reading, self._trusted = connecting, reading, trusted
        self._proxy, self._always = proxy, always
        self._session: aiohttp.ClientSession | None = None
        self.deadlines = Deadlines()
        self.is_closed = False
        _networks.add(self)

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        try:
            session = self._session or self._open()
            to, proxy = URL(url, encoded=True), self._proxy_for(url)
            found = await session.request(method, to, headers=headers, proxy=proxy, allow_redirects=False)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failed = _told(error)
        else:
            return _Received(found)
        raise failed

    async def aclose(self) -> None:
        self.is_closed = True
        if self._session is not None:
            await self._session.close()

    def forget(self) -> None:
        """Let go of connections without closing them, as the process ends: nobody needs to be told."""
        if self._session is not None:
            _let_go(self._session)
        self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self.is_closed:
            raise RuntimeError("closed")
        self._session = session = aiohttp.ClientSession(
            # How many requests are under way is for the caller to decide.
            connector=aiohttp.TCPConnector(limit=0, ssl=self._trusted, keepalive_timeout=_IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.connecting),
            auto_decompress=False,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_HEADERS,
        )
        session._retry_connection = False  # noqa: SLF001  # nobody would be told of such a retry
        # What is dropped without having been closed; the session is not to find that out by itself, it would log it.
        finalize(self, _drop, session, asyncio.get_running_loop()).atexit = False
        return session

    def _proxy_for(self, url: str) -> str | None:
        # Plain HTTP is for this machine alone: a proxy would read the keys.
        if self._proxy is None or not url.startswith("https:"):
            return None
        return self._proxy if self._always or not proxy_bypass(urlsplit(url).netloc) else None


class _Received:
    """`Answer` of the network."""

    __slots__ = ("_response", "headers", "status_code")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status_code = response.status
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failed = _told(error)
        raise failed

    async def aclose(self) -> None:
        self._response.release()


def _told(error: Exception) -> TimeoutError | TransportError:
    """Return what an exception of aiohttp says, without what it holds: requests, headers, addresses of proxies."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return TimeoutError("connecting")
        case TimeoutError():
            return TimeoutError("waiting for bytes")
        case aiohttp.ClientHttpProxyError():
            return TransportError(f"the proxy answers {error.status}")
        case aiohttp.ClientProxyConnectionError():
            return TransportError("the proxy cannot be reached")
        case aiohttp.ClientResponseError():
            return TransportError(f"not HTTP: {error.message.partition(':')[0]}")
        case aiohttp.ServerDisconnectedError():
            return TransportError("the server closed the connection")
        case _:
            # Further lines are an excerpt of what came.
            return TransportError(str(error).partition("\n")[0] or type(error).__name__)


def _drop(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
    if session.closed:
        return
    if loop.is_running():
        asyncio.run_coroutine_threadsafe(session.close(), loop)
    else:
        _let_go(session)


def _let_go(session: aiohttp.ClientSession) -> None:
    connector = session.connector
    session.detach()
    if connector is not None:
        connector._closed = True  # noqa: SLF001  # there is no other way to drop one


def _forget() -> None:
    for network in list(_networks):
        network.forget()


atexit.register(_forget)
