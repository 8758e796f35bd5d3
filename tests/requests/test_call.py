"""Concurrency limits and timeouts of calls."""

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


def test_max_concurrency_limits_requests_in_flight() -> None:
    highest = current = 0

    async def respond(_: httpx.Request) -> httpx.Response:
        nonlocal highest, current
        current += 1
        highest = max(highest, current)
        await asyncio.sleep(0.01)
        current -= 1
        return httpx.Response(200, json=example("alpaca", "/v2/account"))

    async def run() -> None:
        options: Any = {"max_concurrency": 5, "http": httpx.MockTransport(respond), "deadline": 0.5}
        async with AsyncFolio(connect("alpaca"), **options) as folio:
            account = await anext(folio.accounts())
            await asyncio.gather(*(folio.balances(account) for _ in range(300)))

    asyncio.run(run())
    assert highest == 5


def test_timeout_pair_sets_connect_and_read_timeouts() -> None:
    async def respond(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 1.0}
        return httpx.Response(503)

    with (
        Folio(connect("alpaca"), timeout=(1.0, 2.0), retries=0, http=httpx.MockTransport(respond)) as folio,
        pytest.raises(ProviderError),
    ):
        next(folio.accounts())
