"""Interface of the transports, and the errors that every transport raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, TypeAlias

from ..deadlines import Deadlines

Timeout: TypeAlias = float | tuple[float, float]
"""Seconds for connecting and for each wait for bytes: one figure for both, or one for each.

For the beginning of an answer, before which a connection may have to be made, it is the longer of the two.
"""


HttpChoice: TypeAlias = Any


class TransportError(Exception):
    """No answer came, or it broke off. Its text says why; it holds neither request nor cause, nor any key."""


class RawResponse(Protocol):
    """An answer whose body has still to be read."""

    status_code: int
    headers: Mapping[str, str]
    """Looked up whatever the case of the name."""

    async def read(self) -> bytes:
        """Return the next piece of the body as it came, empty at its end; raises what `Http.request` does."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Let go of the connection; closes it where the body has not been read to its end."""


class Transport(Protocol):
    """What a client sends with."""

    connecting: float
    reading: float
    """Seconds for connecting, and for each wait for bytes."""
    deadlines: Deadlines
    """Of the requests under way; it is for who reads the answers to set them."""

    @property
    def is_closed(self) -> bool:
        """Whether it has been closed."""
        raise NotImplementedError

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        """Send a request without a body and return the answer when its headers are there.

        Raises:
            TimeoutError: connecting took too long.
            NoAnswerError: there is none.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
