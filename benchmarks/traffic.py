"""Measure many requests, paging, connections, growth, program start and developer tools."""

from __future__ import annotations

import json
import math
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psutil

from .data import position_page
from .decode import position_reader
from .figures import Figure, interleaved, milliseconds

LATENCY, AT_ONCE = 20, 64
"""The latency of the mock in milliseconds, and the number of concurrent requests."""


@contextmanager
def server(*arguments: str) -> Iterator[tuple[str, psutil.Process]]:
    """Run a server in its own process; yield its URL for Clear Street and the process."""
    with subprocess.Popen([sys.executable, "-m", *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            urls = json.loads(process.stdout.readline())
            yield urls["clear_street"], psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def mock(*, accounts: int, positions: int = 2, latency: int = 0) -> Iterator[tuple[str, psutil.Process]]:
    """Run the mock."""
    sizes = ("--accounts", str(accounts), "--positions", str(positions), "--latency-ms", str(latency))
    with server("onefolio", "mock", "--port", "0", *sizes) as running:
        yield running


def side(name: str, *arguments: str) -> dict[str, float]:
    """Run one of the programs in `sides`, and return its measurements."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.sides", name, *arguments], stdout=subprocess.PIPE, text=True, check=True
    )
    taken: dict[str, float] = json.loads(done.stdout)
    return taken


def fan_out(*, accounts: int, rounds: int) -> Iterator[Figure]:
    """Read the balances and positions of many accounts, and compare with the official SDK and plain aiohttp."""
    sides: dict[str, tuple[str, ...]] = {
        "onefolio": ("ours",),
        "clearstreet": ("sdk", "default"),
        "clearstreet with aiohttp": ("sdk", "aiohttp"),
        "plain aiohttp": ("bare",),
    }
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in sides}
    with mock(accounts=accounts, latency=LATENCY) as (url, process):
        ids = _account_ids(url)
        for turn in range(rounds):
            for name, (what, *form) in sides.items():
                if name != "clearstreet" or not turn:  # it takes much longer than the others together
                    runs[name].append(side(what, url, *form, *ids))
        del process
    seconds = {name: statistics.median(each["seconds"] for each in runs[name]) for name in sides}
    processor = {name: statistics.median(each["processor"] for each in runs[name]) for name in sides}
    requests = 2 * len(ids)
    ideal = requests * LATENCY / 1000 / AT_ONCE
    group = "fan-out"
    detail = f"{accounts:,} accounts: ideal {ideal:.2f} s, " + ", ".join(
        f"{name} {each:.2f} s" for name, each in seconds.items()
    )
    ours = seconds["onefolio"]
    yield Figure(group, "share of the ideal throughput", 100 * ideal / ours, "%", 85, "more", detail)
    yield Figure(group, "times as fast as clearstreet", seconds["clearstreet"] / ours, "×", 3, "more", detail)
    with_aiohttp = seconds["clearstreet with aiohttp"] / ours
    yield Figure(group, "times as fast as clearstreet with aiohttp", with_aiohttp, "×", 1, "more", detail)
    each = ", ".join(f"{name} {1e6 * used / requests:.0f} µs" for name, used in processor.items())
    of_bare = processor["onefolio"] / processor["plain aiohttp"]
    yield Figure(group, "processor time relative to plain aiohttp", of_bare, "×", 2, "less", each + " a request")


def mock_server(*, requests: int) -> Iterator[Figure]:
    """Request balances from the mock as fast as possible."""
    with mock(accounts=2000) as (url, process):
        ids = _account_ids(url)[: requests // 2]
        side("bare", url, *ids[:50])
        before = sum(process.cpu_times()[:2])
        count = side("bare", url, *ids)["count"]
        used = sum(process.cpu_times()[:2]) - before
    rate = count / used
    yield Figure("the mock", "responses per second and core", rate, "", 3000, "more", f"{count:.0f} in {used:.2f} s")


def paging(*, pages: int) -> Iterator[Figure]:
    """Stream pages of a thousand positions, and compare with decoding one page."""
    decode_seconds = interleaved({"decode": position_reader(position_page(1000))}, seconds=1)["decode"]
    with server("benchmarks.pages", str(pages)) as (url, _):
        taken = side("paging", url, "19816")
    group = "paging"
    memory = taken["memory"] / 2**20
    yield Figure(group, "additional memory", memory, "MiB", 60, "less", f"{taken['count']:,.0f} rows")
    page, used = 1000 * taken["seconds"] / taken["count"], 1000 * taken["processor"] / taken["count"]
    detail = f"page {1000 * page:.2f} ms, processor time {1000 * used:.2f} ms, decoding {1000 * decode_seconds:.2f} ms"
    yield Figure(group, "throughput relative to decoding", 100 * decode_seconds / page, "%", 75, "more", detail)


def start(*, seconds: float) -> Iterator[Figure]:
    """Import the library in a new process, and start the command line."""

    def run(*arguments: str) -> Any:
        return lambda: subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    taken = interleaved(
        {
            "import httpx": run("-c", "import httpx"),
            "import onefolio": run("-c", "import onefolio"),
            "onefolio --help": run("-m", "onefolio", "--help"),
        },
        seconds=seconds,
    )
    of_httpx = {name: each / taken["import httpx"] for name, each in taken.items()}
    detail = milliseconds(taken)
    yield Figure(
        "start", "import onefolio relative to import httpx", of_httpx["import onefolio"], "×", 1.3, "less", detail
    )
    yield Figure(
        "start", "onefolio --help relative to import httpx", of_httpx["onefolio --help"], "×", 3, "less", detail
    )


def connections(*, count: int) -> Iterator[Figure]:
    """Open many connections."""
    with mock(accounts=1) as (url, _):
        together, apart = side("connections", url, str(count)), side("folios", url, str(count))
    kib = {name: each["memory"] / 1024 / count for name, each in (("one", together), ("own", apart))}
    group, detail = "connections", f"{count:,} connections with one socket each, after a call"
    yield Figure(group, "memory per connection in one AsyncFolio", kib["one"], "KiB", 100, "less", detail)
    yield Figure(group, "memory per connection, one Folio each", kib["own"], "KiB", None, "less", detail)


def growth(*, sizes: tuple[int, ...], rounds: int) -> Iterator[Figure]:
    """Read increasing numbers of accounts."""
    seconds: dict[int, float] = {}
    memory: dict[int, float] = {}
    for size in sizes:
        with mock(accounts=size) as (url, _):
            ids = _account_ids(url)
            seconds[size] = statistics.median(side("ours", url, *ids)["seconds"] for _ in range(rounds))
            memory[size] = side("streaming", url)["memory"] / 2**20
    # The constant cost of a call dominates with ten accounts and would make the growth look smaller.
    counted = [size for size in sizes if size >= 100]
    slope = statistics.linear_regression(
        [math.log(size) for size in counted], [math.log(seconds[size]) for size in counted]
    ).slope
    group = "growth with accounts"
    detail = ", ".join(f"{size:,} {each:.3f} s" for size, each in seconds.items())
    yield Figure(group, "exponent of the time", slope, "", 1.05, "less", detail)
    detail = ", ".join(f"{size:,} {each:.1f} MiB" for size, each in memory.items())
    yield Figure(group, "memory for the last size, streamed", memory[sizes[-1]], "MiB", 10, "less", detail)


def contract_tests() -> Iterator[Figure]:
    """Run the contract tests with the profile of CI."""
    from onefolio.providers.registry import known

    taken: dict[str, float] = {}
    cases = 0
    for provider in known():
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "onefolio", "contract", provider, "--profile", "ci"],
            check=True, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        taken[f"contract {provider}"] = time.perf_counter() - started
        cases += sum(int(each) for each in re.findall(r"(\d+) requests in", done.stdout))
    started = time.perf_counter()
    tests = "tests/contract/test_clients_against_specs.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    taken["property tests"] = time.perf_counter() - started
    whole = sum(taken.values())
    shares = ", ".join(f"{name} {100 * each / whole:.0f} %" for name, each in taken.items())
    yield Figure("contract tests, ci", "total time", whole, "s", None, "less", shares)
    yield Figure(
        "contract tests, ci",
        "requests per second",
        cases / (whole - taken["property tests"]),
        "",
        None,
        "more",
        f"{cases} requests",
    )


def regenerate() -> Iterator[Figure]:
    """Generate all clients from their specs."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "onefolio_generator", "--check"], check=True, stdout=subprocess.DEVNULL)
    yield Figure("regenerate", "all clients", time.perf_counter() - started, "s", 10, "less", "generated and compared")


def _account_ids(url: str) -> list[str]:
    """Return the ids of all accounts of the mock's Clear Street."""
    ids: list[str] = []
    token: str | None = ""
    while token is not None:
        query = {"page_token": token} if token else {}
        page = httpx.get(f"{url}/v1/accounts", params=query, headers={"Authorization": "Bearer demo-key"}).json()
        ids += [str(row["id"]) for row in page["data"]]
        token = page["metadata"].get("next_page_token")
    return ids
