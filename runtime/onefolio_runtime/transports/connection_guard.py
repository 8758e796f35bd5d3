"""Guard the connections of httpcore, so that no request receives a response that belongs to another one.

A server or a proxy may send bytes that belong to no request: a response twice, a 408 on an idle connection, the body of
a 204. httpcore would take them for the response to the next request on that connection, which may be for another
account. A guard therefore examines its connection before each request, and the first bytes after it. HTTP/2 numbers its
responses and needs no guard.
"""

from __future__ import annotations

import ssl
from collections.abc import Hashable
from contextvars import ContextVar
from typing import Any
from weakref import ref

from attrs import define, field

from .base import EARLY_RESPONSE, Generation, TransportError, ends_connection
from .sockets import release

_GUARD = "_onefolio_guard"
"""Attribute of a guarded connection."""

_STATUS_LINE = b"HTTP/"

_HTTP2_PREFACE = b"PRI * HTTP/2"

_PATH_TO_PARSER = ("stream", "_stream", "_httpcore_stream", "_stream", "_connection", "_h11_state")
"""Attributes that lead from a response to the parser of its connection."""


class UnusableConnectionError(Exception):
    """The request was not sent, because its connection must not be used. The connection is closed."""


@define(eq=False)
class Sender:
    """The sender of a request.

    Attributes:
        owner: the holder of the keys; a connection is used for the requests of one owner.
        generation: a connection that was last used in an earlier generation is not used again.
    """

    owner: Hashable
    generation: Generation = field(factory=Generation)


current_sender: ContextVar[Sender | None] = ContextVar("current_sender", default=None)
"""The sender of the request that the current task sends; None for a request of the user."""


class ConnectionGuard:
    """Examines a connection before each request, and the first bytes after it.

    Args:
        connection: a network stream of httpcore.

    Raises:
        AttributeError: the connection cannot be guarded.
    """

    def __init__(self, connection: Any) -> None:
        # With a reference, the socket of a dropped connection would stay open until the next garbage collection.
        self._connection = ref(connection)
        self._parser: Any = None
        self._sender: Sender | None = None
        self._number = 0
        self._is_active = True
        self._is_used = self._is_retired = False
        self._is_idle, self._awaits_start = True, False
        self._start = b""
        self._reads = 0
        connection.read, connection.write, connection.aclose = self._read, self._write, self._aclose
        setattr(connection, _GUARD, self)

    @staticmethod
    def of(connection: Any) -> ConnectionGuard | None:
        """Return the guard of a network stream, or None if it cannot be guarded."""
        found: ConnectionGuard | None = getattr(connection, _GUARD, None)
        if found is not None:
            return found
        try:
            return ConnectionGuard(connection)
        except (AttributeError, TypeError):
            return None

    def check_response(self, response: Any, sender: Sender) -> None:
        """Check that a response whose headers were just received is the one to the request before it.

        Raises:
            TransportError: it was received before the request was sent.
        """
        if self._is_used and self._is_active and not self._reads:
            raise TransportError(EARLY_RESPONSE)
        if self._parser is None:
            self._parser = _parser_of(response)
        if ends_connection(response.status_code):
            self._is_retired = True
        if not self._is_used:
            # The user's own requests have opened this connection.
            self._is_used = True
            self._claim(sender)

    async def _read(self, *arguments: Any, **options: Any) -> bytes:
        connection: Any = self._connection()
        data: bytes = await type(connection).read(connection, *arguments, **options)
        self._is_idle = True
        self._reads += 1
        if self._awaits_start:
            self._check_start(data)
        return data

    async def _write(self, data: bytes, *arguments: Any, **options: Any) -> None:
        connection: Any = self._connection()
        if data.startswith(_HTTP2_PREFACE):
            self._is_active = False
        if data and self._is_idle and self._is_active:
            sender = current_sender.get()
            if sender is not None:
                self._examine(connection, sender)
            self._is_used, self._is_idle = True, False
            self._awaits_start, self._start, self._reads = sender is not None, b"", 0
            self._claim(sender)
        await type(connection).write(connection, data, *arguments, **options)

    async def _aclose(self) -> None:
        connection: Any = self._connection()
        try:
            await type(connection).aclose(connection)
        finally:
            release(getattr(_layers(connection)[-1], "_transport", None))

    def _claim(self, sender: Sender | None) -> None:
        self._sender, self._number = sender, 0 if sender is None else sender.generation.number

    def _examine(self, connection: Any, sender: Sender) -> None:
        """Check that a connection can be used for a request of this sender.

        Raises:
            TransportError: a new connection has received bytes.
            UnusableConnectionError: another connection is to be used.
        """
        unread = _has_unread_bytes(connection, is_new=not self._is_used)
        if not self._is_used:
            if unread:
                raise TransportError(EARLY_RESPONSE)
            return
        last = self._sender
        if (
            unread is not False
            or self._is_retired
            or last is None
            or last.owner != sender.owner
            or last.generation.number != self._number
            or (self._parser is not None and self._parser.trailing_data[0])
        ):
            raise UnusableConnectionError

    def _check_start(self, data: bytes) -> None:
        """Check that the bytes after a request begin a response; the rest of an earlier one does not."""
        self._start = (self._start + data).lstrip(b"\r\n")[: len(_STATUS_LINE)]
        if not _STATUS_LINE.startswith(self._start):
            raise TransportError("invalid HTTP: the response does not begin with a status line")
        self._awaits_start = self._start != _STATUS_LINE


async def guard_new_connection(event: str, details: Any) -> None:
    """Guard a connection as soon as it is open; a hook for the extension `trace` of a request."""
    if event.endswith((".connect_tcp.complete", ".start_tls.complete")):
        ConnectionGuard.of(details["return_value"])


def _parser_of(response: Any) -> Any:
    """Return the parser that keeps the bytes behind a response, or None if it cannot be found."""
    found = response
    for name in _PATH_TO_PARSER:
        found = getattr(found, name, None)
    return found if hasattr(found, "trailing_data") else None


def _has_unread_bytes(connection: Any, *, is_new: bool) -> bool | None:
    """Return whether a connection has bytes that the parser has not received, or None if this is unknown."""
    *encrypted, socket = _layers(connection)
    try:
        if socket._protocol.read_queue or any(_has_decrypted_bytes(each._ssl_object) for each in encrypted):  # noqa: SLF001
            return True
    except AttributeError:
        return None
    # After a TLS handshake, the server may send session tickets.
    return False if is_new and encrypted else bool(connection.get_extra_info("is_readable"))


def _layers(connection: Any) -> list[Any]:
    """Return the streams of anyio in a connection: those of TLS, then that of the socket."""
    found: list[Any] = [getattr(connection, "_stream", None)]
    while hasattr(found[-1], "transport_stream"):
        found.append(found[-1].transport_stream)
    return found


def _has_decrypted_bytes(tls: ssl.SSLObject) -> bool:
    """Return whether TLS has bytes that can be read without the network, or has ended."""
    try:
        tls.read(1)
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLError:
        pass
    return True
