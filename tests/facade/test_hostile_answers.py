"""What no server should send, byte by byte over a real socket: the right error, in bounded time, and no other."""

import asyncio
import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from onefolio import (
    AsyncFolio,
    ContractViolation,
    Folio,
    OnefolioError,
    ProviderUnavailableError,
    RateLimitedError,
    UnexpectedStatusError,
)

from .conftest import connect

PROVIDER = "clear_street"  # the one with envelopes and pages, where most can go wrong
PAGE = json.dumps({"data": [], "error": None, "metadata": {"request_id": "r"}}).encode()
CAP = 64 * 2**20


def answer(body: bytes, *headers: str, status: str = "200 OK", length: object = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body


def data(text: bytes) -> bytes:
    return answer(b'{"data":' + text + b',"metadata":{"request_id":"r"}}')


def metadata(text: bytes) -> bytes:
    return answer(b'{"data":[],"metadata":{"request_id":"r",' + text + b"}}")


GZIP = "Content-Encoding: gzip"
READ: dict[str, bytes] = {
    "plain": answer(PAGE),
    "gzip": answer(gzip.compress(PAGE), GZIP),
    "an encoding nobody knows, not used": answer(PAGE, "Content-Encoding: x-none"),
    "a charset nobody knows": answer(PAGE, "Content-Type: application/json; charset=nonsense"),
    "a malformed cookie": answer(PAGE, "Set-Cookie: a=b; Expires=nonsense"),
    "a giant number in an undocumented field": metadata(b'"x":1e999999999'),
    "a tiny number in an undocumented field": metadata(b'"x":1e-999999999'),
}

REFUSED: dict[str, tuple[type[OnefolioError], bytes]] = {
    # no whole answer
    "nothing": (ProviderUnavailableError, b""),
    "no HTTP": (ProviderUnavailableError, b"garbage\r\n\r\n"),
    "half a status line": (ProviderUnavailableError, b"HTTP/1.1 2"),
    "an interim answer only": (ProviderUnavailableError, b"HTTP/1.1 100 Continue\r\n\r\n"),
    "another protocol": (ProviderUnavailableError, b"HTTP/1.1 101 Switching\r\n\r\n"),
    "a length beyond the body": (ProviderUnavailableError, answer(PAGE, length=len(PAGE) + 10)),
    "a negative length": (ProviderUnavailableError, answer(PAGE, length=-5)),
    "a length that is no number": (ProviderUnavailableError, answer(PAGE, length="abc")),
    "a header without end": (ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"),
    "a malformed chunk": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "a chunk cut short": (
        ProviderUnavailableError, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
    # statuses
    "a status too low": (ProviderUnavailableError, answer(PAGE, status="099 x")),
    "a status of nobody": (ProviderUnavailableError, answer(PAGE, status="999 x")),
    "a redirect": (UnexpectedStatusError, answer(b"", "Location: http://127.0.0.1:1/", status="302 Found")),
    "nothing to say": (UnexpectedStatusError, b"HTTP/1.1 204 No Content\r\n\r\n"),
    "nothing new": (UnexpectedStatusError, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "an error that is no gzip": (ProviderUnavailableError, answer(b"no", GZIP, status="503 Unavailable")),
    "an error without end": (ProviderUnavailableError, answer(b" " * (CAP + 1), status="500 Oops")),
    "a wait without end": (RateLimitedError, answer(b"{}", "Retry-After: " + "9" * 400, status="429 x")),
    "a wait that is no number": (RateLimitedError, answer(b"{}", "Retry-After: 1e5", status="429 x")),
    "an error code without end": (
        UnexpectedStatusError, answer(b'{"error":{"code":' + b"9" * 3000 + b',"message":"x"}}')),
    "a message without end": (
        UnexpectedStatusError, answer(b'{"error":{"code":1,"message":"' + b"x" * 100_000 + b'"}}')),
    "an error that is a text": (UnexpectedStatusError, answer(b'{"error":"boom"}')),
    # bodies
    "HTML": (ContractViolation, answer(b"<html></html>", "Content-Type: text/html")),
    "no gzip": (ContractViolation, answer(b"no gzip", GZIP)),
    "half a gzip": (ContractViolation, answer(gzip.compress(PAGE)[:-12], GZIP)),
    "a bomb": (ContractViolation, answer(gzip.compress(b" " * (CAP + 1)), GZIP)),
    "a body without end": (ContractViolation, answer(b" " * (CAP + 1))),
    "a length short of the body": (ContractViolation, answer(PAGE, length=5)),
    "UTF-16": (ContractViolation, answer(PAGE.decode().encode("utf-16"))),
    "bytes that are no text": (ContractViolation, answer(PAGE.replace(b'"r"', b'"\xff"'))),
    "not a number": (ContractViolation, metadata(b'"x":NaN')),
    "infinity": (ContractViolation, metadata(b'"x":-Infinity')),
    "a name twice": (ContractViolation, metadata(b'"x":1,"x":2')),
    "two documents": (ContractViolation, answer(PAGE + PAGE)),
    "a bottomless nest": (ContractViolation, data(b"[" * 100_000 + b"]" * 100_000)),
    "a giant total": (ContractViolation, metadata(b'"total_items":1e999999999')),
    "a giant id": (ContractViolation, data(b'[{"id":' + b"9" * 4000 + b"}]")),
    "a token that is a number": (ContractViolation, metadata(b'"next_page_token":5')),
    "a token that is an object": (ContractViolation, metadata(b'"next_page_token":{"a":1}')),
    "the same token again": (ContractViolation, metadata(b'"next_page_token":"again"')),
    "an object for the rows": (ContractViolation, data(b'{"a":1}')),
    "null for the rows": (ContractViolation, data(b"null")),
    "null for a row": (ContractViolation, data(b"[null]")),
    "a list for a row": (ContractViolation, data(b"[[]]")),
}  # fmt: skip


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
    connection = connect(PROVIDER, base_url=url)
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


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_slow_drip_ends_at_the_deadline(mode: str) -> None:
    started = time.monotonic()
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    with serving(head, *[b" "] * 100, pause=0.1) as url, pytest.raises(ProviderUnavailableError):
        read(url, mode, deadline=1)
    assert time.monotonic() - started < 5
