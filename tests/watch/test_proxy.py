"""The proxy passes bytes on unaltered in both directions, and finds the exchanges in them."""

from __future__ import annotations

import gzip
import socket
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from onefolio.watch.background import BackgroundQueue
from onefolio.watch.exchanges import Exchange
from onefolio.watch.framing import NO_BODY, Framer, body_framing
from onefolio.watch.server import running

HEAD = b"HtTp-Odd: 1\r\nX-Twice: a\r\nHOST: 127.0.0.1:1\r\nx-twice: b\r\nAuthorization: Bearer key\r\n"


class Case(NamedTuple):
    """Bytes of a client and of a provider, and the exchanges in them.

    Attributes:
        request: the bytes of the client.
        response: the bytes of the provider.
        exchanges: status, body and state of each exchange.
        closes: whether the provider then closes the connection; "reset" for an abrupt end.
    """

    request: bytes
    response: bytes
    exchanges: list[tuple[int, bytes, str]]
    closes: bool | str = False


def get(
    target: bytes = b"/v2/account?a=%2F&b", method: bytes = b"GET", fields: bytes = b"", body: bytes = b""
) -> bytes:
    return method + b" " + target + b" HTTP/1.1\r\n" + HEAD + fields + b"\r\n" + body


OK = b"HTTP/1.1 200 Fine by me\r\nContent-Type: application/json\r\nset-cookie: a\r\nSet-Cookie: b\r\n"
PACKED = gzip.compress(b"[1]" * 100)
LARGE = bytes(range(256)) * 2**13
CASES = {
    "length": Case(get(), OK + b"Content-Length: 2\r\n\r\n{}", [(200, b"{}", "complete")]),
    "chunks and trailers": Case(
        get(),
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;x=1\r\n{\r\n01\r\n}\r\n0\r\nX-Sum: 1\r\n\r\n",
        [(200, b"{}", "complete")],
    ),
    "until the end": Case(get(), OK + b"\r\n[]", [(200, b"[]", "complete")], closes=True),
    "compressed": Case(
        get(),
        OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
        [(200, PACKED, "complete")],
    ),
    "large": Case(get(), OK + b"Content-Length: %d\r\n\r\n" % len(LARGE) + LARGE, [(200, LARGE, "complete")]),
    "head": Case(get(method=b"HEAD"), OK + b"Content-Length: 99\r\n\r\n", [(200, b"", "complete")]),
    "no content": Case(get(), b"HTTP/1.1 204 \r\n\r\n", [(204, b"", "complete")]),
    "not modified": Case(get(), b"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", [(304, b"", "complete")]),
    "interim": Case(
        get(method=b"POST", fields=b"Expect: 100-continue\r\nContent-Length: 3\r\n", body=b"a\r\n"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n",
        [(200, b"", "complete")],
    ),
    "chunked request": Case(
        get(method=b"POST", fields=b"Transfer-Encoding: chunked\r\n", body=b"3\r\nGET\r\n0\r\n\r\n"),
        OK + b"Content-Length: 0\r\n\r\n",
        [(200, b"", "complete")],
    ),
    "pipelined": Case(
        get(b"/v2/account") + get(b"/v2/positions"),
        OK + b"Content-Length: 1\r\n\r\n1HTTP/1.1 410 Gone\r\nContent-Length: 1\r\n\r\n2",
        [(200, b"1", "complete"), (410, b"2", "complete")],
    ),
    "cut off": Case(get(), OK + b"Content-Length: 9\r\n\r\n{}", [(200, b"{}", "cut off")], closes=True),
    "cut off by a reset": Case(get(), OK + b"Content-Length: 9\r\n\r\n{}", [(200, b"{}", "cut off")], closes="reset"),
    "no response": Case(get(), b"", [(0, b"", "no response")], closes=True),
    "two lengths": Case(get(), OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", [], closes=True),
    "not HTTP": Case(get(), b"\x00\xff garbage\n\n{}", [], closes=True),
    "another protocol": Case(
        get(fields=b"Upgrade: x\r\n"), b"HTTP/1.1 101 Go\r\nUpgrade: x\r\n\r\nGET / HTTP/1.1\r\nHost: y\r\n\r\n", []
    ),
}


class Provider:
    """A server that returns the bytes of a case, and records the bytes that it receives."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/base"
        self.case = CASES["length"]
        self.expected = b""
        self.received = b""
        self.go_on = Event()
        Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.received = b""
                while len(self.received) < len(self.expected):
                    self.received += connection.recv(2**16)
                connection.sendall(self.case.response)
                if self.case.closes == "reset":
                    self.go_on.wait(20)  # until the client has the bytes, which a reset would discard
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                elif not self.case.closes:
                    connection.recv(1)


class Sink:
    """A target that keeps the exchanges."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def send(self, exchanges: list[Exchange], unchecked: object) -> None:
        self.exchanges += exchanges

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    served = Provider()
    with closing(served.listener):
        yield served


def read(connection: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count and (chunk := connection.recv(2**16)):
        content += chunk
    return content


@pytest.mark.parametrize("name", CASES)
def test_bytes_pass_unaltered_and_exchanges_are_found(name: str, provider: Provider, tmp_path: Path) -> None:
    case = provider.case = CASES[name]
    host = urlsplit(provider.url).netloc.encode()
    provider.expected = case.request.replace(b" /v2", b" /base/v2").replace(b"127.0.0.1:1\r", host + b"\r")
    provider.go_on.clear()
    sink = Sink()
    with running(
        "alpaca", provider.url, ledger=tmp_path / "ledger", make_sink=lambda: BackgroundQueue(lambda: sink)
    ) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as client:
            for start in range(0, len(case.request), 7):  # in pieces that divide lines
                client.sendall(case.request[start : start + 7])
            assert read(client, len(case.response)) == case.response
            provider.go_on.set()
            if case.closes == "reset":
                with pytest.raises(ConnectionResetError):
                    client.recv(1)
            elif case.closes:
                assert client.recv(1) == b""
    assert provider.received == provider.expected
    assert [(each.status, each.body, each.state) for each in sink.exchanges] == case.exchanges


def test_a_provider_that_does_not_accept_connections_is_a_closed_connection(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    sink = Sink()
    with running("alpaca", url, ledger=tmp_path / "ledger", make_sink=lambda: BackgroundQueue(lambda: sink)) as proxy:
        parts = urlsplit(proxy)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as client:
            client.sendall(get())
            with pytest.raises(ConnectionResetError):
                client.recv(1)
    assert [(each.status, each.state) for each in sink.exchanges] == [(0, "no response")]


def test_traffic_goes_on_where_the_check_is_slow_or_fails(provider: Provider, tmp_path: Path) -> None:
    provider.case, provider.expected = CASES["length"], b""
    may_go_on, counted = Event(), []

    class Slow(Sink):
        def send(self, exchanges: list[Exchange], unchecked: object) -> None:
            may_go_on.wait(20)
            counted.append((len(exchanges), unchecked))
            if len(counted) == 1:
                raise OSError

    with running(
        "alpaca", provider.url, ledger=tmp_path / "ledger", make_sink=lambda: BackgroundQueue(Slow, max_queued=3)
    ) as url:
        parts = urlsplit(url)
        for _ in range(8):
            with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as client:
                client.sendall(get())
                assert read(client, len(CASES["length"].response)) == CASES["length"].response
        may_go_on.set()
    checked = sum(count for count, _ in counted[1:])
    dropped = sum(dict(unchecked).get("dropped", 0) for _, unchecked in counted[1:])  # type: ignore[call-overload]
    assert (checked + dropped, checked <= 6) == (8, True)


def test_a_body_passes_before_it_is_complete(provider: Provider, tmp_path: Path) -> None:
    provider.case = Case(b"", OK + b"Content-Length: 9\r\n\r\n{", [])
    provider.expected = b""
    sink = Sink()
    with running(
        "alpaca", provider.url, ledger=tmp_path / "ledger", make_sink=lambda: BackgroundQueue(lambda: sink)
    ) as url:
        parts = urlsplit(url)
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as client:
            client.sendall(get())
            assert read(client, len(provider.case.response)) == provider.case.response


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_pieces_of_a_stream_are_the_stream(size: int) -> None:
    stream = b"\r\n" + b"".join(case.request for case in CASES.values()) + b"POST / HTTP/1.1\nhost:a\n\n" + get()[:-2]
    framer = Framer(lambda head: body_framing(head, otherwise=NO_BODY))
    pieces = [piece for start in range(0, len(stream), size) for piece in framer.feed(stream[start : start + size])]
    assert b"".join(piece.raw for piece in pieces) + framer.drain() == stream
    assert sum(piece.head is not None for piece in pieces) == len(CASES) + 2
