"""The mock behind faults: `python -m tests.faults.server [--each 0.05] [--seed 0] [--accounts N] [--positions M]`.

Prints one line of JSON: the base URLs of the mock itself (`clean`) and of the same mock behind faults (`faulty`). Each
fault of the responses and of the network has the same probability.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from onefolio import mock
from onefolio.mock.asgi_app import AsgiApp, Receive, Scope, Send

from .proxy import at_random, proxied

Message: TypeAlias = Mapping[str, Any]
JSON = (b"content-type", b"application/json")


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


RESPONSES: dict[str, tuple[int, list[tuple[bytes, bytes]], Callable[[bytes], bytes]]] = {
    "500": (500, [JSON], lambda _: b"{}"),
    "503, later": (503, [JSON, (b"retry-after", b"1")], lambda _: b"{}"),
    "429": (429, [JSON, (b"retry-after", b"0")], lambda _: b"{}"),
    "520": (520, [], lambda _: b"<html>origin error</html>"),
    "HTML": (200, [(b"content-type", b"text/html")], lambda _: b"<html>maintenance</html>"),
    "half a document": (200, [JSON], _half),
    "no gzip": (200, [JSON, (b"content-encoding", b"gzip")], lambda body: body),
    "an infinity": (200, [JSON], lambda body: body.replace(b":", b":Infinity,", 1)),
    "a field twice": (200, [JSON], lambda body: body.replace(b"{", b'{"request_id":1,"request_id":2,', 1)),
    "bytes that are no text": (200, [JSON], lambda body: body.replace(b'"', b'"\xff', 1)),
    "an empty object": (200, [JSON], lambda _: b"{}"),
    "a redirect": (302, [(b"location", b"http://127.0.0.1:1/")], lambda _: b""),
}
"""Status, headers and change of the body. Clients refuse all of these responses."""


def faulty(served: AsgiApp, chances: random.Random, each: float) -> AsgiApp:
    """Return the mock with each of these responses at the given probability."""
    names = list(RESPONSES)

    async def asgi(scope: Scope, receive: Receive, send: Send) -> None:
        number = chances.random()
        if number >= each * len(names):
            await served(scope, receive, send)
            return
        status, headers, change = RESPONSES[names[int(number / each)]]
        start: Message = {}

        async def alter(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body = change(message["body"])
            length = (b"content-length", str(len(body)).encode())
            await send({**start, "status": status, "headers": [*headers, length]})
            await send({**message, "body": body})

        altered: Callable[[Any], Awaitable[None]] = alter
        await served(scope, receive, altered)

    return asgi


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--each", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--positions", type=int, default=20)
    options = parser.parse_args()
    chances = random.Random(options.seed)
    served = mock.app(accounts=options.accounts, positions=options.positions)
    with mock.running(served) as clean, mock.running(faulty(served, chances, options.each)) as behind:
        port = urlsplit(next(iter(behind.values()))).port or 0
        with proxied(("127.0.0.1", port), at_random(chances, options.each)) as outside:
            through = {name: f"http://127.0.0.1:{outside}{urlsplit(url).path}" for name, url in behind.items()}
            print(json.dumps({"clean": clean, "faulty": through}), flush=True)
            sys.stdin.read()  # until the parent process ends


if __name__ == "__main__":
    main()
