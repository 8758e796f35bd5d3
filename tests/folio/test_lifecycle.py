"""Concurrent use, close, cancellation, Ctrl-C, fork and garbage collection of folios."""

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


def becomes_falsy(value: Callable[[], object]) -> bool:
    """Return whether a value becomes falsy within 5 seconds."""
    until = time.monotonic() + 5
    while value() and time.monotonic() < until:
        time.sleep(0.02)
    return not value()


def loop_threads() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "onefolio-loop"]


@pytest.mark.slow
def test_concurrent_threads_and_tasks_get_equal_results(urls: dict[str, str]) -> None:
    async def take_concurrent_snapshots() -> list[Any]:
        async with AsyncFolio(*connections(urls)) as folio:
            return await asyncio.gather(*(folio.snapshot() for _ in range(4)))

    def read_all(folio: Folio) -> Any:
        snapshot = folio.snapshot()
        accounts = list(folio.accounts())
        balances = [each for account in accounts for each in folio.balances(account)]
        return snapshot.accounts, snapshot.balances, snapshot.positions, accounts, balances

    with Folio(*connections(urls)) as folio, ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda _: read_all(folio), range(6)))
    assert all(each == results[0] for each in results)
    accounts, balances, positions = results[0][:3]
    assert results[0][3:] == (accounts, balances)
    for snapshot in asyncio.run(take_concurrent_snapshots()):
        assert (snapshot.accounts, snapshot.balances, snapshot.positions) == (accounts, balances, positions)


def test_close_is_idempotent_and_later_calls_and_iterators_raise(urls: dict[str, str]) -> None:
    folio = Folio(*connections(urls))
    account = next(folio.accounts())
    unstarted = folio.positions(account)
    started = folio.accounts()
    next(started)
    folio.close()
    folio.close()
    assert becomes_falsy(lambda: sockets_to(urls["alpaca"]))
    for call in (
        lambda: list(folio.accounts()), lambda: folio.balances(account), lambda: list(unstarted),
        folio.snapshot, lambda: list(started),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match="closed"):
            call()
    folio.close()

    async def run() -> None:
        other = AsyncFolio(*connections(urls))
        started = other.accounts()
        await anext(started)
        await other.aclose()
        await other.aclose()
        for call in (anext(started), other.balances(account), other.snapshot()):
            with pytest.raises(ConfigurationError, match="closed"):
                await call

    asyncio.run(run())


@pytest.mark.slow
def test_close_ends_a_running_call_in_another_thread() -> None:
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


def test_async_folio_rejects_another_event_loop() -> None:
    script = Script(lambda _: httpx.Response(200, json=example("alpaca", "/v2/account")))
    folio = AsyncFolio(connect("alpaca"), http=script.transport)

    async def read_account() -> Account:
        return await anext(folio.accounts())

    account = asyncio.run(read_account())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(folio.balances(account))


@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.1])
def test_cancelled_snapshot_leaves_no_socket_or_task(urls: dict[str, str], after: float) -> None:
    async def run() -> None:
        async with AsyncFolio(*connections(urls)) as folio:
            task = asyncio.create_task(folio.snapshot())
            await asyncio.sleep(after)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(asyncio.all_tasks()) == 1
            assert await anext(folio.accounts()), "the folio stays usable"

    asyncio.run(run())
    assert becomes_falsy(lambda: sockets_to(urls["alpaca"]))


def test_exception_in_the_callers_code_leaves_no_socket_or_thread(urls: dict[str, str]) -> None:
    threads = len(loop_threads())

    def stop(*_: object) -> None:
        raise RuntimeError("an error of the caller")

    for read in (lambda folio: folio.snapshot(on_progress=stop), lambda folio: [1 / 0 for _ in folio.accounts()]):
        with pytest.raises((RuntimeError, ZeroDivisionError)), Folio(*connections(urls)) as folio:
            read(folio)
    assert becomes_falsy(lambda: sockets_to(urls["alpaca"]))
    assert becomes_falsy(lambda: len(loop_threads()) > threads)


def test_folios_share_one_thread_that_ends_with_the_last_folio(urls: dict[str, str]) -> None:
    before = threading.active_count()
    folios = [Folio(*connections(urls)) for _ in range(5)]
    for folio in folios:
        next(folio.accounts())
    assert threading.active_count() == before + 1
    for folio in folios[1:]:
        folio.close()
    assert next(folios[0].accounts())
    folios[0].close()
    assert becomes_falsy(lambda: threading.active_count() > before)


def test_sync_folio_works_inside_a_running_event_loop(urls: dict[str, str]) -> None:
    async def run() -> None:
        with Folio(*connections(urls)) as folio:
            assert folio.snapshot().complete
            assert len(list(folio.accounts())) > 3

    asyncio.run(run())


INTERRUPTED_PROGRAM = """
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
    sockets = [each for each in psutil.Process().net_connections("tcp") if each.raddr and each.raddr.port == port]
    print("interrupted", len(sockets), flush=True)
"""


@contextmanager
def silent_server() -> Iterator[str]:
    """Listen without ever sending a response."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("call", ["folio.snapshot()", "list(folio.accounts())"])
def test_ctrl_c_closes_the_sockets_immediately(call: str) -> None:
    with (
        silent_server() as url,
        subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED_PROGRAM.replace("{call}", call), url], stdout=-1, stderr=-1, text=True
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


def run_forking(program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that forks with threads, and ignore the warning of Python 3.12 and later."""
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="requires os.fork")
def test_forked_process_opens_its_own_connections(urls: dict[str, str]) -> None:
    # A separate program, because forking the test process with its threads could deadlock.
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
    process = run_forking(program)
    assert (process.stdout, process.stderr) == ("0 True True\n", "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="requires os.fork")
def test_exit_of_a_forked_process_keeps_the_parents_connections_open(urls: dict[str, str]) -> None:
    program = f"""
import os, onefolio
folio = onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url={urls["clear_street"]!r}), retries=0)
first = list(folio.accounts())
child = os.fork()
if child == 0:
    raise SystemExit(0)  # runs the exit handlers, unlike os._exit
os.waitpid(child, 0)
print([list(folio.accounts()) == first for _ in range(3)])
folio.close()
"""
    process = run_forking(program)
    assert (process.stdout, process.stderr) == ("[True, True, True]\n", "")


@pytest.mark.parametrize("after", ["", "del folio\nimport gc\ngc.collect()"])
def test_unclosed_folio_prints_nothing_at_exit(urls: dict[str, str], after: str) -> None:
    program = f"""
import onefolio
folio = onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url={urls["clear_street"]!r}))
print(len(list(folio.accounts())) > 0)
{after}
"""
    process = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60)
    assert (process.stdout, process.stderr) == ("True\n", "")


def test_garbage_collected_async_folio_leaves_no_socket(urls: dict[str, str]) -> None:
    async def run() -> None:
        folio = AsyncFolio(*connections(urls))
        await folio.snapshot()
        del folio
        gc.collect()
        await asyncio.sleep(0.1)

    asyncio.run(run())
    assert becomes_falsy(lambda: sockets_to(urls["alpaca"]))


class KeepAliveHandler(BaseHTTPRequestHandler):
    """Keep connections alive and set a cookie; close the first connection upon its second request."""

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
def keep_alive_url() -> Iterator[str]:
    KeepAliveHandler.cookies.clear()
    KeepAliveHandler.connections.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), KeepAliveHandler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://localhost:{server.server_address[1]}"  # cookie jars ignore the cookies of an IP address
        server.shutdown()
        thread.join()


def test_request_on_a_closed_keep_alive_connection_is_retried_without_cookies(keep_alive_url: str) -> None:
    events: list[Any] = []
    with Folio(connect("alpaca", base_url=keep_alive_url), on_event=events.append) as folio:
        for _ in range(3):
            assert len(list(folio.accounts())) == 1
    attempts = [(each.attempt, each.error) for each in events if isinstance(each, RequestSent)]
    assert attempts == [(1, None), (1, "ProviderUnavailableError"), (2, None), (1, None)]
    assert len(KeepAliveHandler.connections) == 2
    assert KeepAliveHandler.cookies == [None] * 4
