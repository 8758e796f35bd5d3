"""Programs that are measured in their own process: `python -m benchmarks.sides NAME …` prints one line of JSON.

The result contains the elapsed seconds, the seconds of processor time, and bytes of memory.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any

import psutil

from .data import connection

_LIMIT = 64
"""Concurrent requests."""


def main() -> None:
    """Run the program that the command line names."""
    name, *arguments = sys.argv[1:]
    print(json.dumps(SIDES[name](*arguments)))


class Meter:
    """Measure the time, the processor time and the memory of this process since the creation of the meter."""

    def __init__(self) -> None:
        gc.collect()
        self._process = psutil.Process()
        self._memory = self._most = self._process.memory_info().rss
        self._started, self._used = time.perf_counter(), time.process_time()

    def look(self) -> None:
        """Record the current memory if it is the maximum."""
        self._most = max(self._most, self._process.memory_info().rss)

    def read(self, count: int) -> dict[str, float]:
        """Return the measurements.

        Args:
            count: the number of operations.
        """
        seconds, processor = time.perf_counter() - self._started, time.process_time() - self._used
        self.look()
        return {"count": count, "seconds": seconds, "processor": processor, "memory": self._most - self._memory}


def bare(url: str, *accounts: str) -> dict[str, float]:
    """Read the bytes of balances and positions with aiohttp alone."""
    import aiohttp

    async def run() -> dict[str, float]:
        headers = {"Authorization": "Bearer demo-key"}
        connector = aiohttp.TCPConnector(limit=_LIMIT)
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:

            async def read(path: str) -> None:
                async with session.get(url + path) as response:
                    response.raise_for_status()
                    await response.read()

            await asyncio.gather(*[read("/v1/accounts") for _ in range(_LIMIT)])
            return await _measure(read, _paths(accounts))

    return asyncio.run(run())


def sdk(url: str, form: str, *accounts: str) -> dict[str, float]:
    """Read balances and positions with Clear Street's SDK and its default client, or with aiohttp."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import clearstreet

    async def run() -> dict[str, float]:
        http: Any = clearstreet.DefaultAioHttpClient() if form == "aiohttp" else None
        async with clearstreet.AsyncClearStreet(
            api_key="demo-key", base_url=url, http_client=http, max_retries=0
        ) as client:

            async def read(request: tuple[bool, int]) -> None:
                if request[0]:
                    await client.v1.accounts.get_account_balances(request[1])
                else:
                    await client.v1.positions.get_positions(request[1])

            await asyncio.gather(*[read((True, int(accounts[0]))) for _ in range(_LIMIT)])
            return await _measure(read, [(which, int(each)) for each in accounts for which in (True, False)])

    return asyncio.run(run())


def ours(url: str, *accounts: str) -> dict[str, float]:
    """Read balances and positions in a snapshot of onefolio."""
    from onefolio import AsyncFolio

    async def run() -> dict[str, float]:
        async with AsyncFolio(connection("clear_street", base_url=url), max_concurrency=_LIMIT) as folio:
            first = await anext(folio.accounts())
            await asyncio.gather(*[folio.balances(first) for _ in range(_LIMIT)])
            meter = Meter()
            taken = await folio.snapshot()
            assert taken.complete
            assert len(taken.accounts) == len(accounts)
            return meter.read(2 * len(accounts))

    return asyncio.run(run())


def paging(url: str, account: str) -> dict[str, float]:
    """Stream the positions of an account without storing them."""
    from onefolio import Account, AsyncFolio

    async def run() -> dict[str, float]:
        async with AsyncFolio(connection("clear_street", base_url=url), deadline=3600) as folio:
            rows = folio.positions(Account(provider="clear_street", connection="clear_street", id=account))
            await anext(rows)
            return await _count_rows(rows)

    return asyncio.run(run())


def streaming(url: str) -> dict[str, float]:
    """Read the balances of the accounts one after another without storing them."""
    from onefolio import AsyncFolio

    async def run() -> dict[str, float]:
        async with AsyncFolio(connection("clear_street", base_url=url)) as folio:

            async def balances() -> AsyncIterator[Any]:
                async for account in folio.accounts():
                    yield await folio.balances(account)

            rows = balances()
            await anext(rows)
            return await _count_rows(rows)

    return asyncio.run(run())


def connections(url: str, count: str) -> dict[str, float]:
    """Open connections in one `AsyncFolio`, each with its own socket."""
    from onefolio import AsyncFolio

    async def run() -> dict[str, float]:
        async with AsyncFolio(connection("clear_street", base_url=url)) as folio:
            await folio.snapshot(capabilities=())
        meter = Meter()
        many = [connection("clear_street", base_url=url, name=f"number {each}") for each in range(int(count))]
        async with AsyncFolio(*many, max_concurrency=len(many)) as folio:
            taken = await folio.snapshot(capabilities=())
            assert taken.complete
            del taken
            gc.collect()
            return meter.read(len(many))

    return asyncio.run(run())


def folios(url: str, count: str) -> dict[str, float]:
    """Open folios, each with its own connection and socket."""
    from onefolio import Folio

    with Folio(connection("clear_street", base_url=url)) as folio:
        next(folio.accounts())
        meter = Meter()
        many = [Folio(connection("clear_street", base_url=url)) for _ in range(int(count))]
        for each in many:
            next(each.accounts())
        gc.collect()
        taken = meter.read(len(many))
        for each in many:
            each.close()
    return taken


async def _measure(read: Callable[[Any], Awaitable[None]], requests: Iterable[Any]) -> dict[str, float]:
    remaining = list(requests)
    count = len(remaining)
    queue = iter(remaining)

    async def work() -> None:
        for each in queue:
            await read(each)

    meter = Meter()
    await asyncio.gather(*[work() for _ in range(_LIMIT)])
    return meter.read(count)


async def _count_rows(rows: AsyncIterator[Any]) -> dict[str, float]:
    meter, count = Meter(), 0
    async for _ in rows:
        count += 1
        if count % 1000 == 0:
            meter.look()
    return meter.read(count)


def _paths(accounts: Iterable[str]) -> list[str]:
    return [f"/v1/accounts/{each}/{what}" for each in accounts for what in ("balances", "positions")]


SIDES: dict[str, Callable[..., dict[str, float]]] = {
    side.__name__: side for side in (bare, sdk, ours, paging, streaming, connections, folios)
}

if __name__ == "__main__":
    main()
