"""Download a published document, with limits on its size, its time and its redirects."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from typing import IO, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from attrs import frozen

from onefolio_runtime import hide_arguments

from ..._core.addresses import show_address
from ..._core.errors import ComparisonError, ConfigurationError

_MAX_BYTES: Final = 64 * 2**20
"""Size of a document."""

_MAX_SECONDS: Final = 30.0
"""Time from the first request to the last byte."""

_MAX_REDIRECTS: Final = 5

_CHUNK: Final = 2**16

_ENCODINGS: Final = ("", "identity")


@frozen
class DownloadedDocument:
    """A downloaded document.

    Args:
        content: its bytes.
        address: the address that it was received from, after redirects.
        changed: the day of its last change, as `YYYY-MM-DD`; None if the server does not state it.
    """

    content: bytes
    address: str
    changed: str | None


@hide_arguments
def download(
    address: str,
    *,
    max_bytes: int = _MAX_BYTES,
    max_seconds: float = _MAX_SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> DownloadedDocument:
    """Download a document. No credentials are sent, also none of a `.netrc` file.

    Args:
        address: an `https` address, or an `http` address of this machine.
        max_bytes: the maximum size.
        max_seconds: the maximum time, in seconds.
        clock: returns a time in seconds.

    Raises:
        ConfigurationError: the address is not allowed.
        ComparisonError: the document could not be downloaded, or exceeds a limit.
    """
    check_address(address)
    shown = show_address(address)
    opener = build_opener(_Redirects())
    request = Request(address, headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "onefolio"})  # noqa: S310  # the scheme was checked
    deadline = clock() + max_seconds
    try:
        with opener.open(request, timeout=max_seconds) as response:
            encoding = response.headers.get("Content-Encoding", "")
            if encoding.lower() not in _ENCODINGS:
                raise ComparisonError(f"{shown} was sent in the encoding {encoding!r}, which was not requested")
            content = _read(response, shown, max_bytes, deadline, clock)
            return DownloadedDocument(content, response.url, _day(response.headers.get("Last-Modified")))
    except HTTPError as error:
        error.close()
        raise ComparisonError(f"cannot download {shown}: HTTP {error.code}") from None
    except (OSError, HTTPException, ValueError) as error:
        reason = error.reason if isinstance(error, URLError) else error
        timed_out = isinstance(reason, TimeoutError)
        message = f"no response within {max_seconds:g} seconds" if timed_out else str(reason) or type(reason).__name__
        raise ComparisonError(f"cannot download {shown}: {message}") from None


def check_address(address: str, *, allows_http: bool = True) -> None:
    """Check that an address is `https`, or `http` on this machine, and holds no credentials.

    Args:
        address: the address.
        allows_http: whether `http` is allowed on this machine.

    Raises:
        ConfigurationError: it does not.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ConfigurationError("--fetch: the address is malformed") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError("--fetch: the address holds a user or a password. Use one without credentials.")
    is_local = allows_http and parts.scheme == "http" and _is_loopback(host)
    if not host or not (parts.scheme == "https" or is_local):
        raise ConfigurationError(f"--fetch {show_address(address)}: expected an https address")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Redirects(HTTPRedirectHandler):
    """Follow a few redirects to addresses that are allowed."""

    max_redirections = _MAX_REDIRECTS

    def redirect_request(  # noqa: PLR0917  # the signature of the base class
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        try:
            # A server elsewhere must not select addresses of this machine.
            check_address(newurl, allows_http=_is_loopback(urlsplit(req.full_url).hostname or ""))
        except ConfigurationError as error:
            raise ComparisonError(f"{show_address(req.full_url)} redirects to a forbidden address: {error}") from None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _read(response: Any, shown: str, max_bytes: int, deadline: float, clock: Callable[[], float]) -> bytes:
    """Return the body; a server that sends single bytes exceeds the deadline as well."""
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK):
        chunks.append(chunk)
        size += len(chunk)
        if size > max_bytes:
            raise ComparisonError(f"{shown} is larger than {max_bytes / 2**20:g} MiB")
        if clock() > deadline:
            raise ComparisonError(f"cannot download {shown}: it takes too long")
    if response.length:
        raise ComparisonError(f"cannot download {shown}: the connection was closed before the end")
    return b"".join(chunks)


def _day(stated: str | None) -> str | None:
    """Return the day of a `Last-Modified` header."""
    try:
        return None if stated is None else parsedate_to_datetime(stated).astimezone(UTC).date().isoformat()
    except (TypeError, ValueError, OverflowError):
        return None
