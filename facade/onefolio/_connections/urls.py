"""Check base URLs before a key is sent to them."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

from .._core.addresses import show_address
from .._core.errors import ConfigurationError

_PRINTABLE = re.compile(r"[!-~]+")
"""Printable ASCII without blanks."""


def check_base_url(url: str, variable: str) -> str:
    """Return a base URL without its trailing slash.

    Args:
        url: the URL.
        variable: the environment variable that may state it, for messages.

    Raises:
        ConfigurationError: the URL is not absolute, contains credentials, a query or a fragment, or is `http://` to a
            host other than this machine.
    """
    advice = f"Check base_url= or {variable}."
    parsed = _split(url)
    if parsed is None or parsed.scheme not in ("http", "https") or not parsed.hostname or not _PRINTABLE.fullmatch(url):
        shown = show_address(url)
        raise ConfigurationError(f"malformed base URL {shown!r}: it must start with https:// and a host. {advice}")
    if parsed.username is not None or parsed.query or parsed.fragment:
        raise ConfigurationError(f"malformed base URL: it must not have a user, a query or a fragment. {advice}")
    if parsed.scheme == "http" and not is_loopback(url):
        raise ConfigurationError(
            f"http:// would send the keys unencrypted to {parsed.hostname}; use https:// "
            f"(http:// is allowed for this machine only). {advice}"
        )
    return url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None if it is malformed. The reasons that urllib gives may quote a password."""
    try:
        parsed = urlsplit(url)
        is_valid = parsed.port != 0
    except (AttributeError, TypeError, ValueError):
        return None
    return parsed if is_valid else None


def is_loopback(url: str) -> bool:
    """Return True if a URL's host is this machine: `localhost`, 127.0.0.0/8 or ::1."""
    try:
        host = urlsplit(url).hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
