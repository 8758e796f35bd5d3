"""Requests with aiohttp."""

from __future__ import annotations

import asyncio
import atexit
import ssl
from collections.abc import Mapping
from weakref import WeakSet, finalize

import aiohttp
from yarl import URL

from ..deadlines import Deadlines
from ..tracebacks import clear_locals
from .aiohttp_connections import Connector
from .base import Generation, RawResponse, TransportError
from .proxies import ProxyRule

_MAX_LINE = 2**16
"""Bytes of one header; some gateways add long ones."""

_MAX_HEADERS = 1000

KEEP_ALIVE = 15.0
"""Seconds after which an idle connection is closed."""

_NETWORK_ERRORS = (aiohttp.ClientError, OSError, ValueError)
"""Errors that a server or the network can cause; aiohttp raises ValueError for some malformed responses."""

_transports: WeakSet[AiohttpTransport] = WeakSet()


class AiohttpTransport:
    """`Transport` through a session of aiohttp."""

    def __init__(self, connecting: float, reading: float, ssl_context: ssl.SSLContext, proxy: ProxyRule) -> None:
        self.connecting, self.reading = connecting, reading
        self._ssl_context, self._proxy = ssl_context, proxy
        self._session: aiohttp.ClientSession | None = None
        self._generation = Generation()
        self.deadlines = Deadlines()
        self.is_closed = False
        _transports.add(self)

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        """Send a request; see `Transport.request`."""
        try:
            session = self._session or self._open()
            target, proxy = URL(url, encoded=True), self._proxy.proxy_for(url)
            response = await session.request(method, target, headers=headers, proxy=proxy, allow_redirects=False)
        except _NETWORK_ERRORS as error:
            failed = _translate_error(error)
        except BaseException as error:
            del headers
            clear_locals(error)
            raise
        else:
            return _AiohttpResponse(response)
        del headers
        raise failed

    def renew_connections(self) -> None:
        """Use new connections from now on; see `Transport.renew_connections`."""
        self._generation.number += 1

    async def aclose(self) -> None:
        """Close the session and its connections."""
        self.is_closed = True
        if self._session is not None:
            await self._session.close()

    def abandon(self) -> None:
        """Drop the connections without closing them; the process is about to end."""
        if self._session is not None:
            self._session.detach()
        self._session = None

    def _open(self) -> aiohttp.ClientSession:
        if self.is_closed:
            raise RuntimeError("the transport is closed; open another one")
        self._session = session = aiohttp.ClientSession(
            connector=Connector(self._generation, limit=0, ssl=self._ssl_context, keepalive_timeout=KEEP_ALIVE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self.connecting),
            auto_decompress=False,
            max_line_size=_MAX_LINE,
            max_field_size=_MAX_LINE,
            max_headers=_MAX_HEADERS,
        )
        # aiohttp would send a request again on a new connection, past the retry budget and without an event.
        # It has no public option for this; a test in tests/runtime/test_transports.py fails if this stops working.
        session._retry_connection = False  # noqa: SLF001
        # A session that is collected unclosed logs an error.
        finalize(self, _close_dropped, session, asyncio.get_running_loop()).atexit = False
        return session


class _AiohttpResponse:
    """`RawResponse` of aiohttp."""

    __slots__ = ("_response", "headers", "status_code")

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        self.status_code = response.status
        self.headers: Mapping[str, str] = response.headers.copy()  # the proxy of aiohttp cannot be pickled

    async def read(self) -> bytes:
        try:
            return await self._response.content.readany()
        except _NETWORK_ERRORS as error:
            failed = _translate_error(error)
        except BaseException as error:
            clear_locals(error)
            raise
        raise failed

    async def aclose(self) -> None:
        self._response.release()


def _translate_error(error: Exception) -> TimeoutError | TransportError:
    """Return an error without the requests, headers and proxy addresses that an exception of aiohttp holds."""
    match error:
        case aiohttp.ConnectionTimeoutError():
            return TimeoutError("connecting")
        case TimeoutError():
            return TimeoutError("waiting for bytes")
        case aiohttp.ClientHttpProxyError():
            return TransportError(f"the proxy returned HTTP {error.status}")
        case aiohttp.ClientProxyConnectionError():
            return TransportError("no connection to the proxy")
        case aiohttp.ClientResponseError():
            return TransportError(f"invalid HTTP: {error.message.partition(':')[0]}")
        case aiohttp.ServerDisconnectedError():
            return TransportError("the server closed the connection")
        case _:
            # Further lines contain an excerpt of the response.
            return TransportError(str(error).partition("\n")[0] or type(error).__name__)


def _close_dropped(session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
    if session.closed:
        return
    if loop.is_running():
        asyncio.run_coroutine_threadsafe(session.close(), loop)
    else:
        session.detach()


def _abandon_all() -> None:
    for transport in list(_transports):
        transport.abandon()


atexit.register(_abandon_all)
