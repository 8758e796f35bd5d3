"""A soak: `python -m tests.faults.soak [--seconds 600] [--each 0.05] [--seed 0] [--http aiohttp]`.

Threads and tasks read the mock through random faults of the responses and of the network. The run prints its figures.
It fails if a value differs from the mock's own, an exception is not one of onefolio's, a socket remains open, or memory
grows by more than a tenth.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import psutil
from attrs import define, field

from onefolio import AsyncFolio, Folio, ProviderError, RequestSent, Snapshot, WaitStarted
from onefolio.providers.registry import known

from .folios import TRANSPORTS, folio_on

THREADS, TASKS = 4, 8
GROWTH = 1.10
WARM_UP = 0.2
"""Share of the time before memory is measured, in which caches fill."""


@define
class Tally:
    """Counts of calls, requests, waits and failures, and the wrong values."""

    calls: Counter[str] = field(factory=Counter)
    failures: Counter[str] = field(factory=Counter)
    sent: Counter[str] = field(factory=Counter)
    waited: Counter[str] = field(factory=Counter)
    bytes: int = 0
    values: int = 0
    wrong: list[str] = field(factory=list)
    foreign: list[str] = field(factory=list)
    lock: Any = field(factory=threading.Lock)

    def event(self, event: RequestSent | WaitStarted) -> None:
        with self.lock:
            if isinstance(event, WaitStarted):
                self.waited[event.reason] += 1
                return
            self.sent["retries" if event.attempt > 1 else "first attempts"] += 1
            self.bytes += event.size

    def failed(self, error: BaseException) -> None:
        with self.lock:
            if isinstance(error, ProviderError):
                self.failures[type(error).__name__] += 1
            else:
                self.foreign.append(repr(error))


class Truth:
    """The data of the mock, read without faults."""

    def __init__(self, snapshot: Snapshot) -> None:
        assert snapshot.complete, snapshot.failures
        self.accounts = snapshot.accounts
        self._rows = {what: getattr(snapshot, what) for what in ("accounts", "balances", "positions")}
        self._known = {what: Counter[Any](rows) for what, rows in self._rows.items()}

    def of(self, what: str, connection: str | None, account: str | None = None) -> Counter[Any]:
        """Return the rows of a connection, or of one of its accounts."""
        return Counter(
            row
            for row in self._rows[what]
            if connection in (None, row.connection) and account in (None, getattr(row, "account_id", None))
        )

    def compare(self, tally: Tally, what: str, rows: Iterable[Any], *, whole: Counter[Any] | None) -> None:
        """Compare rows with the data: each must exist once, and a complete response must contain all of them."""
        got = Counter(rows)
        wrong = got - self._known[what] + (whole - got if whole is not None else Counter())
        with tally.lock:
            tally.values += got.total()
            tally.wrong += [f"{what}: {each}" for each in wrong]

    def compare_snapshot(self, tally: Tally, snapshot: Snapshot, connection: str | None) -> None:
        """Compare a snapshot; missing rows must have a failure."""
        for failure in snapshot.failures:
            tally.failed(failure.error)
        for what in self._rows:
            gaps = [each for each in snapshot.failures if each.operation in (what, "accounts")]
            self.compare(tally, what, getattr(snapshot, what), whole=None if gaps else self.of(what, connection))
        if snapshot.complete != (not snapshot.failures):
            tally.wrong.append("complete of a snapshot contradicts its failures")


def read_with_threads(folio: Folio, truth: Truth, tally: Tally, until: float, seed: int) -> None:
    chances = random.Random(seed)
    while time.monotonic() < until:
        account = chances.choice(truth.accounts)
        call = chances.choice(["accounts", "balances", "positions", "positions", "balances", "snapshot"])
        tally.calls[call] += 1
        try:
            if call == "snapshot":
                truth.compare_snapshot(tally, folio.snapshot(account.connection), account.connection)
            elif call == "accounts":
                ours = truth.of(call, account.connection)
                truth.compare(tally, call, folio.accounts(account.connection), whole=ours)
            elif call == "balances":
                truth.compare(
                    tally, call, folio.balances(account), whole=truth.of(call, account.connection, account.id)
                )
            elif folio.supports(account.connection, "positions"):
                truth.compare(
                    tally, call, folio.positions(account), whole=truth.of(call, account.connection, account.id)
                )
        except Exception as error:  # noqa: BLE001  # the classes of errors are counted
            tally.failed(error)


async def read_with_tasks(folio: AsyncFolio, truth: Truth, tally: Tally, until: float, seed: int) -> None:
    chances = random.Random(seed)
    while time.monotonic() < until:
        call = chances.choice(["snapshot", "cancelled snapshot", "balances"])
        tally.calls[call] += 1
        account = chances.choice(truth.accounts)
        try:
            if call == "balances":
                ours = truth.of(call, account.connection, account.id)
                truth.compare(tally, call, await folio.balances(account), whole=ours)
            elif call == "snapshot":
                truth.compare_snapshot(tally, await folio.snapshot(), None)
            else:
                await asyncio.wait_for(folio.snapshot(), chances.uniform(0, 0.3))
        except TimeoutError:
            continue
        except Exception as error:  # noqa: BLE001  # the classes of errors are counted
            tally.failed(error)


def run(seconds: float, each: float, seed: int, http: str) -> int:
    command = [sys.executable, "-m", "tests.faults.server", "--each", str(each), "--seed", str(seed)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdin is not None
    try:
        urls = json.loads(server.stdout.readline())
        with Folio(*_connections(urls["clean"])) as folio:
            truth = Truth(folio.snapshot())
        tally = Tally()
        memory = _soak(urls["faulty"], truth, tally, seconds, seed, http)
    finally:
        server.stdin.close()
        server.wait(20)
    return _report(tally, memory, urls["faulty"], seconds)


def _connections(urls: dict[str, str]) -> list[Any]:
    options: list[tuple[Any, Any]] = [(kind, kind.demo_credentials()) for kind in known().values()]
    return [kind(**keys, base_url=urls[kind.provider], rate_limit=None) for kind, keys in options]


def _soak(urls: dict[str, str], truth: Truth, tally: Tally, seconds: float, seed: int, http: str) -> list[float]:
    """Read for these seconds and return the memory in use, in MiB, once per second."""
    options: Any = {"timeout": 1.0, "deadline": 5.0, "on_event": tally.event}
    until = time.monotonic() + seconds
    memory: list[float] = []

    async def tasks() -> None:
        async with folio_on(http, *_connections(urls), kind=AsyncFolio, **options) as folio:
            await asyncio.gather(*(read_with_tasks(folio, truth, tally, until, seed + n) for n in range(TASKS)))

    with folio_on(http, *_connections(urls), kind=Folio, **options) as folio:
        readers = [
            threading.Thread(target=read_with_threads, args=(folio, truth, tally, until, seed - n))
            for n in range(1, THREADS + 1)
        ]
        readers.append(threading.Thread(target=lambda: asyncio.run(tasks())))
        for reader in readers:
            reader.start()
        while any(reader.is_alive() for reader in readers):
            gc.collect()
            memory.append(psutil.Process().memory_info().rss / 2**20)
            time.sleep(min(1.0, seconds / 20))
        for reader in readers:
            reader.join()
    return memory


def _report(tally: Tally, memory: list[float], urls: dict[str, str], seconds: float) -> int:
    ports = {urlsplit(url).port for url in urls.values()}
    open_sockets = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port in ports]
    steady = memory[int(len(memory) * WARM_UP) :]
    fifth = max(1, len(steady) // 5)
    start, end = statistics.median(steady[:fifth]), statistics.median(steady[-fifth:])
    slope = statistics.linear_regression(range(len(steady)), steady).slope if len(steady) > 1 else 0.0
    figures = {
        "seconds": seconds,
        "calls": dict(tally.calls),
        "requests": dict(tally.sent),
        "waits": dict(tally.waited),
        "MiB read": round(tally.bytes / 2**20, 1),
        "values compared": tally.values,
        "failures by class": dict(tally.failures),
        "wrong values": len(tally.wrong),
        "foreign exceptions": len(tally.foreign),
        "sockets open at the end": len(open_sockets),
        "threads at the end": threading.active_count(),
        "memory at start, MiB": round(start, 1),
        "memory at end, MiB": round(end, 1),
        "memory by tenths": [
            round(statistics.median(memory[n * len(memory) // 10 :][: len(memory) // 10 + 1])) for n in range(10)
        ],
        "slope, KiB per second": round(slope * len(memory) / seconds * 1024, 2),
    }
    for name, figure in figures.items():
        print(f"{name:>26}: {figure}")
    for each in (tally.wrong + tally.foreign)[:10]:
        print(each)
    return int(bool(tally.wrong or tally.foreign or open_sockets or end > start * GROWTH))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--each", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--http", choices=TRANSPORTS, default="aiohttp")
    options = parser.parse_args()
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    sys.exit(run(options.seconds, options.each, options.seed, options.http))


if __name__ == "__main__":
    main()
