"""Connections of aiohttp that take bytes for a response only while one is awaited.

A server or a proxy may send bytes that belong to no request: a response twice, a 408 on an idle connection, the body of
a 204. aiohttp would take them for the response to the next request on that connection.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import aiohttp
from aiohttp.client_proto import ResponseHandler

from .base import EARLY_RESPONSE, Generation, ends_connection
from .sockets import is_readable, release


class Connector(aiohttp.TCPConnector):
    """A connector of such connections.

    It is silent when it is collected after `AiohttpTransport.abandon`.

    Args:
        generation: an idle connection of an earlier generation is not used.
        options: those of `aiohttp.TCPConnector`.
    """

    def __init__(self, generation: Generation, **options: Any) -> None:
        super().__init__(**options)
        # aiohttp has no public option for this; tests/runtime/test_out_of_step.py fails if it stops working.
        self._factory: Any = partial(_Protocol, generation, self._loop)

    async def connect(self, *arguments: Any, **options: Any) -> Any:
        """Return a connection for a request.

        Raises:
            ClientConnectionError: the server has sent bytes on a new connection.
        """
        connection: Any = await super().connect(*arguments, **options)
        if connection.protocol.has_early_bytes():
            connection.close()
            raise aiohttp.ClientConnectionError(EARLY_RESPONSE)
        return connection

    def __del__(self, _warnings: Any = None) -> None: ...


class _Protocol(ResponseHandler):
    """A connection; it is closed by bytes that belong to no request."""

    def __init__(self, generation: Generation, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._generation, self._number = generation, generation.number
        self._awaits_response = self._is_used = False
        self._body: Any = None
        self._opened: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport of the socket; under TLS, another one is in front of it."""
        super().connection_made(transport)
        tls = getattr(transport, "_ssl_protocol", None)
        self._opened = transport if tls is None else tls._transport  # noqa: SLF001

    def connection_lost(self, exc: BaseException | None) -> None:
        """Release the transport, which is closed."""
        super().connection_lost(exc)
        release(self._opened)
        self._opened = None

    def set_response_params(self, **params: Any) -> None:
        """Prepare for the response to a request that is about to be sent."""
        self._awaits_response = self._is_used = True
        self._body = None
        super().set_response_params(**params)

    def data_received(self, data: bytes) -> None:
        """Parse bytes of a response, or close the connection."""
        if data and (not self._awaits_response or (self._body is not None and self._body.is_eof())):
            self._awaits_response = False
            self.force_close()
            self.abort()
            return
        super().data_received(data)

    def feed_data(self, data: Any, size: int = 0) -> None:
        """Take a parsed response; a second one is dropped."""
        message, body = data
        if self._body is not None:
            self.force_close()
            return
        if message.code >= 200 or message.code == 101:
            self._body = body
            if ends_connection(message.code):
                self.force_close()
        super().feed_data(data, size)

    def close(self) -> None:
        """Close the connection; under TLS without waiting for the server, which may outlast the event loop."""
        if self.transport is not None and self.transport.get_extra_info("sslcontext") is not None:
            self.abort()
        else:
            super().close()

    def is_connected(self) -> bool:
        """Return whether an idle connection may be used for another request."""
        return (
            super().is_connected()
            and self._number == self._generation.number
            and not self.should_close
            and not self._has_bytes_in_socket()
        )

    def has_early_bytes(self) -> bool:
        """Return whether a new connection has received bytes before its first request."""
        if self._is_used:
            return False
        if self.should_close or self.transport is None:
            return True
        # After a TLS handshake, the server may send session tickets.
        return self.transport.get_extra_info("sslcontext") is None and self._has_bytes_in_socket()

    def _has_bytes_in_socket(self) -> bool:
        """Return whether the event loop has bytes of this connection to read."""
        assert self.transport is not None  # noqa: S101  # the connection is open
        return is_readable(self.transport.get_extra_info("socket").fileno())
