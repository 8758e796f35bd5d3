"""A proxy that passes bytes on. It changes two parts of a request: the host, and the base path before the path.

Each connection of a client has one connection to the provider, so that bytes, ends and resets pass from one to the
other as they are. Messages are searched for in copies of the bytes.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol
from urllib.parse import urlsplit

from attrs import frozen

from onefolio_runtime.body import MAX_BODY
from onefolio_runtime.transports.factory import default_ssl_context

from .exchanges import COMPLETE, CUT_OFF, LARGE, NO_FIELDS, NO_RESPONSE, Asked, Exchange, read_fields, read_request
from .framing import NO_BODY, UNKNOWN, UNTIL_END, Framer, Framing, Head, Kind, Piece, body_framing

_log = logging.getLogger("onefolio.watch")

_CONNECTING = 30.0
"""Seconds for a connection to the provider."""

_HOST = re.compile(rb"^(host[ \t]*:[ \t]*)[^\r\n]*", re.IGNORECASE | re.MULTILINE)


class Sink(Protocol):
    """Receives exchanges; returns at once."""

    def put(self, exchange: Exchange) -> None:
        """Receive an exchange."""
        raise NotImplementedError

    def count_unchecked(self, reason: str) -> None:
        """Receive the reason why an exchange cannot be checked."""
        raise NotImplementedError


@frozen
class Upstream:
    """The provider's server.

    Args:
        host: the host.
        port: the port.
        host_field: the value of the field `Host`.
        base_path: the path before the path of each request, without a slash at its end.
        ssl_context: verifies the server; None for a connection without TLS.
        credential_names: see `read_request`.
    """

    host: str
    port: int
    host_field: bytes
    base_path: bytes
    ssl_context: ssl.SSLContext | None
    credential_names: dict[str, str]

    def rewrite(self, raw: bytes) -> bytes:
        """Return the head of a request with the host and the base path of the provider."""
        line, newline, fields = raw.partition(b"\n")
        method, space, rest = line.partition(b" ")
        if rest.startswith(b"/"):
            line = method + space + self.base_path + rest
        fields = _HOST.sub(lambda found: found[1] + self.host_field, fields, count=1)
        return line + newline + fields


def make_upstream(base_url: str, credential_names: dict[str, str]) -> Upstream:
    """Return the server of a URL.

    Args:
        base_url: the URL, as `check_base_url` returns it.
        credential_names: see `read_request`.

    Raises:
        OSError: `SSL_CERT_FILE` or `SSL_CERT_DIR` names a file that cannot be read.
    """
    parts = urlsplit(base_url)
    is_secure = parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    context = default_ssl_context() if is_secure else None
    host_field = parts.netloc.rpartition("@")[2].encode("latin-1")
    path = parts.path.rstrip("/").encode("latin-1")
    return Upstream(parts.hostname or "", port, host_field, path, context, credential_names)


class _Observer:
    """Finds the exchanges in the bytes of one connection. A fault in it ends the observation and nothing else."""

    def __init__(self, upstream: Upstream, sink: Sink) -> None:
        self._upstream, self._sink = upstream, sink
        self._asked: deque[Asked] = deque()
        self._framer = Framer(self._framing_of)
        self._status = 0
        self._fields = NO_FIELDS
        self._body: bytearray | None = None
        self._is_large = False
        self._is_over = False

        self.is_upgraded = False
        """Whether the connection has changed to another protocol."""

    @property
    def has_requests(self) -> bool:
        """Whether a response is expected."""
        return bool(self._asked)

    def request(self, head: Head) -> None:
        """Receive the head of a request."""
        if self._is_over:
            return
        method, target = (*(part.decode("latin-1") for part in head.start[:2]), "", "")[:2]
        fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head.fields]
        self._asked.append(read_request(method, target, fields, self._upstream.credential_names))

    def response(self, data: bytes) -> None:
        """Receive bytes of responses."""
        if self._is_over:
            return
        try:
            for piece in self._framer.feed(data):
                self._add(piece)
        except Exception as error:  # noqa: BLE001  # traffic goes on whatever happens here
            self.fail(error)

    def end(self, *, by_server: bool) -> None:
        """Receive the end of the connection."""
        if self._is_over:
            return
        self._is_over = True
        try:
            if self._framer.ends_with_stream and by_server:
                self._finish(COMPLETE)
            elif by_server and self._asked:
                self._finish(CUT_OFF if self._status else NO_RESPONSE)
        except Exception as error:  # noqa: BLE001  # as above
            self.fail(error)

    def give_up(self, reason: str) -> None:
        """End the observation, because the extent of messages is unclear."""
        if not self._is_over:
            self._is_over = True
            self._sink.count_unchecked(reason)

    def fail(self, error: Exception) -> None:
        """End the observation after a fault in it."""
        self._is_over = True
        _log.warning("a connection is passed on without checks (%s)", type(error).__name__)
        self._sink.count_unchecked("fault of the check")

    def _framing_of(self, head: Head) -> Framing:
        status = int(head.start[1]) if len(head.start) > 1 and head.start[1].isdigit() else 0
        asked = self._asked[0].method if self._asked else ""
        if not 100 <= status <= 999 or not asked:
            return UNKNOWN
        self._status = status
        if status == 101:
            self.is_upgraded = True
            return UNKNOWN
        if status < 200 or status in (204, 304) or asked == "HEAD":
            return NO_BODY
        return body_framing(head, otherwise=UNTIL_END)

    def _add(self, piece: Piece) -> None:
        if piece.head is not None:
            if self._framer.is_transparent:
                self.give_up("not HTTP/1.1")
                return
            self._fields = read_fields(piece.head.fields)
            self._body, self._is_large = bytearray(), False
        elif piece.kind is Kind.END:
            if self._status >= 200:
                self._finish(LARGE if self._is_large else COMPLETE)
            self._status = 0
        elif piece.content and self._body is not None:
            if len(self._body) + len(piece.content) > MAX_BODY:
                self._body, self._is_large = None, True
            else:
                self._body += piece.content
        elif self._framer.is_transparent:
            self.give_up("not HTTP/1.1")

    def _finish(self, state: str) -> None:
        asked, body = self._asked.popleft(), bytes(self._body or b"")
        self._body = None
        self._sink.put(asked.exchange(time.time(), self._status, self._fields, body, state))
        self._status, self._fields = 0, NO_FIELDS


def _request_framing(head: Head) -> Framing:
    return UNKNOWN if head.start[:1] == [b"CONNECT"] else body_framing(head, otherwise=NO_BODY)


class ClientConnection(asyncio.Protocol):
    """A connection of a client.

    Args:
        upstream: the provider's server.
        sink: receives the exchanges.
        open_connections: contains this connection while it is open.
    """

    def __init__(self, upstream: Upstream, sink: Sink, open_connections: set[ClientConnection]) -> None:
        self._upstream, self._sink, self._open = upstream, sink, open_connections
        self._framer = Framer(_request_framing)
        self._observer = _Observer(upstream, sink)
        self._transport: asyncio.Transport | None = None
        self._server: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._has_failed = self._has_eof = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Connect to the provider."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # asyncio's promise
        self._transport = transport
        self._open.add(self)
        transport.pause_reading()
        self._connecting = asyncio.get_running_loop().create_task(self._connect())
        self._connecting.add_done_callback(lambda _: self._forget_if_over())

    def data_received(self, data: bytes) -> None:
        """Pass bytes of requests on."""
        sent = b"".join([self._rewritten(piece) for piece in self._framer.feed(data)])
        if self._observer.is_upgraded and not self._framer.is_transparent:
            sent += self._framer.drain()
            self._framer.give_up()
        if self._has_failed:
            if self._observer.has_requests or self._framer.is_transparent:
                self._fail()
        elif self._server is not None and sent:
            self._server.write(sent)

    def eof_received(self) -> bool:
        """Pass the end of the requests on; the response may still be received."""
        self._has_eof = True
        if self._has_failed or self._server is None:
            return False
        if rest := self._framer.drain():
            self._server.write(rest)
        if self._server.can_write_eof():
            self._server.write_eof()
            return True
        return self._observer.has_requests  # TLS cannot end one direction alone

    def connection_lost(self, exc: Exception | None) -> None:
        """Close the connection to the provider."""
        self._transport = None
        self._observer.end(by_server=False)
        if self._connecting is not None:
            self._connecting.cancel()
        if self._server is not None:
            _end(self._server, exc)
        self._forget_if_over()

    def pause_writing(self) -> None:
        """Receive no more from the provider until the client has read."""
        if self._server is not None:
            self._server.pause_reading()

    def resume_writing(self) -> None:
        """Receive from the provider again."""
        if self._server is not None:
            self._server.resume_reading()

    def close(self) -> None:
        """Close both connections at once."""
        if self._transport is not None:
            self._transport.abort()

    def server_connected(self, server: asyncio.Transport) -> None:
        """Begin to pass bytes on."""
        self._server = server
        if self._transport is not None:
            self._transport.resume_reading()
        else:
            server.abort()

    def server_data(self, data: bytes) -> None:
        """Pass bytes of responses on, and observe them afterwards."""
        if self._transport is not None:
            self._transport.write(data)
        self._observer.response(data)
        if self._has_eof and not self._observer.has_requests:
            self._close_after_eof()

    def server_lost(self, error: Exception | None) -> None:
        """Pass the end of the provider's connection on."""
        self._server = None
        self._observer.end(by_server=True)
        if self._transport is not None:
            _end(self._transport, error)
        self._forget_if_over()

    def pause_client(self) -> None:
        """Receive no more from the client until the provider has read."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_client(self) -> None:
        """Receive from the client again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def _forget_if_over(self) -> None:
        """Remove this connection from the open ones if neither side is open."""
        is_connecting = self._connecting is not None and not self._connecting.done()
        if self._transport is None and self._server is None and not is_connecting:
            self._open.discard(self)

    def _close_after_eof(self) -> None:
        """Close a connection after its last response, if the provider cannot learn that no request follows."""
        if self._transport is not None and self._server is not None and not self._server.can_write_eof():
            self._transport.close()

    def _rewritten(self, piece: Piece) -> bytes:
        if piece.head is None:
            return piece.raw
        try:
            if self._framer.is_transparent:
                self._observer.give_up("unclear request")
            else:
                self._observer.request(piece.head)
        except Exception as error:  # noqa: BLE001  # traffic goes on whatever happens here
            self._observer.fail(error)
        return self._upstream.rewrite(piece.raw)

    async def _connect(self) -> None:
        target, loop = self._upstream, asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECTING):
                await loop.create_connection(
                    lambda: _ServerConnection(self),
                    target.host,
                    target.port,
                    ssl=target.ssl_context,
                    server_hostname=target.host if target.ssl_context else None,
                )
        except (OSError, TimeoutError) as error:
            _log.warning("cannot connect to %s, port %s: %s", target.host, target.port, error or "timeout")
            # The request is read before the connection ends, so that the ledger can name its operation.
            self._has_failed = True
            if self._transport is not None:
                self._transport.resume_reading()

    def _fail(self) -> None:
        self._observer.end(by_server=True)
        if self._transport is not None:
            _end(self._transport, ConnectionRefusedError())


def _end(transport: asyncio.Transport, error: Exception | None) -> None:
    """End a connection as the other one has ended: with a reset after an error."""
    if error is None:
        transport.close()
        return
    if sys.platform != "win32":
        with suppress(OSError):
            found: socket.socket = transport.get_extra_info("socket")
            found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class _ServerConnection(asyncio.Protocol):
    """The connection to the provider that belongs to a client's connection."""

    def __init__(self, client: ClientConnection) -> None:
        self._client = client

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  # asyncio's promise
        self._client.server_connected(transport)

    def data_received(self, data: bytes) -> None:
        self._client.server_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._client.server_lost(exc)

    def pause_writing(self) -> None:
        self._client.pause_client()

    def resume_writing(self) -> None:
        self._client.resume_client()


Connections = set[ClientConnection]


def connection_factory(upstream: Upstream, sink: Sink, connections: Connections) -> Callable[[], ClientConnection]:
    """Return a function that makes the protocol of a new client; see `ClientConnection`."""
    return lambda: ClientConnection(upstream, sink, connections)
