"""Concurrency limits and timeouts of calls."""

import asyncio
import itertools
import time
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from onefolio import (
    AsyncFolio,
    Folio,
    ProviderError,
    ProviderUnavailableError,
)
from onefolio._requests import call, deadline
from onefolio._requests.deadline import Deadline
from tests.scripted import Script, connect, example


class Clock:
    """The clock of calls and their deadlines, which only a test advances."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0
        for module in (deadline, call):
            monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: float(self.seconds), time=time.time))


def test_max_concurrency_limits_requests_in_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    # A call sees five seconds pass while its request is in flight, and up to 300 while it waits for a free place.
    clock = Clock(monkeypatch)
    highest = current = 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal highest, current
        current += 1
        highest = max(highest, current)
        await asyncio.sleep(0.001)
        current -= 1
        clock.seconds += 1
        return httpx.Response(200, json=example("alpaca", "/v2/account"))

    async def run() -> None:
        options: Any = {"max_concurrency": 5, "http": httpx.MockTransport(respond), "deadline": 60}
        async with AsyncFolio(connect("alpaca"), **options) as folio:
            account = await anext(folio.accounts())
            await asyncio.gather(*(folio.balances(account) for _ in range(300)))

    asyncio.run(run())
    assert highest == 5
    assert clock.seconds > 300


def test_timeout_pair_sets_connect_and_read_timeouts() -> None:
    async def respond(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 1.0}
        return httpx.Response(503)

    with (
        Folio(connect("alpaca"), timeout=(1.0, 2.0), retries=0, http=httpx.MockTransport(respond)) as folio,
        pytest.raises(ProviderError),
    ):
        next(folio.accounts())


def test_endless_pages_end_at_the_deadline_even_if_no_request_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(monkeypatch)
    row = example("clear_street", "/v1/accounts")["data"][0]

    def respond(_: httpx.Request) -> httpx.Response:
        clock.seconds += 1
        token = str(clock.seconds) if clock.seconds < 500 else None
        rows = [{**row, "id": clock.seconds}]
        return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r", "next_page_token": token}})

    # The responses of this transport never suspend the task, so that no timer of the loop can fire.
    with Folio(connect("clear_street"), deadline=60, http=Script(respond).transport) as folio:
        snapshot = folio.snapshot(capabilities=())
        (failure,) = snapshot.failures
        assert isinstance(failure.error, ProviderUnavailableError)
        assert "the deadline is over" in str(failure.error)
        assert len(snapshot.accounts) == 60, "the rows before are kept"
        with pytest.raises(ProviderUnavailableError, match="the deadline is over"):
            list(folio.accounts())


def test_endless_pages_do_not_block_the_loop() -> None:
    row = example("clear_street", "/v1/accounts")["data"][0]
    numbers = itertools.count(1)

    def respond(_: httpx.Request) -> httpx.Response:
        number = next(numbers)
        rows, token = [{**row, "id": number}], str(number) if number < 20_000 else None
        return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r", "next_page_token": token}})

    async def run() -> None:
        async with AsyncFolio(connect("clear_street"), http=Script(respond).transport) as folio:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(folio.snapshot(capabilities=()), 0.1)

    asyncio.run(run())


def test_waits_under_a_limit_extend_the_deadline_without_bound_only_before_the_first_page() -> None:
    limit = Deadline(3600)
    with limit:
        limit.extend(10**6)
        assert limit.remaining() > 10**6
    for _ in range(100):
        with limit:
            limit.extend(3600)
    assert 10**6 + 10 * 3600 < limit.remaining() <= 10**6 + 11 * 3600
    assert not limit.is_over
