"""Requests through a transport of httpx, for tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from ..deadlines import Deadlines
from .base import RawResponse, TransportError


class HttpxTransport:
    """`Http` through a transport of httpx."""

    def __init__(self, transport: httpx.AsyncBaseTransport, connecting: float, reading: float) -> None:
        self._transport = transport
        self.connecting, self.reading = connecting, reading
        self._timeouts = {"connect": connecting, "read": reading, "write": reading, "pool": connecting}
        self.deadlines = Deadlines()
        self.is_closed = False

    async def request(self, method: str, url: str, headers: Mapping[str, str]) -> RawResponse:
        try:
            request = httpx.Request(method, url, headers=dict(headers), extensions={"timeout": self._timeouts})
            found = await self._transport.handle_async_request(request)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            failed = _translate_error(error)
        else:
            return _HttpxResponse(found)
        raise failed

    async def aclose(self) -> None:
        self.is_closed = True
        await self._transport.aclose()


class _HttpxResponse:
    """`Answer` of a transport."""

    __slots__ = ("_pieces", "_response", "headers", "status_code")

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        stream: Any = response.stream
        self._pieces: AsyncIterator[bytes] = aiter(stream)
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def read(self) -> bytes:
        try:
            async for piece in self._pieces:
                if piece:
                    return piece
        except (httpx.HTTPError, OSError) as error:
            failed = _translate_error(error)
        else:
            return b""
        raise failed

    async def aclose(self) -> None:
        await self._response.aclose()


def _translate_error(error: Exception) -> TimeoutError | TransportError:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return TimeoutError(type(error).__name__)
    return TransportError(f"{type(error).__name__}: {error}")
