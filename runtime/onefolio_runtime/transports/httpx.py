"""Requests with httpx, or with its successor httpx2, which has the same interface."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Hashable, Mapping
from contextlib import suppress
from http.cookiejar import CookieJar
from re import compile as pattern
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import urlsplit
from weakref import finalize

from ..deadlines import Deadlines
from ..tracebacks import clear_locals
from .base import RawResponse, TransportError
from .connection_guard import ConnectionGuard, Sender, UnusableConnectionError, current_sender, guard_new_connection
from .proxies import ProxyRule

if TYPE_CHECKING:
    import httpx
    import httpx2

    AnyClient: TypeAlias = httpx.AsyncClient | httpx2.AsyncClient
    AnyTransport: TypeAlias = httpx.AsyncBaseTransport | httpx2.AsyncBaseTransport

KEEP_ALIVE = 15.0
"""Seconds after which an idle connection is closed."""

_EXCERPT = pattern(r"b?['\"]|[:(]")
"""Start of an excerpt of the response in a message of the HTTP parser."""


class Clients(Protocol):
    """Chooses the client for a request."""

    is_given: bool
    """Whether a client or its transport is the user's."""

    def client_for(self, url: str) -> Any:
        """Return the `AsyncClient` that sends a request."""
        raise NotImplementedError

    def has_guards(self, url: str) -> bool:
        """Return whether the connections of a request can certainly be guarded."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the clients that onefolio opened."""


class HttpxTransport:
    """`Transport` through clients of httpx or httpx2.

    Args:
        library: The module `httpx` or `httpx2`.
        clients: Clients of this library.
        connecting: Seconds for connecting.
        reading: Seconds for each wait for bytes.
        owner: The holder of the keys; no connection of the clients is used for two owners. By default, the transport.
    """

    def __init__(
        self, library: Any, clients: Clients, connecting: float, reading: float, owner: Hashable = None
    ) -> None:
        self.connecting, self.reading = connecting, reading
        self.deadlines = Deadlines()
        self.is_closed = False
        self._library, self._clients = library, clients
        self._sender = Sender(owner or object())
        self._has_guards = False
        self._errors = (library.HTTPError, library.InvalidURL, OSError)
        self._timeouts = {"connect": connecting, "read": reading, "write": reading, "pool": connecting}
        self._defaults = {"User-Agent": f"python-{library.__name__}/{library.__version__}"}

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        """Send a request; see `Transport.request`."""
        request: Any = None
        try:
            client = self._client_for(url)
            request = self._library.Request(
                method, url, headers=self._encode(url, headers), extensions=self._extensions_for(url)
            )
            response = await self._send(client, request)
        except (*self._errors, TransportError) as error:
            failed = _translate_error(self._library, error)
        except BaseException as error:
            del headers, request
            clear_locals(error)
            raise
        else:
            return _HttpxResponse(self._library, response)
        del headers, request
        raise failed

    def renew_connections(self) -> None:
        """Use new connections from now on; see `Transport.renew_connections`."""
        self._sender.generation.number += 1

    async def aclose(self) -> None:
        """Close the clients that onefolio opened."""
        self.is_closed = True
        await self._clients.aclose()

    async def _send(self, client: AnyClient, request: Any) -> Any:
        """Send a request on a connection that holds no bytes of an earlier response."""
        token = current_sender.set(self._sender)
        try:
            while True:
                # Each failure closes an idle connection, and a new connection cannot fail in this way.
                with suppress(UnusableConnectionError):
                    response = await client.send(request, stream=True, auth=None, follow_redirects=False)
                    break
        finally:
            current_sender.reset(token)
        await self._check(response)
        return response

    async def _check(self, response: httpx.Response | httpx2.Response) -> None:
        """Check that a response belongs to its request, and guard its connection.

        Raises:
            TransportError: it does not.
        """
        connection = response.extensions.get("network_stream")
        guard = None if connection is None else ConnectionGuard.of(connection)
        if response.extensions.get("http_version") == b"HTTP/2":
            return
        self._has_guards = guard is not None
        if guard is not None:
            try:
                guard.check_response(response, self._sender)
            except TransportError:
                await response.aclose()
                raise

    def _client_for(self, url: str) -> Any:
        if self.is_closed:
            raise RuntimeError("the transport is closed; open another one")
        return self._clients.client_for(url)

    def _encode(self, url: str, headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
        # Without guards, the next request on a connection could receive a response that belongs to none.
        last = {} if self._has_guards or self._clients.has_guards(url) else {"Connection": "close"}
        # httpx would include a value that is not ASCII in the exception that it raises.
        return [(name.encode(), value.encode()) for name, value in {**self._defaults, **last, **headers}.items()]

    def _extensions_for(self, url: str) -> dict[str, Any]:
        is_limited = self._clients.is_given and url.startswith("http:")
        return {"timeout": self._timeouts, "trace": _DirectOnly(url) if is_limited else guard_new_connection}


class _DirectOnly:
    """Trace hook of httpcore that refuses to send an `http://` request through a proxy.

    A client takes `HTTP_PROXY` from the environment by default, and a proxy could read the credentials.
    """

    def __init__(self, url: str) -> None:
        parsed = urlsplit(url)
        self._target = parsed.hostname, parsed.port or 80

    async def __call__(self, event: str, details: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.started" and (details["host"], details["port"]) != self._target:
            raise TransportError("the client sends http:// through a proxy; use https:// or a client without proxy")
        await guard_new_connection(event, details)


class OwnClients:
    """Clients that onefolio opens: one for direct connections and one for the proxy.

    Args:
        library: The module `httpx` or `httpx2`.
        ssl_context: Verifies servers and proxies.
        proxy: Chooses between direct connections and the proxy.
    """

    is_given = False

    def __init__(self, library: Any, ssl_context: ssl.SSLContext, proxy: ProxyRule) -> None:
        self._library, self._ssl_context, self._proxy = library, ssl_context, proxy
        self._opened: dict[str | None, AnyClient] = {}

    def client_for(self, url: str) -> AnyClient:
        """Return the client for direct connections, or that for the proxy."""
        proxy = self._proxy.proxy_for(url)
        return self._opened.get(proxy) or self._open(proxy)

    def has_guards(self, url: str) -> bool:  # noqa: ARG002  # the protocol's signature
        """Return True."""
        return True

    async def aclose(self) -> None:
        """Close all clients."""
        for client in self._opened.values():
            await client.aclose()

    def _open(self, proxy: str | None) -> AnyClient:
        transport = self._library.AsyncHTTPTransport(
            verify=self._ssl_context,
            trust_env=False,
            limits=self._library.Limits(keepalive_expiry=KEEP_ALIVE),
            proxy=proxy and self._proxy_at(proxy),
        )
        self._opened[proxy] = client = open_client(self._library, transport)
        finalize(self, _close_dropped, client, asyncio.get_running_loop()).atexit = False
        return client

    def _proxy_at(self, url: str) -> Any:
        return self._library.Proxy(url, ssl_context=self._ssl_context if url.startswith("https:") else None)


class GivenClient:
    """A client of the user.

    Args:
        library: The module `httpx` or `httpx2`.
        client: An `AsyncClient` of this library.
        owned: Whether to close it with the folio.
    """

    is_given = True

    def __init__(self, library: Any, client: AnyClient, *, owned: bool) -> None:
        self._library, self._client, self._owned = library, client, owned

    def client_for(self, url: str) -> AnyClient:  # noqa: ARG002  # the protocol's signature
        """Return the given client."""
        return self._client

    def has_guards(self, url: str) -> bool:
        """Return whether the client sends the request through a transport of its library."""
        find = getattr(self._client, "_transport_for_url", None)
        return find is not None and isinstance(find(self._library.URL(url)), self._library.AsyncHTTPTransport)

    async def aclose(self) -> None:
        """Close the client if it is owned."""
        if self._owned:
            await self._client.aclose()


def open_client(library: Any, transport: AnyTransport) -> AnyClient:
    """Return a client that keeps no cookies and takes nothing from the environment."""
    client: AnyClient = library.AsyncClient(
        transport=transport, cookies=_NoCookies(), event_hooks={"response": [_drop_location]}, trust_env=False
    )
    return client


class _NoCookies(CookieJar):
    """A cookie jar that stores nothing, since two keys at one server must not share a session."""

    def extract_cookies(self, response: object, request: object) -> None: ...


async def _drop_location(response: httpx.Response | httpx2.Response) -> None:
    """Remove the header `Location`; httpx raises for an invalid one even if it does not follow redirects."""
    response.headers.pop("location", None)


class _HttpxResponse:
    """`RawResponse` of httpx."""

    __slots__ = ("_chunks", "_library", "_response", "headers", "status_code")

    def __init__(self, library: Any, response: httpx.Response) -> None:
        self._library, self._response = library, response
        self.status_code = response.status_code
        headers: httpx.Headers = response.headers
        self._chunks: AsyncGenerator[bytes, None] = response.aiter_raw()  # type: ignore[assignment]  # it is one
        if response.is_stream_consumed:
            # An event hook or a test double has read the body; httpx has decompressed it.
            headers, self._chunks = headers.copy(), _once(response.content)
            headers.pop("content-encoding", None)
        self.headers: Mapping[str, str] = headers

    async def read(self) -> bytes:
        try:
            async for chunk in self._chunks:
                if chunk:
                    return chunk
        except (self._library.HTTPError, OSError) as error:
            failed = _translate_error(self._library, error)
        except BaseException as error:
            clear_locals(error)
            raise
        else:
            return b""
        raise failed

    async def aclose(self) -> None:
        # The connection is not used again, so that an error on it is of no consequence.
        with suppress(self._library.HTTPError, OSError):
            await self._chunks.aclose()
            await self._response.aclose()
        # A response refers to itself, so that its connection would stay until the next garbage collection.
        if self._response.extensions.pop("network_stream", None) is not None:
            del self._response.stream


async def _once(content: bytes) -> AsyncGenerator[bytes, None]:
    yield content


def _translate_error(library: Any, error: Exception) -> TimeoutError | TransportError:
    """Return an error without the request that an exception of httpx holds, and without excerpts of the response."""
    text = str(error).partition("\n")[0]
    if isinstance(error, TransportError):
        return TransportError(text)
    if isinstance(error, library.ConnectTimeout | library.PoolTimeout):
        return TimeoutError("connecting")
    if isinstance(error, library.TimeoutException | TimeoutError):
        return TimeoutError("waiting for bytes")
    if isinstance(error, library.ProxyError):
        status = text[:3]
        return TransportError(f"the proxy returned HTTP {status}" if status.isdigit() else "no connection to the proxy")
    if isinstance(error, library.ProtocolError):
        if text.startswith("Server disconnected"):
            return TransportError("the server closed the connection")
        return TransportError(f"invalid HTTP: {_EXCERPT.split(text)[0].strip()}")
    return TransportError(f"{type(error).__name__}: {text}" if text else type(error).__name__)


def _close_dropped(client: AnyClient, loop: asyncio.AbstractEventLoop) -> None:
    if not client.is_closed and loop.is_running():
        asyncio.run_coroutine_threadsafe(client.aclose(), loop)
