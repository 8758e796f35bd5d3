"""How requests reach a server: over the network by aiohttp, or in tests through a transport of httpx."""

from __future__ import annotations

import asyncio
import atexit
import os
import ssl
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass
from weakref import WeakSet

if TYPE_CHECKING:
    import aiohttp
    import httpx

Timeout: TypeAlias = float | tuple[float, float]
"""Seconds for connecting and for each wait for bytes: one figure for both, or one for each."""

_LONGEST_LINE = 2**16
"""Bytes of one header; some proxies add long ones."""
_MOST_HEADERS = 1000
_IDLE = 15.0
"""Seconds after which a connection that is not used is closed."""


class NoAnswerError(Exception):
    """No answer came, or it broke off. Its text says why; it holds neither request nor cause, nor any key."""


class Answer(Protocol):
    """An answer whose body has still to be read."""

    status_code: int
    headers: Mapping[str, str]
    """Looked up whatever the case of the name."""

    async def read(self) -> bytes:
        """Return the next piece of the body as it came, empty at its end; raises what `Http.request` does."""

    async def aclose(self) -> None:
        """Let go of the connection; closes it where the body has not been read to its end."""


class Http(Protocol):
    """What a client sends with."""

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        """Send a request without a body and return the answer when its headers are there.

        Raises:
            TimeoutError: connecting, or waiting for bytes, took too long.
            NoAnswerError: there is none.
        """

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""


def open_http(
    *,
    timeout: Timeout = 30.0,
    proxy: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Http:
    """Return what sends requests and is fit to carry keys; it belongs to the event loop that first uses it.

    It follows no redirect, keeps no cookies (two keys at one server would share a session), verifies TLS, sends
    nothing again by itself, and nothing that is not encrypted through a proxy.

    Args:
        timeout: seconds for each of connecting and waiting for bytes.
        proxy: the URL of a proxy for `https://`; by default the environment's (`HTTPS_PROXY`, `NO_PROXY`).
        ssl_context: whom to trust; by default certifi's list, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.
        transport: what to send with instead of the network, for tests.

    Raises:
        ValueError: the proxy's URL is none of an HTTP proxy.
        OSError: what `SSL_CERT_FILE` or `SSL_CERT_DIR` names cannot be read.
    """
    connecting, reading = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if transport is not None:
        return _Transported(transport, connecting, reading)
    trusted = ssl_context or _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return _Network(
        connecting, reading, trusted, proxy=_checked_proxy(proxy or _proxy_of_environment()), always=bool(proxy)
    )


@lru_cache(maxsize=1)
def _trust(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Return whom to trust, made once: it takes megabytes, and tens of milliseconds."""
    import certifi

    context = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _proxy_of_environment() -> str | None:
    """Return the proxy for `https://` that the environment, or the system's settings, names."""
    found = getproxies()
    return found.get("https") or found.get("all")


def _checked_proxy(url: str | None) -> str | None:
    """Return the URL of a proxy with its scheme; None for none."""
    if not url:
        return None
    parsed = urlsplit(url if "://" in url else f"http://{url}")
    if parsed.scheme not in ("http", "https") or not parsed.hostname or parsed.port == 0:
        raise ValueError("a proxy's URL starts with http:// or https:// and a host")
    return parsed.geturl()


_networks: WeakSet[_Network] = WeakSet()


class _Network:
    """`Http` over the network."""

    def __init__(
        self, connecting: float, reading: float, trusted: ssl.SSLContext, *, proxy: str | None, always: bool
    ) -> None:
        """Keep what a session is made of; `always` is whether the proxy is asked for hosts in NO_PROXY, too."""
        self._connecting, self._reading, self._trusted = connecting, reading, trusted
        self._proxy, self._always = proxy, always
        self._session: aiohttp.ClientSession | None = None
        self.is_closed = False
        _networks.add(self)

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        import aiohttp
        from yarl import URL

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

    def __del__(self) -> None:
        if self.is_closed or self._session is None or self._session.connector is None:
            return
        if self._loop.is_running():
            asyncio.run_coroutine_threadsafe(_closed(self._session.connector), self._loop)
            self._session.detach()
        else:
            self.forget()

    def forget(self) -> None:
        """Let go of connections without closing them.

        A forked process would take them from its parent's loop, and of one that ends nobody needs to be told.
        """
        if self._session is not None and (connector := self._session.connector) is not None:
            self._session.detach()
            connector._closed = True  # noqa: SLF001  # there is no other way to drop one
        self._session = None

    def _open(self) -> aiohttp.ClientSession:
        import aiohttp

        if self.is_closed:
            raise RuntimeError("closed")
        self._loop = asyncio.get_running_loop()
        self._session = session = aiohttp.ClientSession(
            # How many requests are under way is for the caller to decide.
            connector=aiohttp.TCPConnector(limit=0, ssl=self._trusted, keepalive_timeout=_IDLE),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connecting, sock_read=self._reading),
            auto_decompress=False,
            max_line_size=_LONGEST_LINE,
            max_field_size=_LONGEST_LINE,
            max_headers=_MOST_HEADERS,
        )
        session._retry_connection = False  # noqa: SLF001  # nobody would be told of such a retry
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
        import aiohttp

        try:
            return await self._response.content.readany()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failed = _told(error)
        raise failed

    async def aclose(self) -> None:
        self._response.release()


def _told(error: Exception) -> TimeoutError | NoAnswerError:
    """Return what an exception of aiohttp says, without what it holds: requests, headers, addresses of proxies."""
    import aiohttp

    match error:
        case aiohttp.ConnectionTimeoutError():
            return TimeoutError("connecting")
        case TimeoutError():
            return TimeoutError("waiting for bytes")
        case aiohttp.ClientHttpProxyError():
            return NoAnswerError(f"the proxy answers {error.status}")
        case aiohttp.ClientProxyConnectionError():
            return NoAnswerError("the proxy cannot be reached")
        case aiohttp.ClientResponseError():
            # Its other lines are an excerpt of what came.
            return NoAnswerError(f"not HTTP: {error.message.partition(':')[0]}")
        case aiohttp.ServerDisconnectedError():
            return NoAnswerError("the server closed the connection")
        case _:
            return NoAnswerError(str(error) or type(error).__name__)


class _Transported:
    """`Http` through a transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport, connecting: float, reading: float) -> None:
        self._transport = transport
        self._timeouts = {"connect": connecting, "read": reading, "write": reading, "pool": connecting}
        self.is_closed = False

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> Answer:
        import httpx

        try:
            request = httpx.Request(method, url, headers=dict(headers), extensions={"timeout": self._timeouts})
            found = await self._transport.handle_async_request(request)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failed = _told_by_httpx(error)
        else:
            return _Handled(found)
        raise failed

    async def aclose(self) -> None:
        self.is_closed = True
        await self._transport.aclose()


class _Handled:
    """`Answer` of a transport."""

    __slots__ = ("_pieces", "_response", "headers", "status_code")

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        stream: Any = response.stream
        self._pieces: AsyncIterator[bytes] = aiter(stream)
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        import httpx

        try:
            async for piece in self._pieces:
                if piece:
                    return piece
        except (httpx.HTTPError, OSError) as error:
            failed = _told_by_httpx(error)
        else:
            return b""
        raise failed

    async def aclose(self) -> None:
        await self._response.aclose()


def _told_by_httpx(error: Exception) -> TimeoutError | NoAnswerError:
    import httpx

    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return TimeoutError(type(error).__name__)
    return NoAnswerError(f"{type(error).__name__}: {error}")


async def _closed(connector: aiohttp.BaseConnector) -> None:
    await connector.close()


def _forget() -> None:
    for network in list(_networks):
        network.forget()


atexit.register(_forget)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
