"""Servers for the tests of the transports."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TypeAlias

from attrs import define, field, frozen

Talk: TypeAlias = Callable[[socket.socket, int], None]
"""Serves one connection, given its number from 1 on."""


@frozen
class Received:
    """A request, and the number of the connection that it was received on."""

    line: str
    headers: dict[str, str]
    connection: int


@frozen
class Reply:
    """A response to send; `close` closes the connection instead, `rest` is sent after the response."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    close: bool = False
    rest: bytes = b""


@define
class Server:
    """A running server and the requests that it has received."""

    url: str = ""
    received: list[Received] = field(factory=list)
    open_connections: set[int] = field(factory=set)
    connections: int = 0


@contextmanager
def serving(
    reply: Callable[[Received], Reply] = lambda _: Reply(), context: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """Run a server on this machine that keeps connections open; with TLS if a context is given."""
    server = Server()
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def setup(self) -> None:
            super().setup()
            with lock:
                server.connections += 1
                self.number = server.connections
                server.open_connections.add(self.number)

        def finish(self) -> None:
            with lock:
                server.open_connections.discard(self.number)

        def do_GET(self) -> None:
            request = Received(self.requestline, {k.lower(): v for k, v in self.headers.items()}, self.number)
            server.received.append(request)
            response = reply(request)
            if response.close:
                self.close_connection = True
                return
            lines = [f"HTTP/1.1 {response.status} x", f"Content-Length: {len(response.body)}"]
            lines += [f"{name}: {value}" for name, value in response.headers]
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + response.body + response.rest)

        do_CONNECT = do_GET  # noqa: N815  # the name that http.server requires

        def log_message(self, *_: object) -> None: ...

    class Quiet(ThreadingHTTPServer):
        request_queue_size = 500
        daemon_threads = True

        def handle_error(self, *_: object) -> None: ...  # clients of these tests close connections early

    with Quiet(("127.0.0.1", 0), Handler) as listener:
        if context is not None:
            listener.socket = context.wrap_socket(listener.socket, server_side=True)
        server.url = f"{'http' if context is None else 'https'}://127.0.0.1:{listener.server_address[1]}"
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        listener.shutdown()
        thread.join()


def make_certificate(folder: Path) -> Path:
    """Write a key and a self-signed certificate for this machine into one file and return its path."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    return certificate


def make_contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a server and of its clients."""
    certificate = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context, ssl.create_default_context(cafile=str(certificate))


@contextmanager
def talking(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """Run a server whose connections are served by a function; yield its URL. With TLS if a context is given."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=500)
    accepted: list[socket.socket] = []

    def serve(raw: socket.socket, number: int) -> None:
        with suppress(OSError), raw:
            connection = raw if context is None else context.wrap_socket(raw, server_side=True)
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                talk(connection, number)

    def accept() -> None:
        while True:
            try:
                raw, _ = listener.accept()
            except OSError:
                return
            accepted.append(raw)
            threading.Thread(target=serve, args=(raw, len(accepted)), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"{'http' if context is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for each in accepted:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
