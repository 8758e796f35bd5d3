"""Responses that no server should send, byte by byte over a socket: the right error, in bounded time, and no other."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, repeat
from typing import Any

import psutil
import pytest

from onefolio import Account, ContractViolation, OnefolioError, ProviderUnavailableError
from onefolio.providers.registry import known

from .corpus import CAP, H11, READ, REFUSED
from .folios import MODES, read_accounts

PROVIDER = "clear_street"  # it has envelopes and pages, where most can go wrong


@contextmanager
def serving(*parts: bytes, drip: bytes = b"") -> Iterator[str]:
    """Send the same bytes on every connection, and yield the URL.

    Args:
        parts: Bytes to send at once.
        drip: Bytes to send every 50 milliseconds after them, until the client closes the connection.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def talk(connection: socket.socket) -> None:
        with connection:
            connection.recv(65536)
            try:
                for part in chain(parts, repeat(drip)) if drip else parts:
                    connection.sendall(part)
                    if drip and stopped.wait(0.05):
                        return
            except OSError:
                return  # the client has closed the connection

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
        stopped.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def read(url: str, mode: str, **options: Any) -> list[Account]:
    kind: Any = known()[PROVIDER]
    connection = kind(**kind.demo_credentials(), base_url=url)
    return read_accounts(mode, connection, **{"retries": 0, "timeout": 30, **options})


def differs(mode: str, name: str) -> bool:
    return mode in ("httpx", "httpx2") and name in H11


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", READ)
def test_odd_and_harmless(name: str, mode: str) -> None:
    with serving(READ[name]) as url:
        if differs(mode, name):
            with pytest.raises(H11[name]):
                read(url, mode)
        else:
            assert read(url, mode) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", REFUSED)
def test_hostile(name: str, mode: str) -> None:
    kind, raw = REFUSED[name]
    with serving(raw) as url, pytest.raises(OnefolioError) as caught:
        read(url, mode)
    assert type(caught.value) is (H11[name] if differs(mode, name) else kind)
    assert len(str(caught.value)) < 1_000
    if isinstance(caught.value, ContractViolation):
        assert caught.value.status_code == 200
        assert caught.value.request_id == "the-request"
        assert len(caught.value.body) <= 201


DRIPS: dict[str, tuple[list[bytes], bytes]] = {
    "the body": ([b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"], b" "),
    "the headers": ([b"HTTP/1.1 200 OK\r\nX: "], b"x"),
    "the status": ([b"HTTP/1.1 200 "], b"O"),
    "interim responses": ([], b"HTTP/1.1 100 Continue\r\n\r\n"),
    "chunks": ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"], b"1\r\n \r\n"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", DRIPS)
def test_a_slow_drip_ends_at_the_deadline(name: str, mode: str) -> None:
    """Without a deadline the response would never end."""
    parts, drip = DRIPS[name]
    with serving(*parts, drip=drip) as url, pytest.raises(ProviderUnavailableError, match="the deadline is over"):
        read(url, mode, deadline=0.5)


@pytest.mark.parametrize("mode", ["sync", "httpx", "httpx2"])
@pytest.mark.parametrize("name", ["a bomb", "a bomb in a bomb", "a bomb in deflate", "a body without end"])
def test_a_bomb_takes_no_more_memory_than_the_cap(name: str, mode: str) -> None:
    process = psutil.Process()
    before, most = process.memory_info().rss, 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal most
        while not ended.wait(0.005):
            most = max(most, process.memory_info().rss)

    with serving(REFUSED[name][1]) as url:
        watcher = threading.Thread(target=watch)
        watcher.start()
        with pytest.raises(OnefolioError):
            read(url, mode)
        ended.set()
        watcher.join()
    assert 0 < most < before + 4 * CAP
