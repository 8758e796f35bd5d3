"""Sockets that listen for the servers of this library."""

from __future__ import annotations

import errno
import socket
import sys

from .errors import ConfigurationError


class PortTakenError(ConfigurationError):
    """Another program listens on the port."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        PortTakenError: another program listens on the port.
        ConfigurationError: the address is not available.
    """
    if not 0 <= port <= 65535:  # getaddrinfo would reduce it modulo 65536
        raise ConfigurationError(f"port must be from 0 to 65535, not {port}")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from None
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        # With SO_REUSEADDR, bind succeeds for a port in use; only listen fails.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"port {port} is taken; choose another port, or 0 for a free one") from None
        raise ConfigurationError(f"cannot listen on {host}, port {port}: {error}") from None
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL of a server that listens on a socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
