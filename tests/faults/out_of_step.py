"""Servers of Clear Street accounts whose responses are out of step with the requests of a connection that is kept.

Each figure of a response is the number of its account, so that a figure of another account is recognized.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from time import sleep
from typing import Any, BinaryIO, TypeAlias

from attrs import define, field, frozen

from ..runtime.servers import talking

EXAMPLES = Path(__file__).parents[2] / "specs/clear_street/examples"
ACCOUNTS_OF_A_KEY = 4


@frozen
class Pause:
    """Seconds between two parts of a response."""

    seconds: float


Part: TypeAlias = "bytes | Pause"


@cache
def _example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text("utf-8"))["value"]


def _changed(row: Any, **values: Any) -> dict[str, Any]:
    return {**row, **values}


def accounts_of(key: str) -> range:
    """Return the numbers of the accounts that a key, `key-NUMBER-…`, can read."""
    first = 1000 * int(key.split("-")[1])
    return range(first, first + ACCOUNTS_OF_A_KEY)


def document(key: str, path: str) -> dict[str, Any]:
    """Return the JSON of the response to a request."""
    if path == "/v1/accounts":
        page = _example("accounts.json")
        rows = [_changed(page["data"][0], id=each, short_name=str(each)) for each in accounts_of(key)]
    else:
        account, resource = path.split("/")[3:]
        number = int(account)
        assert number in accounts_of(key)
        page = _example(f"{resource}-cash.json" if resource == "balances" else "positions.json")
        figures = {"account_id": number}
        if resource == "balances":
            return _changed(page, data=_changed(page["data"], equity=f"{number}.00", **figures))
        rows = [_changed(each, quantity=str(number), position_type="LONG", **figures) for each in page["data"]]
    return _changed(page, data=rows, metadata=_changed(page["metadata"], total_items=len(rows)))


def response(body: bytes, *headers: str, status: str = "200 OK", version: str = "1.1") -> bytes:
    """Return a response with a content length."""
    lines = [f"HTTP/{version} {status}", "Content-Type: application/json", *headers, f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunked(body: bytes) -> bytes:
    """Return a response in two chunks."""
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in (body[:half], body[half:], b""))
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks


@define
class Exchange:
    """One request on a connection.

    Attributes:
        body: the body of the right response.
        earlier: the bodies of the responses that were due on this connection before.
        number: number of the requests before it on all connections.
    """

    body: bytes
    earlier: list[bytes]
    number: int


Behaviour: TypeAlias = Callable[[Exchange], list[Part]]
REQUEST_TIMEOUT = response(b"{}", status="408 Request Timeout")


def _late(exchange: Exchange) -> list[Part]:
    """Return the response that was due before, from the third request of a connection."""
    late = len(exchange.earlier) >= 2
    return [response(exchange.earlier[-1] if late else exchange.body)]


def _sometimes_behind(*parts: Part) -> Behaviour:
    """Return the behaviour of sending these parts before every third response."""
    return lambda exchange: [*(() if exchange.number % 3 else parts), response(exchange.body)]


def _single_bytes(exchange: Exchange) -> list[Part]:
    right = response(exchange.body)
    return [right, *(right[each : each + 1] for each in range(len(right)))]


BEHAVIOURS: dict[str, Behaviour] = {
    "sent twice": lambda it: [response(it.body) * 2],
    "sent twice, in two segments": lambda it: [response(it.body), Pause(0.0), response(it.body)],
    "sent again after 10 ms": lambda it: [response(it.body), Pause(0.01), response(it.body)],
    "sent again, byte by byte": _single_bytes,
    "half of it sent again, the rest after 3 ms": lambda it: [
        response(it.body) + response(it.body)[:40], Pause(0.003), response(it.body)[40:]],
    "408 while idle": lambda it: [response(it.body), Pause(0.003), REQUEST_TIMEOUT],
    "408 behind the response": lambda it: [response(it.body) + REQUEST_TIMEOUT],
    "408 before the response": _sometimes_behind(REQUEST_TIMEOUT),
    "504 before the response": _sometimes_behind(response(b"{}", status="504 Gateway Timeout"), Pause(0.002)),
    "204 with a body": _sometimes_behind(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "304 with a body": _sometimes_behind(b"HTTP/1.1 304 Not Modified\r\n\r\n"),
    "chunked with a response behind it": lambda it: [chunked(it.body) + response(it.body)],
    "twice in chunks": lambda it: [chunked(it.body) * 2],
    "one late": _late,
    "the first response again for each later request": lambda it: [response([*it.earlier, it.body][0])],
    "interim responses": lambda it: [
        b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + response(it.body), Pause(0.002),
        b"HTTP/1.1 100 Continue\r\n\r\n"],
    "garbage behind the response": lambda it: [response(it.body) + b"garbage\r\n\r\n"],
    "garbage while idle": lambda it: [response(it.body), Pause(0.002), b"\x00garbage"],
    "line ends, then a response": lambda it: [response(it.body) + b"\r\n\r\n", Pause(0.002), response(it.body)],
    "HTTP/1.0 kept open, sent twice": lambda it: [response(it.body, "Connection: keep-alive", version="1.0") * 2],
    "a length too small": lambda it: [
        response(it.body).replace(b": %d\r\n" % len(it.body), b": %d\r\n" % (len(it.body) - 1)) + response(it.body)],
    "a response per read of 64 KiB": lambda it: [
        response(it.body + b" " * (2**16 - len(it.body) - 88)), response(it.body + b" " * 70_000)],
}  # fmt: skip


@define
class Server:
    """A running server.

    Attributes:
        url: its base URL.
        keys: for each connection, the keys of its requests.
        requests: number of requests.
    """

    url: str = ""
    keys: list[set[str]] = field(factory=list)
    requests: int = 0


@contextmanager
def serving(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Run a server; with TLS if a context is given."""
    server, lock = Server(), threading.Lock()

    def talk(connection: socket.socket, _: int) -> None:
        keys: set[str] = set()
        earlier: list[bytes] = []
        with lock:
            server.keys.append(keys)
        with connection.makefile("rb") as requests:
            while head := _read_head(requests):
                with lock:
                    number, server.requests = server.requests, server.requests + 1
                key = _found(rb"(?i)authorization: bearer (\S+)", head)
                keys.add(key)
                path = _found(rb"GET ([^? ]+)", head)
                body = json.dumps(document(key, path)).encode()
                for part in behaviour(Exchange(body, list(earlier), number)):
                    if isinstance(part, Pause):
                        sleep(part.seconds)
                    else:
                        connection.sendall(part)
                earlier.append(body)

    with talking(talk, context) as url:
        server.url = url
        yield server


def _read_head(requests: BinaryIO) -> bytes:
    lines = b""
    for line in requests:
        lines += line
        if line == b"\r\n":
            return lines
    return b""


def _found(pattern: bytes, head: bytes) -> str:
    match = re.search(pattern, head)
    assert match is not None
    return match[1].decode()
