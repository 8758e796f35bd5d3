"""One folio, many threads or tasks: what is left behind when calls are broken off, and what comes after the end."""

import asyncio
import gc
import json
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
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from onefolio import Account, AsyncFolio, ConfigurationError, Folio, OnefolioError, RequestSent, mock
from tests.scripted import Script, connect, example

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
    folio = AsyncFolio(connect("alpaca"), http=script.transport)

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


def forking(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that forks beside threads, which newer Pythons warn of."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


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
    done = forking(program)
    assert (done.stdout, done.stderr) == ("0 True True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to fork here")
def test_a_forked_process_that_ends_leaves_its_parents_connections_alone(urls: dict[str, str]) -> None:
    program = f"""
import os, onefolio
folio = onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url={urls["clear_street"]!r}), retries=0)
first = list(folio.accounts())
child = os.fork()
if child == 0:
    raise SystemExit(0)  # with everything that Python does at the end of a program
os.waitpid(child, 0)
print([list(folio.accounts()) == first for _ in range(3)])
folio.close()
"""
    done = forking(program)
    assert (done.stdout, done.stderr) == ("[True, True, True]\n", "")


@pytest.mark.parametrize("after", ["", "del folio\nimport gc\ngc.collect()"])
def test_a_folio_that_is_not_closed_says_nothing_at_the_end(urls: dict[str, str], after: str) -> None:
    program = f"""
import onefolio
folio = onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url={urls["clear_street"]!r}))
print(len(list(folio.accounts())) > 0)
{after}
"""
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("True\n", "")


def test_a_folio_that_is_dropped_leaves_no_socket(urls: dict[str, str]) -> None:
    async def run() -> None:
        folio = AsyncFolio(*connections(urls))
        await folio.snapshot()
        del folio
        gc.collect()
        await asyncio.sleep(0.1)

    asyncio.run(run())
    assert settled(lambda: sockets_to(urls["alpaca"]))


class Kept(BaseHTTPRequestHandler):
    """Keeps connections and sets a cookie; closes the first one when a second request comes."""

    protocol_version = "HTTP/1.1"
    timeout = 10
    cookies: ClassVar[list[str | None]] = []
    connections: ClassVar[list[int]] = []
    served = 0

    def do_GET(self) -> None:
        if not self.served:
            self.connections.append(id(self))
        self.served += 1
        self.cookies.append(self.headers.get("Cookie"))
        if len(self.connections) == 1 and self.served == 2:
            self.close_connection = True
            return
        body = json.dumps(example("alpaca", "/v2/account")).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=of-another-key; Path=/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def kept() -> Iterator[str]:
    Kept.cookies.clear()
    Kept.connections.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Kept) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_address[1]}"  # cookies are not kept of bare addresses anyway
        server.shutdown()
        thread.join()


def test_a_kept_connection_that_is_closed_is_told_of_and_read_again_without_cookies(kept: str) -> None:
    told: list[Any] = []
    with Folio(connect("alpaca", base_url=kept), on_event=told.append) as folio:
        for _ in range(3):
            assert len(list(folio.accounts())) == 1
    sent = [(each.attempt, each.error) for each in told if isinstance(each, RequestSent)]
    assert sent == [(1, None), (1, "ProviderUnavailableError"), (2, None), (1, None)]
    assert len(Kept.connections) == 2
    assert Kept.cookies == [None] * 4
