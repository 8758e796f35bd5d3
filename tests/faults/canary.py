"""A program that does everything with keys of its own and shows all that it can: `python -m faults.canary FOLDER`.

Its caller looks for the keys in what it prints and writes. Servers send back whatever they are sent, in every place
of an answer, and answer with the whole corpus; every logger is at DEBUG; every exception is shown with the variables of
all frames that are not this program's own.
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
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import msgspec

from onefolio import AsyncFolio, Folio
from onefolio.providers.registry import known

from .corpus import READ, REFUSED, answer

MARK = "c4n4ry"


def key(name: str) -> str:
    """A key with characters that are written differently in URLs, JSON and HTML; read from no file of this program."""
    return f"{os.environ['CANARY']}-{name}-+/=&\"\\<'"


def show(*values: object) -> None:
    """Print values in every way there is."""
    for value in values:
        print(repr(value), str(value), f"{value}")
        with contextlib.suppress(TypeError):
            print(vars(value))
        for dump in (pickle.dumps, copy.deepcopy):
            with contextlib.suppress(Exception):
                print(dump(value))
        if attrs.has(type(value)):
            print(attrs.asdict(value))  # type: ignore[arg-type]  # it has just been asked
        if isinstance(value, msgspec.Struct):
            print(msgspec.structs.asdict(value))


def show_error(error: BaseException) -> None:
    """Print an exception, those behind it, and the variables of every frame of the library and what it stands on."""
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
            if Path(frame.filename).resolve() != Path(__file__).resolve():
                print(frame.filename, frame.lineno, frame.name, frame.locals)


def echoes(request: bytes) -> Iterator[bytes]:
    """Answers that hold what was sent, whole and header by header, wherever an answer has a place for it."""
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
                yield answer(body, status=status)
                yield answer(body, "X-Request-ID: " + plain.decode("latin-1"), status=status)
        yield b"HTTP/1.1 200 " + plain + b"\r\nContent-Length: 2\r\n\r\n{}"
        yield b"HTTP/1.1 " + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\n" + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\nContent-Length: " + plain + b"\r\n\r\n"
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + plain + b"\r\n"
        yield answer(b"", "Location: https://example.com/" + plain.decode("latin-1"), status="302 Found")
        yield answer(b"{}", "Retry-After: " + plain.decode("latin-1"), status="429 x")


class Server:
    """Answers the n-th connection with the n-th answer, which may be made of the request."""

    def __init__(self) -> None:
        self.make: Callable[[bytes], bytes] = lambda _: b""
        self.seen = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            with connection, contextlib.suppress(OSError):
                request = connection.recv(65536)
                self.seen += MARK.encode() in request
                connection.sendall(self.make(request))
                connection.shutdown(socket.SHUT_WR)


def read(folio: Folio) -> None:
    """Take what there is, in every way."""
    for call in (lambda: list(folio.accounts()), lambda: folio.snapshot()):  # noqa: PLW0108  # both are calls
        try:
            found: Any = call()
        except Exception as error:  # noqa: BLE001  # every one is shown
            show_error(error)
        else:
            for failure in getattr(found, "failures", []):
                show_error(failure.error)
                show(failure)
    show(folio.drifts)


async def read_async(connection: Any, options: Any) -> None:
    async with AsyncFolio(connection, **options) as folio:
        show(folio)
        try:
            show([each async for each in folio.accounts()])
        except Exception as error:  # noqa: BLE001  # as above
            show_error(error)
        task = asyncio.create_task(folio.snapshot())
        await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            show_error(error)


def main() -> None:
    logging.basicConfig(level=logging.DEBUG, stream=sys.stdout, format="%(name)s %(message)s")
    records = logging.StreamHandler(sys.stdout)
    records.setFormatter(type("All", (logging.Formatter,), {"format": lambda _, record: str(vars(record))})())
    logging.getLogger().addHandler(records)
    server = Server()
    options: Any = {"retries": 0, "timeout": 2, "on_event": show, "on_drift": show, "on_failure": show}
    for name, kind in known().items():
        keys: Any = {credential: key(credential) for credential in kind.variables}
        connection: Any = kind(**keys, base_url=server.url, rate_limit=None)
        show(connection, connection.credentials, connection.redactor)
        headers = "".join(f"{each}: {value}\r\n" for each, value in connection.credentials.headers().items())
        echoed = list(echoes(headers.encode()))
        made = [lambda _, raw=raw: raw for raw in (*echoed, *READ.values(), *(raw for _, raw in REFUSED.values()))]
        with Folio(connection, **options) as folio:
            show(folio)
            for make in made:
                server.make = make
                read(folio)
        server.make = lambda _: b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"
        asyncio.run(read_async(connection, options))
        for wrong in ({"base_url": "http://example.com"}, {"environment": "moon"}, {next(iter(keys)): key("x") + "\n"}):
            try:
                kind(**{**keys, **wrong})
            except Exception as error:  # noqa: BLE001  # as above
                show_error(error)
        print("done", name, len(made), server.seen)


if __name__ == "__main__":
    main()
