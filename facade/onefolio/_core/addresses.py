"""Show addresses without the passwords and tokens that they may contain."""

from __future__ import annotations

import re

_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:/*+(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f]*:[0-9A-Fa-f:.]*\])(?::[0-9]{1,5})?(?:/[^@?#:\s]*)?"
)
"""A scheme, a host, a port and a path."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/+")
"""Two letters at least: a single one is a drive of Windows."""


def is_address(text: str) -> bool:
    """Return True for a URL, also for one whose slashes are incomplete, and False for a path."""
    return bool(_SCHEME.match(text)) or "://" in text


def show_address(address: object) -> str:
    """Return a URL or a path for a message, without anything that may be a user, a password, a query or a fragment.

    A malformed URL may have its password in any place, so only its scheme is shown. A path is shown as it is.
    """
    text = str(address)
    if _URL.fullmatch(text):
        return text
    if is_address(text):
        scheme = _SCHEME.match(text)
        return f"{scheme[0] if scheme else ''}…"
    # Most paths contain no `@`, and a user without a host is no address.
    return "…" if "@" in text and ":" in text else text
