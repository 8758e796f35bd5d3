"""Bytes that belong to no request are never a response, on each transport, with and without TLS."""

import asyncio
import gc
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import httpx2
import pytest

from onefolio_runtime import Client, Credentials, Operation, Transport, TransportError, Transports, open_transport
from onefolio_runtime.transports import connection_guard

from .servers import make_contexts, serving, talking
from .test_transports import NAMES, fetch

UNUSED: Any = None

RIGHT = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright"
WRONG = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nright\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    return make_contexts(tmp_path_factory.mktemp("tls"))


def received(connection: socket.socket) -> bool:
    """Wait for a request and return whether there is one."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = connection.recv(65536)
        if not more:
            return False
        head += more
    return True


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("first", [RIGHT, CHUNKED], ids=["length", "chunked"])
def test_a_response_behind_another_is_never_a_response(
    first: bytes, name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    check_every_split(name, first, *(contexts if tls else (None, None)))


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_parser_that_cannot_be_examined_receives_whole_responses(name: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_guard, "_parser_of", lambda _: None)
    check_every_split(name, RIGHT, None, None)


def check_every_split(name: Any, first: bytes, context: ssl.SSLContext | None, trusting: ssl.SSLContext | None) -> None:
    """Send a part of a response behind the right one, and the rest when the next request is received."""

    def talk(connection: socket.socket, number: int) -> None:
        if not received(connection):
            return
        split = number - 1 if number <= len(WRONG) else 0
        connection.sendall(first + WRONG[:split])
        if received(connection):
            connection.sendall(WRONG[split:] if split else RIGHT)
            while received(connection):
                connection.sendall(RIGHT)

    async def use(url: str) -> list[bytes]:
        bodies = []
        for _ in range(len(WRONG)):
            transport = open_transport(name, ssl_context=trusting)
            for _ in range(3):
                with suppress(TransportError):
                    bodies.append((await fetch(transport, url))[2])
            await transport.aclose()
        return bodies

    with talking(talk, context) as url:
        bodies = asyncio.run(use(url))
    assert set(bodies) == {b"right"}
    assert len(bodies) >= len(WRONG)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize(
    "unasked", [WRONG, WRONG[:10], b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", b"\0", b"\r\n"]
)
def test_bytes_on_an_idle_connection_close_it(
    unasked: bytes, name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """No request is lost: the next one is sent on a new connection."""
    is_sent, numbers = threading.Event(), []

    def talk(connection: socket.socket, number: int) -> None:
        while received(connection):
            numbers.append(number)
            connection.sendall(RIGHT)
            if number == 1:
                go_on.wait(60)
                connection.sendall(unasked)
                is_sent.set()

    async def use(url: str) -> list[bytes]:
        transport = open_transport(name, ssl_context=contexts[1] if tls else None)
        bodies = [(await fetch(transport, url))[2]]
        go_on.set()
        is_sent.wait(60)  # the event loop does not run meanwhile, so that the bytes are in the socket
        bodies += [(await fetch(transport, url))[2] for _ in range(2)]
        await transport.aclose()
        return bodies

    go_on = threading.Event()
    with talking(talk, contexts[0] if tls else None) as url:
        assert asyncio.run(use(url)) == [b"right"] * 3
    assert numbers == [1, 2, 2]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("rest", [15_000, 60_000, 300_000])
@pytest.mark.parametrize("size", [2_000, 40_000, 65_536, 131_072])
def test_bytes_in_the_buffers_of_a_library_are_not_the_next_response(
    size: int, rest: int, name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """Libraries read up to 256 KiB at once and pass them on in parts of 64 KiB or of one TLS record."""

    def sized(body: bytes, total: int) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %7d\r\n\r\n"
        length = total - len(head % 0)
        return head % length + body * (length // len(body)) + body[: length % len(body)]

    def talk(connection: socket.socket, number: int) -> None:
        while received(connection):
            is_received.set()
            go_on.wait(60)
            if rest > 100_000:  # it may not fit into the socket
                threading.Timer(0.1, is_sent.set).start()
            connection.sendall(sized(b"right", size) + sized(b"WRONG", rest))
            is_sent.set()

    async def read_at_once(transport: Transport, url: str) -> bytes:
        """Let the event loop read when both responses are in the socket."""
        for each in (is_received, is_sent, go_on):
            each.clear()
        task = asyncio.create_task(fetch(transport, url))
        while not is_received.is_set():
            await asyncio.sleep(0)
        go_on.set()
        is_sent.wait(60)
        return (await task)[2]

    async def use(url: str) -> list[bytes]:
        transport = open_transport(name, ssl_context=contexts[1] if tls else None)
        bodies = [await read_at_once(transport, url) for _ in range(3)]
        await transport.aclose()
        return bodies

    is_received, is_sent, go_on = threading.Event(), threading.Event(), threading.Event()
    with talking(talk, contexts[0] if tls else None) as url:
        bodies = asyncio.run(use(url))
    assert [b"right" in each and b"WRONG" not in each for each in bodies] == [True] * 3


@pytest.mark.parametrize("name", NAMES)
def test_bytes_before_the_first_request_are_not_its_response(name: Any) -> None:
    is_sent = threading.Event()

    def talk(connection: socket.socket, number: int) -> None:
        connection.sendall(WRONG)
        is_sent.set()
        while received(connection):
            connection.sendall(RIGHT)

    async def use(url: str) -> None:
        transport = open_transport(name)
        loop: Any = asyncio.get_running_loop()
        connect = loop.sock_connect

        async def connect_late(*arguments: Any) -> None:
            await connect(*arguments)
            await asyncio.to_thread(is_sent.wait, 60)

        loop.sock_connect = connect_late
        with pytest.raises(TransportError, match="before the request"):
            await fetch(transport, url)
        await transport.aclose()

    with talking(talk) as url:
        asyncio.run(use(url))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_a_connection_is_not_used_after_a_status_of_a_proxy(name: Any, status: int) -> None:
    """The response of the server behind the proxy may still follow."""
    numbers: list[int] = []

    def talk(connection: socket.socket, number: int) -> None:
        while received(connection):
            numbers.append(number)
            connection.sendall(RIGHT.replace(b"200", b"%d" % (status if number == 1 else 200)))

    async def use(url: str) -> None:
        transport = open_transport(name)
        for _ in range(3):
            await fetch(transport, url)
        await transport.aclose()

    with talking(talk) as url:
        asyncio.run(use(url))
    assert numbers == [1, 2, 2]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_connections_are_renewed_on_request(
    name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    async def use(transport: Transport, url: str) -> None:
        for _ in range(2):
            await fetch(transport, url)
        transport.renew_connections()
        for _ in range(2):
            await fetch(transport, url)
        await transport.aclose()

    with serving(context=contexts[0] if tls else None) as server:
        asyncio.run(use(open_transport(name, ssl_context=contexts[1] if tls else None), server.url))
    assert [each.connection for each in server.received] == [1, 1, 2, 2]


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_owners_share_no_connection_of_a_given_client(library: Any) -> None:
    """Another folio may use the same client with another key, and so may the user's own code."""

    async def use() -> None:
        async with library.AsyncClient() as client:
            one, two, other = (Transports(client).transport_for(owner) for owner in ("a", "b", "a"))
            for transport in (one, two, one, one, other):
                await fetch(transport, server.url)
            await client.get(server.url)
            await fetch(one, server.url)

    with serving() as server:
        asyncio.run(use())
    assert [each.connection for each in server.received] == [1, 2, 3, 3, 3, 3, 4]


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_connection_that_cannot_be_examined_is_used_once(library: Any) -> None:
    class Hidden(library.AsyncBaseTransport):  # type: ignore[misc]
        def __init__(self) -> None:
            self.inner = library.AsyncHTTPTransport()

        async def handle_async_request(self, request: Any) -> Any:
            response = await self.inner.handle_async_request(request)
            response.extensions.pop("network_stream")
            return response

        async def aclose(self) -> None:
            await self.inner.aclose()

    async def use() -> None:
        transport = open_transport(Hidden())
        for _ in range(3):
            await fetch(transport, server.url)
        await transport.aclose()

    with serving() as server:
        asyncio.run(use())
    assert [each.connection for each in server.received] == [1, 2, 3]
    assert {each.headers["connection"] for each in server.received} == {"close"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_connection_is_used_again(name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    async def use(url: str) -> None:
        transport = open_transport(name, ssl_context=contexts[1] if tls else None)
        for _ in range(4):
            await fetch(transport, url)
        await transport.aclose()

    with serving(context=contexts[0] if tls else None) as server:
        asyncio.run(use(server.url))
    assert [each.connection for each in server.received] == [1, 1, 1, 1]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_closed_transport_leaves_nothing_to_collect(
    name: Any, tls: bool, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    """A finalizer that a garbage collection runs in the main thread can lose a Ctrl-C."""

    async def use(url: str) -> None:
        transport = open_transport(name, ssl_context=contexts[1] if tls else None)
        await asyncio.gather(*(fetch(transport, url) for _ in range(3)))
        await fetch(transport, url)
        await transport.aclose()

    with serving(context=contexts[0] if tls else None) as server, collecting_by_hand():
        before = socket_transports()
        asyncio.run(use(server.url))
        assert socket_transports() == before


def test_a_closed_client_leaves_nothing_to_collect() -> None:
    with serving() as server, collecting_by_hand():
        before = socket_transports()
        with Client(Credentials(), server.url) as client:
            request = Operation[Any, Any]("any", method="GET", path="/", contract=UNUSED, responses={}).request()
            assert client.send(request).status_code == 200
        assert socket_transports() == before


@contextmanager
def collecting_by_hand() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def socket_transports() -> int:
    return sum(type(each).__name__ == "_SelectorSocketTransport" for each in gc.get_objects())
