"""Rate limits: many concurrent calls with one key against servers that enforce a limit."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from onefolio import (
    AsyncFolio,
    ConfigurationError,
    Folio,
    RateLimit,
    RequestSent,
    WaitStarted,
    mock,
)
from onefolio._requests.rate_limiter import RateLimiter, limiter_for
from onefolio._requests.sliding_window import SlidingWindow
from onefolio.providers.registry import known
from onefolio_runtime import Secret
from tests.scripted import connect

KINDS = [pytest.param(kind, id=name) for name, kind in known().items()]
LIMIT = RateLimit(40, seconds=1)


@pytest.fixture(scope="module")
def limited() -> Iterator[dict[str, str]]:
    """A mock that responds with 429 beyond the limit."""
    with mock.running(rate_limit=LIMIT) as urls:
        yield urls


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The slots that all limiters reserve, as monotonic seconds.

    They are exact on a busy machine as well, where requests may arrive closer together than they were sent.
    """
    reserved: list[float] = []
    reserve = SlidingWindow.reserve

    def record(window: SlidingWindow) -> float:
        seconds = reserve(window)
        reserved.append(window._slots[-1])
        return seconds

    monkeypatch.setattr(SlidingWindow, "reserve", record)
    return reserved


def are_within(limit: RateLimit, slots: list[float]) -> bool:
    pairs = zip(slots, slots[limit.requests :], strict=False)
    return all(later - earlier >= limit.seconds for earlier, later in pairs)


class Counts(Counter[Any]):
    """Count requests by status and waits by reason."""

    def __call__(self, event: RequestSent | WaitStarted) -> None:
        self[event.status_code if isinstance(event, RequestSent) else event.reason] += 1


def ask_with_tasks(connection: Any, counts: Counts, number: int, **options: Any) -> list[Any]:
    async def ask() -> list[Any]:
        async with AsyncFolio(connection, on_event=counts, **options) as folio:
            account = await anext(folio.accounts())
            return await asyncio.gather(*(folio.balances(account) for _ in range(number)))

    return asyncio.run(ask())


def ask_with_threads(connection: Any, counts: Counts, number: int, **options: Any) -> list[Any]:
    with Folio(connection, on_event=counts, **options) as folio, ThreadPoolExecutor(32) as pool:
        account = next(folio.accounts())
        return list(pool.map(lambda _: folio.balances(account), range(number)))


@pytest.mark.slow
@pytest.mark.parametrize("ask", [ask_with_tasks, ask_with_threads])
@pytest.mark.parametrize("kind", KINDS)
def test_a_burst_beyond_a_known_limit_is_never_refused(
    kind: Any, ask: Any, limited: dict[str, str], slots: list[float]
) -> None:
    counts = Counts()
    started = time.monotonic()
    connection = kind(**kind.demo_credentials(), base_url=limited[kind.provider], rate_limit=LIMIT)
    assert len(ask(connection, counts, 90)) == 90
    assert counts[200] == 91
    assert counts["rate limit"] > 20
    assert len(slots) == counts[200] + counts[429]
    assert are_within(LIMIT, slots)
    assert time.monotonic() - started > 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_burst_beyond_an_unknown_limit_pauses_when_the_provider_asks_for_it(
    kind: Any, limited: dict[str, str]
) -> None:
    counts = Counts()
    connection = kind(**kind.demo_credentials(), base_url=limited[kind.provider], rate_limit=None)
    assert len(ask_with_tasks(connection, counts, 120)) == 120
    assert 0 < counts[429] < 60, "most requests wait instead of being refused"


@pytest.mark.slow
def test_all_folios_sync_and_async_share_the_limiter_of_a_key(slots: list[float]) -> None:
    limit = RateLimit(50, seconds=1)
    with mock.running(rate_limit=limit) as urls:
        kind = known()["clear_street"]
        counts = Counts()
        connections = [kind(**kind.demo_credentials(), base_url=urls[kind.provider], rate_limit=limit) for _ in "ab"]  # type: ignore[arg-type]  # each has its own keys
        with ThreadPoolExecutor(2) as pool:
            tasks = pool.submit(ask_with_tasks, connections[0], counts, 60)
            threads = pool.submit(ask_with_threads, connections[1], counts, 60)
            assert len(tasks.result()) + len(threads.result()) == 120
    assert counts[200] == 122
    assert len(slots) == counts[200] + counts[429]
    assert are_within(limit, slots)


def test_each_key_has_the_documented_limit_by_default() -> None:
    limits = {name: kind(**kind.demo_credentials()).rate_limit for name, kind in known().items()}  # type: ignore[arg-type]  # each has its own keys
    assert limits == {"alpaca": RateLimit(200, 60), "clear_street": None, "conduit": None}
    limit = limits["alpaca"]
    one, same = connect("alpaca", rate_limit=limit), connect("alpaca", name="b", rate_limit=limit)
    other = connect("alpaca", key_id="another", rate_limit=limit)
    limiters = [limiter_for(each.fingerprint(), each.rate_limit) for each in (one, same, other)]
    assert limiters[0] is limiters[1] is not limiters[2]
    assert [limiters[0].reserve() for _ in range(200)] == [0] * 200
    assert 59 < limiters[1].reserve() < 61
    assert limiters[2].reserve() == 0


def test_slots_are_reserved_in_order_and_within_the_limit() -> None:
    now = 100.0
    window = SlidingWindow(RateLimit(10, 1), clock=lambda: now)
    slots = [now + window.reserve() for _ in range(35)]
    assert slots == sorted(slots)
    assert all(later - earlier >= 1 for earlier, later in zip(slots, slots[10:], strict=False))
    assert [round(slot - now, 2) for slot in slots[::10]] == [0, 1.01, 2.02, 3.03]
    now = 200.0
    assert [window.reserve() for _ in range(11)] == [0.0] * 10 + [pytest.approx(1.01)]


def test_a_pause_holds_back_all_requests_and_the_longest_wins() -> None:
    now = 0.0
    limiter = RateLimiter(None, clock=lambda: now)
    assert limiter.paused_for() == 0
    limiter.pause(5)
    limiter.pause(2)
    assert limiter.paused_for() == 5
    now = 6.0
    assert limiter.paused_for() == 0


@pytest.mark.parametrize("bad", [{"requests": 0}, {"requests": 1, "seconds": 0}, {"requests": 1, "seconds": -1}])
def test_a_limit_out_of_range_is_refused(bad: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be at least 1"):
        RateLimit(**bad)


@pytest.mark.slow
def test_a_wait_under_the_limit_does_not_count_against_the_deadline(limited: dict[str, str]) -> None:
    kind = known()["conduit"]
    keys: Any = kind.demo_credentials()
    connection = kind(**keys, base_url=limited["conduit"], name="slow", rate_limit=RateLimit(10, 1))
    counts = Counts()
    assert len(ask_with_tasks(connection, counts, 30, deadline=1)) == 30
    assert counts["rate limit"] == 21


# Several processes


def test_processes_that_share_a_redis_share_a_limit(redis: int) -> None:
    connection = connect("clear_street", api_key="shared-key", rate_limit=RateLimit(20, 1))
    limiters = [_limiter_of_a_process(connection, redis) for _ in range(2)]
    turns = []
    for limiter in limiters * 30:
        asked = time.time()
        wait = limiter.reserve()
        # Redis computed the wait between these two times, which are far apart on a busy machine.
        turns.append((asked + wait, time.time() + wait))
    assert all(later - sooner > -0.01 for (sooner, _), (_, later) in itertools.pairwise(turns))
    assert [round(each - turns[0][0]) for each, _ in turns[::20]] == [0, 1, 2]


def _limiter_of_a_process(connection: Any, redis: int) -> RateLimiter:
    from onefolio._requests import rate_limiter

    rate_limiter._limiters.clear()
    return limiter_for(connection.fingerprint(), connection.rate_limit, Secret(f"redis://127.0.0.1:{redis}/0"))


@pytest.mark.slow
def test_a_folio_reserves_its_slots_in_redis(redis: int) -> None:
    started = time.monotonic()
    with mock.running() as urls:
        kind = known()["conduit"]
        keys: Any = kind.demo_credentials()
        connection = kind(**keys, base_url=urls["conduit"], rate_limit=RateLimit(10, seconds=1))
        for ask in (ask_with_tasks, ask_with_threads):
            counts = Counts()
            assert len(ask(connection, counts, 16, redis=f"redis://127.0.0.1:{redis}/0")) == 16
            assert counts["rate limit"] >= 5
    assert time.monotonic() - started > 3, "34 requests, 10 a second"


def test_each_process_counts_by_itself_without_its_redis(caplog: pytest.LogCaptureFixture) -> None:
    url = "redis://user:s3cr3t-password@127.0.0.1:1/0"
    limiter = limiter_for("alone", RateLimit(2, 60), Secret(url))
    assert [round(limiter.reserve()) for _ in range(3)] == [0, 0, 61]
    assert caplog.text.count("cannot be reached") == 1
    assert "s3cr3t" not in caplog.text
    with pytest.raises(ConfigurationError, match="redis://") as refused:
        Folio(connect("alpaca", rate_limit=RateLimit(1)), redis="http://user:s3cr3t@x")
    assert "s3cr3t" not in str(refused.value)
