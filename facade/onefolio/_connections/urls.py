"""Check base URLs before a key is sent to them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from .._core.errors import ConfigurationError

_PLAIN = re.compile(r"[!-~]+")
"""What a URL is made of: printable ASCII, no blanks."""


def check_base_url(url: str, variable: str) -> str:
    """Return a base URL without its trailing slash.

    Raises:
        ConfigurationError: it is no absolute URL, holds credentials or a query, or is `http://` to a host
            that is not this machine.
    """
    advice = f"look at base_url= or {variable}"
    try:
        parsed = urlsplit(url)
        port = parsed.port
    except (AttributeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"malformed base URL ({error}); {advice}") from None
    if parsed.scheme not in ("http", "https") or not parsed.hostname or port == 0 or not _PLAIN.fullmatch(url):
        raise ConfigurationError(f"malformed base URL {url!r}: it has to start with https:// and a host; {advice}")
    if parsed.username is not None or parsed.query or parsed.fragment:
        raise ConfigurationError(f"malformed base URL: no user, query or fragment belongs in it; {advice}")
    if parsed.scheme == "http" and not is_loopback(url):
        raise ConfigurationError(
            f"http:// would send the keys in the clear to {parsed.hostname}; use https:// (only this machine is "
            f"reached without); {advice}"
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
