"""Calls that end because the folio is closed, is used in a wrong place, or the interpreter ends."""

import asyncio
import gc
import itertools
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from onefolio import Account, AsyncFolio, ConfigurationError, Folio, RateLimit, Snapshot, mock
from onefolio_runtime import LoopThread, LoopUnavailableError, loop_thread
from tests.scripted import Script, connect, example

LIBRARIES = ["aiohttp", "httpx", "httpx2"]
KEYS = itertools.count()


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running(accounts=20, latency_ms=5) as running:
        yield running


def connections(urls: dict[str, str]) -> list[Any]:
    return [connect(name, base_url=url, rate_limit=None) for name, url in urls.items()]


def read_accounts(folio: Folio) -> list[Account]:
    return list(folio.accounts())


def account_script() -> Script:
    return Script(lambda _: httpx.Response(200, json=example("alpaca", "/v2/account")))


def waiting_connection() -> Any:
    """Return a connection whose second request waits for an hour under its rate limit."""
    return connect("alpaca", key_id=f"key-{next(KEYS)}", rate_limit=RateLimit(1, 3600))


def run_in_threads(*functions: Callable[[], object]) -> tuple[list[threading.Thread], list[object]]:
    """Run functions in threads; return the threads and the list that receives their results or exceptions."""
    results: list[object] = []

    def run(function: Callable[[], object]) -> None:
        try:
            results.append(function())
        except BaseException as error:  # noqa: BLE001  # of any kind, for the test to judge
            results.append(error)

    threads = [threading.Thread(target=run, args=(each,), daemon=True) for each in functions]
    for thread in threads:
        thread.start()
    return threads, results


def join(threads: list[threading.Thread]) -> None:
    until = time.monotonic() + 30
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    assert not any(thread.is_alive() for thread in threads)


# Closing


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("is_last", [True, False], ids=["the last folio", "another folio is open"])
def test_close_during_calls_of_other_threads_raises_configuration_error(
    urls: dict[str, str], library: Any, is_last: bool
) -> None:
    other = Folio(*connections(urls))
    if not is_last:
        next(other.accounts())
    for seconds in (0.0, 0.001, 0.003, 0.01, 0.03, 0.06):
        folio = Folio(*connections(urls), http=library, retries=0)
        threads, results = run_in_threads(folio.snapshot, partial(read_accounts, folio), folio.snapshot)
        time.sleep(seconds)
        folio.close()
        join(threads)
        for result in results:
            if isinstance(result, Snapshot):
                assert result.complete
            elif not isinstance(result, list):
                assert isinstance(result, ConfigurationError)
                assert "closed" in str(result)
    other.close()


def test_close_ends_a_wait_under_the_rate_limit() -> None:
    folio = Folio(waiting_connection(), http=account_script().transport)
    account = next(folio.accounts())
    threads, results = run_in_threads(lambda: folio.balances(account), folio.snapshot)
    time.sleep(0.1)
    folio.close()
    join(threads)
    assert [(type(each), "closed" in str(each)) for each in results] == [(ConfigurationError, True)] * 2


def test_aclose_ends_the_calls_of_other_tasks() -> None:
    async def run() -> None:
        folio = AsyncFolio(waiting_connection(), http=account_script().transport)
        account = await anext(folio.accounts())
        tasks = [asyncio.create_task(each) for each in (folio.balances(account), folio.snapshot())]
        await asyncio.sleep(0.05)
        await folio.aclose()
        for task in tasks:
            with pytest.raises(ConfigurationError, match="closed"):
                await task
        assert not tasks[0].cancelling()

    asyncio.run(run())


def test_a_cancellation_by_the_caller_precedes_that_of_aclose() -> None:
    async def run() -> None:
        folio = AsyncFolio(waiting_connection(), http=account_script().transport)
        account = await anext(folio.accounts())
        task = asyncio.create_task(folio.balances(account))
        await asyncio.sleep(0.05)
        task.cancel()
        await folio.aclose()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())


def test_aclose_in_another_loop_ends_the_calls_of_the_first_one() -> None:
    folio = AsyncFolio(waiting_connection(), http=account_script().transport)
    waiting = threading.Event()

    async def read() -> None:
        account = await anext(folio.accounts())
        asyncio.get_running_loop().call_later(0.05, waiting.set)
        await folio.balances(account)

    threads, results = run_in_threads(lambda: asyncio.run(read()))
    assert waiting.wait(30)
    asyncio.run(folio.aclose())
    join(threads)
    assert isinstance(results[0], ConfigurationError)


def test_a_request_that_the_http_library_cancels_is_an_error_and_no_missing_row() -> None:
    async def respond(_: httpx.Request) -> httpx.Response:
        raise asyncio.CancelledError

    with Folio(connect("alpaca"), http=httpx.MockTransport(respond), retries=0) as folio:
        snapshot = folio.snapshot()
        assert [each.operation for each in snapshot.failures] == ["accounts"]
        assert "the connection was given up" in str(snapshot.failures[0].error)


# Callbacks


@pytest.mark.parametrize("used", ["the same folio", "another folio", "a new folio"])
@pytest.mark.parametrize("callback", ["on_event", "on_progress", "on_drift", "on_failure"])
def test_a_callback_that_calls_a_folio_raises_instead_of_waiting_for_itself(callback: str, used: str) -> None:
    other = Folio(connect("alpaca"), http=account_script().transport)

    def call(*_: object) -> None:
        if used == "a new folio":
            Folio(connect("alpaca"), http=account_script().transport).snapshot()
        list((folio if used == "the same folio" else other).accounts())

    body = {**example("alpaca", "/v2/account"), "undocumented": 1}
    if callback == "on_failure":
        del body["id"]
    script = Script(lambda _: httpx.Response(200, json=body))
    options: dict[str, Any] = {} if callback == "on_progress" else {callback: call}
    with (
        Folio(connect("alpaca"), http=script.transport, contract="quarantine", **options) as folio,
        other,
        pytest.raises(ConfigurationError, match="callback"),
    ):
        folio.snapshot(on_progress=call) if callback == "on_progress" else list(folio.accounts())


def test_a_callback_may_close_the_folio() -> None:
    def close(_: object) -> None:
        folio.close()

    folio = Folio(connect("alpaca"), http=account_script().transport, on_event=close)
    with pytest.raises(ConfigurationError, match="closed"):
        folio.snapshot()
    threads = [each for each in threading.enumerate() if each.name == "onefolio-loop"]
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)


def test_a_finalizer_may_close_a_folio_in_any_thread() -> None:
    class Holder:
        def __init__(self) -> None:
            self.folio = Folio(connect("alpaca"), http=account_script().transport)
            next(self.folio.accounts())
            self.me = self

        def __del__(self) -> None:
            self.folio.close()

    def collect(_: object) -> None:
        gc.collect()

    with Folio(connect("alpaca"), http=account_script().transport, on_event=collect) as folio:
        for _ in range(3):
            Holder()
            assert next(folio.accounts())


def test_a_finalizer_may_leave_the_loop_while_another_user_enters(monkeypatch: pytest.MonkeyPatch) -> None:
    async def one() -> int:
        return 1

    first, second = LoopThread(), LoopThread()
    assert first.run(one) == 1
    shared = loop_thread._shared
    settle = shared._settle

    class Users:
        """Closes the first user while the second one is being counted."""

        def __get__(self, served: Any, _: object) -> int:
            if shared._entering and not first._is_closed:
                first.close()
            count: int = served.__dict__.get("count", 0)
            return count

        def __set__(self, served: Any, count: int) -> None:
            served.__dict__["count"] = count

    served: Any = shared._served
    served.count = served.__dict__.pop("users")
    monkeypatch.setattr(type(served), "users", Users(), raising=False)
    assert second.run(one) == 1
    assert first._is_closed
    second.close()
    settle()
    assert shared._served is None


# Event loops


def test_an_async_folio_in_two_loops_at_once_is_refused() -> None:
    for _ in range(20):
        barrier = threading.Barrier(2)

        async def respond(_: httpx.Request) -> httpx.Response:
            await asyncio.sleep(0.02)
            return httpx.Response(200, json=example("alpaca", "/v2/account"))

        folio = AsyncFolio(connect("alpaca"), http=httpx.MockTransport(respond))

        async def read(folio: AsyncFolio = folio, barrier: threading.Barrier = barrier) -> Account:
            barrier.wait(30)
            return await anext(folio.accounts())

        threads, results = run_in_threads(*[lambda read=read: asyncio.run(read())] * 2)
        join(threads)
        assert {type(each) for each in results} == {Account, ConfigurationError}
        assert [str(each) for each in results if isinstance(each, ConfigurationError)] == [
            "an AsyncFolio belongs to the event loop that first used it; create a new one in this loop"
        ]


def test_an_iterator_of_one_loop_is_refused_in_another() -> None:
    async def start() -> Any:
        return folio.positions(Account(provider="alpaca", connection="alpaca", id="1"))

    folio = AsyncFolio(connect("alpaca"), http=account_script().transport)
    iterator = asyncio.run(start())
    with pytest.raises(ConfigurationError, match="event loop"):
        asyncio.run(anext(iterator))


def drive(coroutine: Any) -> None:
    """Run a coroutine without an event loop, as other libraries do."""
    try:
        coroutine.send(None)
    finally:
        coroutine.close()


def test_an_async_folio_without_asyncio_is_refused() -> None:
    folio = AsyncFolio(connect("alpaca"), http=account_script().transport)
    account = Account(provider="alpaca", connection="alpaca", id="1")
    for call in (
        lambda: drive(anext(folio.accounts())),
        lambda: drive(folio.balances(account)),
        lambda: drive(folio.snapshot()),
        lambda: folio.positions(account),
    ):  # fmt: skip
        with pytest.raises(ConfigurationError, match="asyncio"):
            call()
    drive_to_the_end = folio.aclose()
    with pytest.raises(StopIteration):
        drive_to_the_end.send(None)


def test_an_async_folio_in_a_callback_of_the_loop_is_refused() -> None:
    async def run() -> list[object]:
        results: list[object] = []

        def call() -> None:
            try:
                drive(folio.snapshot())
            except ConfigurationError as error:
                results.append(error)

        asyncio.get_running_loop().call_soon(call)
        await asyncio.sleep(0.01)
        return results

    folio = AsyncFolio(connect("alpaca"), http=account_script().transport)
    assert len(asyncio.run(run())) == 1


# The end of the interpreter

EXITS = {
    "close in a finalizer": "class H(Holder):\n    def __del__(self): self.folio.close()\nholder = H()",
    "close in a finalizer of a cycle": (
        "class H(Holder):\n    def __del__(self): self.folio.close()\nholder = H(); holder.me = holder; del holder"
    ),
    "read in a finalizer": (
        "class H(Holder):\n    def __del__(self):\n        try: self.folio.snapshot()\n"
        "        except onefolio.ConfigurationError: pass\nholder = H()"
    ),
    "read for the first time in a finalizer": (
        "class H:\n    folio = make()\n    def __del__(self):\n        try: self.folio.snapshot()\n"
        "        except onefolio.ConfigurationError: pass\nholder = H()"
    ),
    "drop in a finalizer": "class H(Holder):\n    def __del__(self): del self.folio\nholder = H()",
    "close at exit": "holder = Holder(); atexit.register(holder.folio.close)",
    "read at exit": "holder = Holder(); atexit.register(holder.folio.snapshot)",
    "a daemon thread that reads": (
        "holder = Holder()\ndef read():\n    while True: holder.folio.snapshot()\n"
        "threading.Thread(target=read, daemon=True).start(); time.sleep(0.1)"
    ),
    "a client": (
        "class H:\n    def __init__(self):\n        self.client = Client(api.Credentials(api_key='demo-key'), URL)\n"
        "        self.client.send(api.operations.get_accounts())\n    def __del__(self): self.client.close()\n"
        "holder = H()"
    ),
}

EXIT_PROGRAM = """
import atexit, sys, threading, time
import onefolio, onefolio_clients.clear_street as api
from onefolio_runtime import Client
URL, LIBRARY = sys.argv[1:]
def make():
    return onefolio.Folio(onefolio.ClearStreet(api_key="demo-key", base_url=URL), http=LIBRARY)
class Holder:
    def __init__(self):
        self.folio = make()
        next(self.folio.accounts())
"""


@pytest.mark.slow
@pytest.mark.parametrize("library", LIBRARIES)
def test_the_interpreter_ends_with_a_folio_in_use(urls: dict[str, str], library: str) -> None:
    processes = {
        name: subprocess.Popen(
            [sys.executable, "-c", EXIT_PROGRAM + program, urls["clear_street"], library],
            stdout=-1, stderr=-1, text=True,
        )
        for name, program in EXITS.items()
    }  # fmt: skip
    try:
        for name, process in processes.items():
            assert process.communicate(timeout=120) == ("", ""), name
            assert process.returncode == 0, name
    finally:
        for process in processes.values():
            process.kill()
            process.wait()


def test_a_closed_user_of_the_loop_runs_nothing() -> None:
    async def one() -> int:
        return 1

    user = LoopThread()
    assert user.run(one) == 1
    user.close()
    user.close()
    with pytest.raises(LoopUnavailableError, match="closed"):
        user.run(one)
