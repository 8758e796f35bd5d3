"""Choose and open a transport."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..contract.explanations import EXCERPT, shorten
from .base import Timeout, Transport

if TYPE_CHECKING:
    from .httpx import AnyClient, AnyTransport

HttpChoice: TypeAlias = 'Literal["aiohttp", "httpx", "httpx2"] | AnyClient | AnyTransport'
"""The name of an HTTP library, or a client or transport of httpx or httpx2."""

_CHOICES = '"aiohttp", "httpx", "httpx2", or an AsyncClient or AsyncBaseTransport of httpx or httpx2'


class HttpChoiceError(TypeError, ValueError):
    """The `http` argument is not a choice, or does not fit the other arguments; the message says what to pass."""


def open_transport(
    http: HttpChoice = "aiohttp",
    *,
    timeout: Timeout = 30.0,
    proxy: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Transport:
    """Open a transport; it belongs to the event loop that first uses it.

    Args:
        http: The HTTP library, or a client or transport of httpx or httpx2. Requests through a given client use its
            transports, proxies, TLS settings and event hooks, but not its headers, cookies, parameters or
            authentication. A given client is left open when the transport is closed; a given transport is closed.
        timeout: Seconds for connecting and for each wait for bytes.
        proxy: URL of a proxy for `https://`; by default that of `HTTPS_PROXY` or `ALL_PROXY`, except for hosts that
            `NO_PROXY` lists.
        ssl_context: Verifies servers; by default with certifi's list, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.

    Raises:
        HttpChoiceError: `http` is neither a known name nor an asynchronous client or transport, or `proxy` or
            `ssl_context` is given together with a client or transport.
        ValueError: The proxy's URL is not that of an HTTP proxy.
        ModuleNotFoundError: The library is not installed; the message names the extra.
        OSError: `SSL_CERT_FILE` or `SSL_CERT_DIR` names a file that cannot be read.
    """
    return _opener(http, timeout, proxy, ssl_context)(None)


class Transports:
    """Transports with the same options, one for each owner of keys, so that no two owners share a connection.

    A server or a proxy that sends a response to the wrong request then sends it to an owner that may read it. The
    methods may be called in any thread, except for `aclose`.

    Args:
        http: See `open_transport`.
        timeout: See `open_transport`.
        proxy: See `open_transport`.
        ssl_context: See `open_transport`.

    Raises:
        HttpChoiceError: See `open_transport`.
        ValueError: See `open_transport`.
        ModuleNotFoundError: See `open_transport`.
        OSError: See `open_transport`.
    """

    def __init__(
        self,
        http: HttpChoice = "aiohttp",
        *,
        timeout: Timeout = 30.0,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._open = _opener(http, timeout, proxy, ssl_context)
        self._lock = Lock()
        self._opened: dict[str, Transport] = {}
        self._is_closed = False

    def transport_for(self, owner: str) -> Transport:
        """Return the transport of an owner, such as a digest of its keys; the first call opens it.

        Raises:
            RuntimeError: The transports are closed.
        """
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the transports are closed; open others")
            found = self._opened.get(owner)
            if found is None:
                found = self._opened[owner] = self._open(owner)
            return found

    async def aclose(self) -> None:
        """Close all transports. May be called twice."""
        with self._lock:
            self._is_closed = True
        for transport in self._opened.values():
            await transport.aclose()


def _opener(
    http: HttpChoice, timeout: Timeout, proxy: str | None, ssl_context: ssl.SSLContext | None
) -> Callable[[str | None], Transport]:
    """Return a function that opens a transport for an owner of keys; see `open_transport`."""
    connecting, reading = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    check_http(http)
    choice: Any = http
    if not isinstance(choice, str):
        if proxy is not None or ssl_context is not None:
            raise HttpChoiceError(
                "proxy= and ssl_context= do not apply to a given client or transport; configure that instead"
            )
        return _opener_of_given(choice, connecting, reading)
    library = _import_library(choice)
    verifying = ssl_context or default_ssl_context()
    from .proxies import ProxyRule

    rule = ProxyRule(proxy)
    if choice == "aiohttp":
        from .aiohttp import AiohttpTransport

        return lambda _: AiohttpTransport(connecting, reading, verifying, rule)
    from .httpx import HttpxTransport, OwnClients

    return lambda owner: HttpxTransport(library, OwnClients(library, verifying, rule), connecting, reading, owner)


def check_http(http: HttpChoice) -> None:
    """Check a choice without opening a transport.

    Raises:
        HttpChoiceError: `http` is neither a known name nor an asynchronous client or transport.
    """
    choice: Any = http
    if not isinstance(choice, str):
        _library_of(choice)
    elif choice not in ("aiohttp", "httpx", "httpx2"):
        raise HttpChoiceError(f"http={shorten(repr(choice), EXCERPT)} is unknown; available: {_CHOICES}")


def _opener_of_given(given: Any, connecting: float, reading: float) -> Callable[[str | None], Transport]:
    """Return a function that opens a transport through a client or transport of the user."""
    from .httpx import GivenClient, HttpxTransport, open_client

    library = _library_of(given)
    is_client = isinstance(given, library.AsyncClient)
    clients = GivenClient(library, given if is_client else open_client(library, given), owned=not is_client)
    return lambda owner: HttpxTransport(library, clients, connecting, reading, owner)


def _library_of(given: Any) -> Any:
    """Return the library of an asynchronous client or transport.

    Raises:
        HttpChoiceError: the object is neither.
    """
    # The library of an instance has been imported.
    for library in [sys.modules[name] for name in ("httpx", "httpx2") if name in sys.modules]:
        if isinstance(given, library.AsyncClient | library.AsyncBaseTransport):
            return library
        if isinstance(given, library.Client | library.BaseTransport):
            name = type(given).__name__
            raise HttpChoiceError(f"http= is a synchronous {name}; pass an AsyncClient or AsyncBaseTransport instead")
    raise HttpChoiceError(f"http= is of type {type(given).__name__}; available: {_CHOICES}")


def _import_library(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        message = f'http="{name}" needs {error.name}: pip install "onefolio[{name}]"'
        raise ModuleNotFoundError(message, name=error.name) from None


def default_ssl_context() -> ssl.SSLContext:
    """Return the context that verifies servers with certifi's list, or with `SSL_CERT_FILE` and `SSL_CERT_DIR`.

    Raises:
        OSError: a variable names a file that cannot be read.
    """
    return _ssl_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=1)
def _ssl_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Return the context of all transports; cached, because loading the certificates takes time and memory."""
    import certifi

    context = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder or None)
    context.set_alpn_protocols(["http/1.1"])
    return context
