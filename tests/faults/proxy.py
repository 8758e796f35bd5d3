"""A TCP proxy that adds faults of the network between a client and a working server."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

from attrs import frozen

Fault: TypeAlias = Literal["refuse", "reset", "cut", "black hole", "late black hole", "drip"]
FAULTS: tuple[Fault, ...] = ("refuse", "reset", "cut", "black hole", "late black hole", "drip")


@frozen
class Link:
    """Treatment of one request and its response.

    Attributes:
        latency: Seconds before a response is sent.
        bandwidth: Bytes per second of a response; None for no limit.
        fault: `"refuse"` and `"reset"` reset the connection when a request is received, `"cut"` closes it in the middle
            of the response, `"black hole"` sends nothing, `"late black hole"` stops in the middle of the response,
            `"drip"` sends a byte every 50 milliseconds.
    """

    latency: float = 0.0
    bandwidth: float | None = None
    fault: Fault | None = None


class Proxy:
    """Forwards connections to a server, with the link that `choose` returns for each request.

    Args:
        target: Host and port.
        choose: Called for every request.
    """

    def __init__(self, target: tuple[str, int], choose: Callable[[], Link]) -> None:
        self._target = target
        self._choose = choose

    async def start(self) -> tuple[asyncio.Server, int]:
        """Listen on a free port; return the server and the port."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return server, server.sockets[0].getsockname()[1]

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server: asyncio.StreamWriter | None = None
        try:
            while request := await reader.read(65536):  # requests are short, so that one read returns one request
                link = self._choose()
                if link.fault in ("refuse", "reset"):
                    _reset(writer)
                    return
                if link.fault == "black hole":
                    await reader.read()
                    return
                if server is None:
                    responses, server = await asyncio.open_connection(*self._target)
                server.write(request)
                if not await self._forward(responses, writer, link):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return
        finally:
            for each in (writer, server):
                if each is not None:
                    each.close()

    async def _forward(self, responses: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link) -> bool:
        """Forward one response and return whether the connection remains open."""
        head = await responses.readuntil(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        lengths = [int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:")]
        whole = head + await responses.readexactly(lengths[0] if lengths else 0)
        await asyncio.sleep(link.latency)
        if link.fault in ("cut", "late black hole"):
            writer.write(whole[: len(whole) * 2 // 3])
            await writer.drain()
            if link.fault == "late black hole":
                await asyncio.sleep(3600)
            return False
        step = 1 if link.fault == "drip" else len(whole) if link.bandwidth is None else max(1, int(link.bandwidth / 50))
        for start in range(0, len(whole), step):
            writer.write(whole[start : start + step])
            await writer.drain()
            if start + step < len(whole):
                await asyncio.sleep(0.05 if link.fault == "drip" else 0.02)
        return True


def _reset(writer: asyncio.StreamWriter) -> None:
    """Reset a connection instead of closing it in order."""
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextmanager
def proxied(target: tuple[str, int], choose: Callable[[], Link]) -> Iterator[int]:
    """Run a proxy in a thread and yield its port."""
    ready, stop, port = threading.Event(), asyncio.Event(), 0
    loop: asyncio.AbstractEventLoop | None = None

    async def run() -> None:
        nonlocal loop, port
        loop = asyncio.get_running_loop()
        server, port = await Proxy(target, choose).start()
        ready.set()
        await stop.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=lambda: asyncio.run(run()), name="proxy", daemon=True)
    thread.start()
    assert ready.wait(5)
    assert loop is not None
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(5)


def at_random(chances: random.Random, each: float) -> Callable[[], Link]:
    """Return a function that draws each fault, a latency and a low bandwidth with the same probability."""
    links = [Link(fault=fault) for fault in FAULTS] + [Link(latency=0.2), Link(bandwidth=100_000)]

    def choose() -> Link:
        number = chances.random()
        return links[int(number / each)] if number < each * len(links) else Link()

    return choose
