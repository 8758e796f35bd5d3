"""Interface of the transports, and the errors that every transport raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from ..deadlines import Deadlines

Timeout: TypeAlias = float | tuple[float, float]
"""Seconds for connecting and for each wait for bytes: one number for both, or a pair.

Until the headers of a response are received, the longer of the two applies, because a connection may have to be made.
"""


EARLY_RESPONSE = "the server sent a response before the request"
"""Message of the error of a connection that has bytes of no request."""


class Generation:
    """Number of times that a transport has given up its connections."""

    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 0


def ends_connection(status_code: int) -> bool:
    """Return whether a connection must not be used after a response with this status.

    A server may send 408 to an idle connection, at the same time as a request is sent. A proxy sends 5xx for a server
    whose own response may follow. In both cases the response to the request would be that to the next one.
    """
    return status_code == 408 or status_code >= 500


class TransportError(Exception):
    """The response is missing or incomplete.

    The message states the reason. The exception holds no request, header or cause.
    """


class RawResponse(Protocol):
    """A response whose body has not been read."""

    status_code: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""

    async def read(self) -> bytes:
        """Return the next chunk of the body, not decompressed, or `b""` at its end.

        Raises:
            TimeoutError: No bytes were received in time.
            TransportError: The body is incomplete or malformed.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Release the connection; close it if the body has not been read to its end."""


class Transport(Protocol):
    """Sends requests with credentials.

    A transport follows no redirects, keeps no cookies, sends no request twice, and sends `http://` requests through no
    proxy. It belongs to the event loop that first uses it. The caller limits the number of concurrent requests.
    """

    connecting: float
    """Seconds for connecting."""
    reading: float
    """Seconds for each wait for bytes."""
    deadlines: Deadlines
    """Deadlines of the requests in flight; set by the caller."""

    @property
    def is_closed(self) -> bool:
        """Whether the transport is closed."""
        raise NotImplementedError

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        """Send a request without a body and return the response as soon as its headers are received.

        Raises:
            TimeoutError: Connecting took too long.
            TransportError: No response was received.
            RuntimeError: The transport is closed.
        """
        raise NotImplementedError

    def renew_connections(self) -> None:
        """Use none of the connections that are open now for another request; requests in flight are not affected.

        The caller has received a response that belongs to another request, and so may the next caller.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
