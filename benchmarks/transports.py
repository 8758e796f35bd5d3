"""Processor time of a request on each transport: `python -m benchmarks.transports NAME URL REQUESTS` prints one line.

Each transport is measured in a process of its own, with as many concurrent requests as the other benchmarks have.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from onefolio_runtime import open_transport

from .figures import Figure
from .sides import Meter
from .traffic import AT_ONCE, mock

NAMES: tuple[Any, ...] = ("aiohttp", "httpx", "httpx2")
_HEADERS = {"Authorization": "Bearer demo-key", "Accept": "application/json"}


def figures(*, requests: int, rounds: int) -> Iterator[Figure]:
    """Read a short response again and again on each transport, and yield the ratios to aiohttp."""
    used: dict[str, list[float]] = {name: [] for name in NAMES}
    with mock(accounts=1) as (url, _):
        for _round in range(rounds):
            for name, each in used.items():
                each.append(_measure(name, url, requests))
    microseconds = {name: 1e6 * statistics.median(each) / requests for name, each in used.items()}
    detail = ", ".join(f"{name} {each:.0f} µs" for name, each in microseconds.items()) + " a request"
    for name in NAMES[1:]:
        ratio = microseconds[name] / microseconds["aiohttp"]
        yield Figure("transports", f"processor time with {name}, of aiohttp's", ratio, "×", None, "less", detail)


def _measure(name: str, url: str, requests: int) -> float:
    """Return the seconds of processor time of a process that sends these requests."""
    command = [sys.executable, "-m", "benchmarks.transports", name, url, str(requests)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return float(json.loads(done.stdout)["processor"])


async def _send(http: Any, url: str, requests: int) -> dict[str, float]:
    """Send requests after each connection has been opened."""
    transport = open_transport(http)

    async def fetch() -> None:
        response = await transport.request("GET", f"{url}/v1/accounts", _HEADERS)
        assert response.status_code == 200
        while await response.read():
            pass
        await response.aclose()

    async def work() -> None:
        for _ in remaining:
            await fetch()

    await asyncio.gather(*[fetch() for _ in range(AT_ONCE)])
    remaining = iter(range(requests))
    meter = Meter()
    await asyncio.gather(*[work() for _ in range(AT_ONCE)])
    taken = meter.read(requests)
    await transport.aclose()
    return taken


if __name__ == "__main__":
    library, server, count = sys.argv[1:]
    print(json.dumps(asyncio.run(_send(library, server, int(count)))))
