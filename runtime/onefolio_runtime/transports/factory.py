"""Choose and open a transport."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from .base import HttpChoice, Timeout, Transport

if TYPE_CHECKING:
    pass


def open_transport(
    http: HttpChoice = "aiohttp",
    *,
    timeout: Timeout = 30.0,
    proxy: str | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Transport:
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
    if not isinstance(http, str):
        from .httpx import HttpxTransport

        return HttpxTransport(http, connecting, reading)
    from .aiohttp import Network

    trusted = ssl_context or _trust(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    return Network(
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
    from urllib.request import getproxies

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
