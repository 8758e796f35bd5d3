"""What no server should send, byte by byte over a real socket: the right error, in bounded time, and no other."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psutil
import pytest

from onefolio import AsyncFolio, ContractViolation, Folio, OnefolioError, ProviderUnavailableError
from onefolio.providers.registry import known

from .corpus import CAP, READ, REFUSED

PROVIDER = "clear_street"  # the one with envelopes and pages, where most can go wrong


@contextmanager
def serving(*parts: bytes, pause: float = 0) -> Iterator[str]:
    """Answer every connection with the same bytes, and yield the URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            try:
                for part in parts:
                    connection.sendall(part)
                    time.sleep(pause)
            except OSError:
                return  # who was talked to has had enough

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read(url: str, mode: str, **options: Any) -> list[Any]:
    kind: Any = known()[PROVIDER]
    connection = kind(**kind.demo_credentials(), base_url=url)
    options = {"retries": 0, "timeout": 5, **options}

    async def read_async() -> list[Any]:
        async with AsyncFolio(connection, **options) as folio:
            return [account async for account in folio.accounts()]

    if mode == "async":
        return asyncio.run(read_async())
    with Folio(connection, **options) as folio:
        return list(folio.accounts())


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", READ)
def test_odd_and_harmless(name: str, mode: str) -> None:
    with serving(READ[name]) as url:
        assert read(url, mode) == []


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", REFUSED)
def test_hostile(name: str, mode: str) -> None:
    kind, raw = REFUSED[name]
    with serving(raw) as url, pytest.raises(OnefolioError) as caught:
        read(url, mode)
    assert type(caught.value) is kind
    assert len(str(caught.value)) < 1_000
    if isinstance(caught.value, ContractViolation):
        assert caught.value.status_code == 200
        assert caught.value.request_id == "the-request"
        assert len(caught.value.body) <= 201


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
DRIPS = {
    "the body": [HEAD, *[b" "] * 100],
    "the headers": [b"HTTP/1.1 200 OK\r\nX: ", *[b"x"] * 100],
    "the status": [bytes([each]) for each in b"HTTP/1.1 200 " + b"O" * 100],
    "interim answers": [b"HTTP/1.1 100 Continue\r\n\r\n"] * 100,
    "chunks": [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\n \r\n"] * 100],
}


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("name", DRIPS)
def test_a_slow_drip_ends_at_the_deadline(name: str, mode: str) -> None:
    started = time.monotonic()
    with serving(*DRIPS[name], pause=0.05) as url, pytest.raises(ProviderUnavailableError):
        read(url, mode, deadline=0.5)
    assert time.monotonic() - started < 2


def test_a_bomb_takes_no_more_memory_than_the_cap() -> None:
    process = psutil.Process()
    for name in ("a bomb", "a bomb in a bomb", "a bomb in deflate", "a body without end"):
        before, most = process.memory_info().rss, [0]
        with serving(REFUSED[name][1]) as url:
            ended = threading.Event()

            def watch(most: list[int] = most, ended: threading.Event = ended) -> None:
                while not ended.wait(0.005):
                    most[0] = max(most[0], process.memory_info().rss)

            watcher = threading.Thread(target=watch)
            watcher.start()
            with pytest.raises(OnefolioError):
                read(url, "sync")
            ended.set()
            watcher.join()
        assert most[0] - before < 4 * CAP, name
