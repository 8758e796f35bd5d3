"""One folio, many threads or tasks: what is left behind when calls are broken off, and what comes after the end."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from onefolio import Account, AsyncFolio, ConfigurationError, Folio, OnefolioError, mock

from .conftest import Script, connect, example

PROCESS = psutil.Process()


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running(accounts=30, latency_ms=20) as running:
        yield running


def connections(urls: dict[str, str]) -> list[Any]:
    return [connect(name, base_url=url, rate_limit=None) for name, url in urls.items()]


def sockets_to(url: str) -> list[Any]:
    port = urlsplit(url).port
    return [each for each in PROCESS.net_connections("tcp") if each.raddr and each.raddr.port == port]


def settled(found: Callable[[], object]) -> bool:
    """Whether nothing is found any more, after a moment at the latest."""
    until = time.monotonic() + 5
    while found() and time.monotonic() < until:
        time.sleep(0.02)
    return not found()


def loops() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "onefolio-loop"]


def test_a_folio_shared_by_threads_and_one_by_tasks_give_everyone_the_same(urls: dict[str, str]) -> None:
    async def all_at_once() -> list[Any]:
        async with AsyncFolio(*connections(urls)) as folio:
            return await asyncio.gather(*(folio.snapshot() for _ in range(4)))

    def everything(folio: Folio) -> Any:
        snapshot = folio.snapshot()
        accounts = list(folio.accounts())
        balances = [each for account in accounts for each in folio.balances(account)]
        return snapshot.accounts, snapshot.balances, snapshot.positions, accounts, balances

    with Folio(*connections(urls)) as folio, ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: everything(folio), range(6)))
    assert all(each == results[0] for each in results)
    accounts, balances, positions = results[0][:3]
    assert results[0][3:] == (accounts, balances)
    for snapshot in asyncio.run(all_at_once()):
        assert (snapshot.accounts, snapshot.balances, snapshot.positions) == (accounts, balances, positions)


def test_closing_twice_is_fine_and_use_afterwards_says_so(urls: dict[str, str]) -> None:
    folio = Folio(*connections(urls))
    account = next(folio.accounts())
    before = folio.positions(account)
    under_way = folio.accounts()
    next(under_way)
    folio.close()
    folio.close()
    assert settled(lambda: sockets_to(urls["alpaca"]))
    for call in (
        lambda: list(folio.accounts()), lambda: folio.balances(account), lambda: list(before),
        folio.snapshot, lambda: list(under_way),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match="closed"):
            call()
    folio.close()

    async def run() -> None:
        other = AsyncFolio(*connections(urls))
        under_way = other.accounts()
        await anext(under_way)
        await other.aclose()
        await other.aclose()
        for call in (anext(under_way), other.balances(account), other.snapshot()):
            with pytest.raises(ConfigurationError, match="closed"):
                await call

    asyncio.run(run())


def test_a_call_under_way_in_another_thread_ends_when_the_folio_is_closed() -> None:
    with mock.running(latency_ms=2000) as urls:
        folio = Folio(connect("conduit", base_url=urls["conduit"]), retries=3)
        caught: list[BaseException] = []

        def read() -> None:
            try:
                list(folio.accounts())
            except OnefolioError as error:
                caught.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        time.sleep(0.3)
        started = time.monotonic()
        folio.close()
        thread.join(5)
        assert not thread.is_alive()
        assert time.monotonic() - started < 1.5
        assert [type(each) for each in caught] == [ConfigurationError]


def test_an_async_folio_belongs_to_one_loop() -> None:
    script = Script(lambda _: httpx.Response(200, json=example("alpaca", "/v2/account")))
    folio = AsyncFolio(connect("alpaca"), transport=script.transport)

    async def first() -> Account:
        return await anext(folio.accounts())

    account = asyncio.run(first())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(folio.balances(account))


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.1])
def test_a_cancelled_snapshot_leaves_no_socket(urls: dict[str, str], after: float) -> None:
    async def run() -> None:
        async with AsyncFolio(*connections(urls)) as folio:
            task = asyncio.create_task(folio.snapshot())
            await asyncio.sleep(after)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(asyncio.all_tasks()) == 1
            # The folio goes on working.
            assert await anext(folio.accounts())

    asyncio.run(run())
    assert settled(lambda: sockets_to(urls["alpaca"]))


def test_an_exception_of_the_callers_in_the_middle_leaves_nothing(urls: dict[str, str]) -> None:
    threads = len(loops())

    def stop(*_: object) -> None:
        raise RuntimeError("enough")

    for read in (lambda folio: folio.snapshot(on_progress=stop), lambda folio: [1 / 0 for _ in folio.accounts()]):
        with pytest.raises((RuntimeError, ZeroDivisionError)), Folio(*connections(urls)) as folio:
            read(folio)
    assert settled(lambda: sockets_to(urls["alpaca"]))
    assert settled(lambda: len(loops()) > threads)


def test_all_folios_share_one_thread_which_ends_with_the_last(urls: dict[str, str]) -> None:
    before = threading.active_count()
    folios = [Folio(*connections(urls)) for _ in range(5)]
    for folio in folios:
        next(folio.accounts())
    assert threading.active_count() == before + 1
    for folio in folios[1:]:
        folio.close()
    assert next(folios[0].accounts())
    folios[0].close()
    assert settled(lambda: threading.active_count() > before)


def test_it_works_where_an_event_loop_is_running(urls: dict[str, str]) -> None:
    async def run() -> None:
        with Folio(*connections(urls)) as folio:
            assert folio.snapshot().complete
            assert len(list(folio.accounts())) > 3

    asyncio.run(run())


SLOW = """
import sys, time
import onefolio
folio = onefolio.Folio(onefolio.Conduit(api_key="demo-key", api_secret="demo-secret", base_url=sys.argv[1]))
print("ready", flush=True)
try:
    {call}
except KeyboardInterrupt:
    import psutil
    time.sleep(0.1)
    port = int(sys.argv[1].split(":")[2].split("/")[0])
    found = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == port]
    print("interrupted", len(found), flush=True)
"""


@contextmanager
def silent_server() -> Iterator[str]:
    """Takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("call", ["folio.snapshot()", "list(folio.accounts())"])
def test_ctrl_c_closes_the_sockets_at_once(call: str) -> None:
    with (
        silent_server() as url,
        subprocess.Popen(
            [sys.executable, "-c", SLOW.replace("{call}", call), url], stdout=-1, stderr=-1, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(1)
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert process.communicate(timeout=20) == ("interrupted 0\n", "")
            assert time.monotonic() - started < 4
        finally:
            process.kill()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to fork here")
def test_a_forked_process_reads_with_connections_of_its_own(urls: dict[str, str]) -> None:
    # In a program of its own: this one has threads of its tests, which a fork does not like.
    program = f"""
import os, onefolio, threading
folio = onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url={urls["clear_street"]!r}))
first = list(folio.accounts())
child = os.fork()
if child == 0:
    ok = list(folio.accounts()) == first and len(folio.snapshot().accounts) == len(first)
    folio.close()
    os._exit(0 if ok else 1)
again = list(folio.accounts())
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), again == first, list(folio.accounts()) == first)
folio.close()
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0 True True\n", "")


def test_cookies_are_not_kept(folio_of: Callable[..., Folio]) -> None:
    body = example("alpaca", "/v2/account")
    script = Script(lambda _: httpx.Response(200, json=body, headers={"set-cookie": "session=of-another-key; Path=/"}))
    folio = folio_of(script, connect("alpaca"), connect("alpaca", name="b"))
    assert len(list(folio.accounts())) == 2
    assert not [each for each in script.requests if "cookie" in each.headers]
