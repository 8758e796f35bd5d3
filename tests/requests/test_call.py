"""Concurrency and timeouts of calls."""

import asyncio
from typing import Any

import httpx
import pytest

from onefolio import (
    AsyncFolio,
    Folio,
    ProviderError,
)
from tests.scripted import connect, example


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    most = now = 0

    async def answer(_: httpx.Request) -> httpx.Response:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.01)
        now -= 1
        return httpx.Response(200, json=example("alpaca", "/v2/account"))

    async def run() -> None:
        options: Any = {"max_concurrency": 5, "http": httpx.MockTransport(answer), "deadline": 0.5}
        async with AsyncFolio(connect("alpaca"), **options) as folio:
            account = await anext(folio.accounts())
            await asyncio.gather(*(folio.balances(account) for _ in range(300)))

    asyncio.run(run())
    assert most == 5


def test_a_pair_of_timeouts_sets_each_step() -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 1.0}
        return httpx.Response(503)

    with (
        Folio(connect("alpaca"), timeout=(1.0, 2.0), retries=0, http=httpx.MockTransport(answer)) as folio,
        pytest.raises(ProviderError),
    ):
        next(folio.accounts())
