"""A program that uses the library with unusual keys and prints everything it can: `python -m tests.faults.canary`.

The caller searches the output and the written files for the keys. The server returns the request in every part of a
response and sends the whole corpus; every logger is at DEBUG; every exception is printed with the variables of all
frames outside of this program.
"""

import asyncio
import contextlib
import copy
import json
import logging
import os
import pickle
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from typing import Any

import attrs
import msgspec

from onefolio import AsyncFolio, Folio
from onefolio.providers.registry import known

from .corpus import HEAVY, READ, REFUSED, response
from .folios import folio_on

MARK = "c4n4ry"


def key(name: str) -> str:
    """Return a key with characters that URLs, JSON and HTML encode; no file of this program contains it."""
    return f"{os.environ['CANARY']}-{name}-+/=&\"\\<'"


def show(*values: object) -> None:
    """Print values in every form."""
    for value in values:
        print(repr(value), str(value), f"{value}")
        with contextlib.suppress(TypeError):
            print(vars(value))
        for dump in (pickle.dumps, copy.deepcopy):
            with contextlib.suppress(Exception):
                print(dump(value))
        if attrs.has(type(value)):
            print(attrs.asdict(value))  # type: ignore[arg-type]  # the condition is not a type guard
        if isinstance(value, msgspec.Struct):
            print(msgspec.structs.asdict(value))


def show_error(error: BaseException) -> None:
    """Print an exception, its chain, and the variables of every frame outside of this program."""
    seen: set[int] = set()
    left = [error]
    while left:
        each = left.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        left += [other for other in (each.__cause__, each.__context__) if other is not None]
        show(each, each.args, getattr(each, "violations", None), getattr(each, "request", None))
        for frame in traceback.TracebackException.from_exception(each, capture_locals=True).stack:
            if frame.filename != __file__:
                print(frame.filename, frame.lineno, frame.name, frame.locals)


def echoes(request: bytes) -> Iterator[bytes]:
    """Yield responses that contain each value that was sent, in every part of a response."""
    sent = [line.partition(b": ")[2] for line in request.split(b"\r\n") if MARK.encode() in line]
    values = [value.removeprefix(b"Bearer ") for value in sent]
    for value in values:
        text = json.dumps(value.decode("latin-1")).encode()
        plain = value.replace(b"\r", b"").replace(b"\n", b"")
        for status in ("200 OK", "401 Unauthorized", "403 Forbidden", "429 Too Many", "503 Unavailable", "302 Found"):
            for body in (
                plain,
                b"<html>" + plain,
                b" " * 195 + plain,
                b'{"message":%s,"code":%s}' % (text, text),
                b'{"error":{"code":%s,"message":%s},"metadata":{"request_id":%s}}' % (text, text, text),
                b'{"errors":[{"code":%s,"detail":%s}]}' % (text, text),
                b'{"data":[{"id":%s}],"metadata":{"request_id":%s}}' % (text, text),
                b'{"data":[],"metadata":{"request_id":"r",%s:%s}}' % (text, text),
                b'{"data":[],"metadata":{"request_id":"r","next_page_token":%s}}' % text,
                b'[{%s:%s,"asset_id":%s}]' % (text, text, text),
                b'{"id":%s,%s:1}' % (text, text),
            ):
                yield response(body, status=status)
                yield response(body, "X-Request-ID: " + plain.decode("latin-1"), status=status)
        yield b"HTTP/1.1 200 " + plain + b"\r\nContent-Length: 2\r\n\r\n{}"
        yield b"HTTP/1.1 " + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\n" + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\nContent-Length: " + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + plain + b"\r\n"
        yield response(b"", "Location: https://example.com/" + plain.decode("latin-1"), status="302 Found")
        yield response(b"{}", "Retry-After: " + plain.decode("latin-1"), status="429 x")


class Server:
    """Sends the same response on every connection."""

    def __init__(self) -> None:
        self.response = b""
        self.requests_with_keys = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection, contextlib.suppress(OSError):
                request = connection.recv(65536)
                self.requests_with_keys += MARK.encode() in request
                connection.sendall(self.response)
                connection.shutdown(socket.SHUT_WR)


def read(folio: Folio) -> None:
    """Read accounts and a snapshot."""
    for call in (lambda: list(folio.accounts()), folio.snapshot):
        try:
            found: Any = call()
        except Exception as error:  # noqa: BLE001  # every one is printed
            show_error(error)
        else:
            for failure in getattr(found, "failures", []):
                show_error(failure.error)
                show(failure)


async def read_async(http: Any, connection: Any, options: Any) -> None:
    async with folio_on(http, connection, kind=AsyncFolio, **options) as folio:
        show(folio)
        try:
            show([each async for each in folio.accounts()])
        except Exception as error:  # noqa: BLE001  # every one is printed
            show_error(error)
        task = asyncio.create_task(folio.snapshot())
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            show_error(error)


def log_everything() -> None:
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(name)s %(message)s")
    records = logging.StreamHandler(sys.stdout)
    records.setFormatter(type("All", (logging.Formatter,), {"format": lambda _, record: str(vars(record))})())
    logging.getLogger().addHandler(records)
    for name in ("httpx", "httpx2", "httpcore", "httpcore2"):  # they log URLs and the headers of responses themselves
        logging.getLogger(name).setLevel(logging.WARNING)


def run(server: Server, http: Any, kind: Any, corpus: list[bytes]) -> None:
    """Read the corpus, and every response that contains a key, with one provider on one transport."""
    before = server.requests_with_keys
    options: Any = {"retries": 0, "timeout": 30, "on_event": show, "on_drift": show, "on_failure": show}
    keys: Any = {credential: key(credential) for credential in kind.variables}
    connection: Any = kind(**keys, base_url=server.url, rate_limit=None)
    show(connection, *vars(connection).values())
    headers = "".join(f"{each}: {value}\r\n" for each, value in connection.credentials.headers().items())
    responses = [*echoes(headers.encode()), *corpus]
    with folio_on(http, connection, kind=Folio, **options) as folio:
        show(folio)
        for server.response in responses:
            read(folio)
        show(folio.drifts)
    server.response = b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"
    asyncio.run(read_async(http, connection, options))
    for wrong in ({"base_url": "http://example.com"}, {"environment": "moon"}, {next(iter(keys)): key("x") + "\n"}):
        try:
            kind(**{**keys, **wrong})
        except Exception as error:  # noqa: BLE001  # every one is printed
            show_error(error)
    print("done", http, kind.provider, len(responses), server.requests_with_keys - before)


def main() -> None:
    log_everything()
    server = Server()
    corpus = {**READ, **{name: raw for name, (_, raw) in REFUSED.items()}}
    light = [raw for name, raw in corpus.items() if name not in HEAVY]
    heavy = [corpus[name] for name in HEAVY]
    clear_street = known()["clear_street"]
    for kind in known().values():
        run(server, "aiohttp", kind, light + (heavy if kind is clear_street else []))
    for http in ("httpx", "httpx2"):
        run(server, http, clear_street, light)


if __name__ == "__main__":
    main()
