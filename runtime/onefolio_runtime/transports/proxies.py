"""Choose the proxy of a request."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


class ProxyRule:
    """The proxy for `https://` requests: the given one, or the one that the environment names.

    Args:
        url: URL of an HTTP proxy, which is then used for every host; by default that of `HTTPS_PROXY`, `ALL_PROXY` or
            the system's settings, for hosts that `NO_PROXY` does not list.

    Raises:
        ValueError: The URL is not that of an HTTP proxy.
    """

    __slots__ = ("_skips_hosts", "_url")

    def __init__(self, url: str | None) -> None:
        self._skips_hosts = not url
        self._url = _checked(url or _of_environment())

    def proxy_for(self, url: str) -> str | None:
        """Return the URL of the proxy for a request, or None for a direct connection."""
        # A proxy could read the credentials of an http:// request.
        if self._url is None or not url.startswith("https:"):
            return None
        return None if self._skips_hosts and proxy_bypass(urlsplit(url).netloc) else self._url


def _of_environment() -> str | None:
    found = getproxies()
    return found.get("https") or found.get("all")


def _checked(url: str | None) -> str | None:
    if not url:
        return None
    parsed = urlsplit(url if "://" in url else f"http://{url}")
    is_readable = url.isprintable() and " " not in url  # the HTTP libraries disagree about all other characters
    if not is_readable or parsed.scheme not in ("http", "https") or not parsed.hostname or parsed.port == 0:
        # The URL may contain a password.
        raise ValueError("the URL of the proxy is invalid; it must start with http:// or https:// and a host")
    return parsed.geturl()
