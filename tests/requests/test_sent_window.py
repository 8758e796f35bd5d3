"""Requests that are sent later than their slots."""

import asyncio
import itertools

import httpx
import pytest

from onefolio import AsyncFolio, RateLimit
from onefolio._requests.rate_limiter import RateLimiter
from onefolio._requests.sent_window import SentWindow
from onefolio._requests.sliding_window import SlidingWindow
from tests.runtime.clock import now, run_simulated
from tests.scripted import connect, example

LIMIT = RateLimit(3, 10)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_request_counts_from_its_response() -> None:
    clock = Clock()
    window = SentWindow(LIMIT, clock=clock)
    numbers = [window.send()[1] for _ in range(3)]
    assert window.send() == (10.1, 0), "no request has arrived, so that the span cannot end before"
    clock.now = 2.0
    for number in numbers:
        window.end(number)
    clock.now = 11.0
    seconds, _ = window.send()
    assert round(seconds, 6) == 1.1
    clock.now = 12.2
    assert [window.send()[0] for _ in range(3)] == [0, 0, 0]
    assert window.send()[0] > 0


def test_a_request_without_a_response_counts_from_a_quarter_of_the_span() -> None:
    clock = Clock()
    window = SentWindow(LIMIT, clock=clock)
    numbers = [window.send()[1] for _ in range(3)]
    clock.now = 12.55
    assert window.send()[0] > 0
    clock.now = 12.7
    assert [window.send()[0] for _ in range(3)] == [0, 0, 0]
    for number in numbers:
        window.end(number)
    assert window.send()[0] > 0, "the late responses free nothing"


def test_each_waiting_request_is_given_another_time() -> None:
    clock = Clock()
    window = SentWindow(LIMIT, clock=clock)
    for _ in range(3):
        clock.now += 1
        window.end(window.send()[1])
    waits = [window.send()[0] for _ in range(3)]
    assert [round(later - earlier, 6) for earlier, later in itertools.pairwise(waits)] == [1, 1]
    clock.now += waits[0]
    assert window.send()[0] == 0
    assert window.send()[0] > 0


def test_no_span_has_more_requests_than_the_limit_whenever_they_arrive() -> None:
    clock = Clock()
    window = SentWindow(LIMIT, clock=clock)
    arrivals: list[float] = []
    delays = itertools.cycle([0.0, 2.4, 0.3, 1.9, 0.01, 2.0, 0.7])
    due: list[tuple[float, int]] = []
    while len(arrivals) < 200:
        seconds, number = window.send()
        if number:
            delay = next(delays)
            arrivals.append(clock.now + delay)
            due.append((clock.now + delay, number))
        later = min([when for when, _ in due] + [clock.now + (seconds or 0.05)])
        clock.now = max(clock.now, later)
        for when, ended in [each for each in due if each[0] <= clock.now]:
            window.end(ended)
            due.remove((when, ended))
    arrivals.sort()
    assert all(later - earlier >= 10 for earlier, later in zip(arrivals, arrivals[3:], strict=False))


def test_a_server_never_receives_more_requests_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    limit = RateLimit(40, seconds=4)
    arrivals: list[float] = []
    delays = itertools.cycle([0.9, 0.5, 0.7, 0.0, 0.1])

    async def respond(_: httpx.Request) -> httpx.Response:
        # The first connections take longest, as on a busy machine.
        await asyncio.sleep(0.9 if len(arrivals) < 16 else next(delays))
        arrivals.append(now())
        await asyncio.sleep(0.2)
        return httpx.Response(200, json=example("alpaca", "/v2/account"))

    async def run() -> None:
        limiter = RateLimiter(SlidingWindow(limit, clock=now), sent=SentWindow(limit, clock=now), clock=now)
        monkeypatch.setattr("onefolio._folio.base.limiter_for", lambda *_: limiter)
        async with AsyncFolio(connect("alpaca"), http=httpx.MockTransport(respond)) as folio:
            account = await anext(folio.accounts())
            await asyncio.gather(*(folio.balances(account) for _ in range(239)))

    run_simulated(run())
    arrivals.sort()
    assert len(arrivals) == 240
    assert all(later - earlier >= 4 for earlier, later in zip(arrivals, arrivals[40:], strict=False))
    assert arrivals[-1] < 60, "the limit is used"
