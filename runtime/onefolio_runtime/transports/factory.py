"""Choose and open a transport."""

from __future__ import annotations

import os
import ssl
import sys
from functools import lru_cache
from importlib import import_module
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
    connecting, reading = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    check_http(http)
    choice: Any = http
    if not isinstance(choice, str):
        if proxy is not None or ssl_context is not None:
            raise HttpChoiceError(
                "proxy= and ssl_context= do not apply to a given client or transport; configure that instead"
            )
        return _wrap(choice, connecting, reading)
    library = _import_library(choice)
    verifying = ssl_context or _default_ssl_context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    from .proxies import ProxyRule

    rule = ProxyRule(proxy)
    if choice == "aiohttp":
        from .aiohttp import AiohttpTransport

        return AiohttpTransport(connecting, reading, verifying, rule)
    from .httpx import HttpxTransport, OwnClients

    return HttpxTransport(library, OwnClients(library, verifying, rule), connecting, reading)


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


def _wrap(given: Any, connecting: float, reading: float) -> Transport:
    """Return a transport that sends through a client or transport of the user."""
    from .httpx import GivenClient, HttpxTransport, open_client

    library = _library_of(given)
    if isinstance(given, library.AsyncClient):
        return HttpxTransport(library, GivenClient(given, owned=False), connecting, reading)
    return HttpxTransport(library, GivenClient(open_client(library, given), owned=True), connecting, reading)


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


@lru_cache(maxsize=1)
def _default_ssl_context(file: str | None, folder: str | None) -> ssl.SSLContext:
    """Return the context of all transports; cached, because loading the certificates takes time and memory."""
    import certifi

    context = ssl.create_default_context(cafile=file or (None if folder else certifi.where()), capath=folder or None)
    context.set_alpn_protocols(["http/1.1"])
    return context
