"""Rate limits, retry budget and circuit: many calls at once, through one key, against servers that have had enough."""

import asyncio
import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import httpx
import pytest

from onefolio import (
    Account,
    AsyncFolio,
    ConfigurationError,
    Folio,
    ProviderError,
    ProviderUnavailableError,
    RateLimit,
    RequestSent,
    WaitStarted,
    mock,
)
from onefolio._requests.rate_limiter import RateLimiter, limiter_for
from onefolio._requests.retry import RetryBudget
from onefolio.providers.registry import known
from onefolio_runtime import Secret
from tests.scripted import Script, connect, example

KINDS = [pytest.param(kind, id=name) for name, kind in known().items()]
LIMIT = RateLimit(150, seconds=1)


@pytest.fixture(scope="module")
def limited() -> Iterator[dict[str, str]]:
    """A mock that refuses more than the limit."""
    with mock.running(rate_limit=LIMIT) as urls:
        yield urls


class Counts(Counter[Any]):
    """Counts events by what came of them."""

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


@pytest.mark.parametrize("ask", [ask_with_tasks, ask_with_threads])
@pytest.mark.parametrize("kind", KINDS)
def test_a_burst_beyond_a_known_limit_is_never_refused(kind: Any, ask: Any, limited: dict[str, str]) -> None:
    counts = Counts()
    started = time.monotonic()
    connection = kind(**kind.demo_credentials(), base_url=limited[kind.provider], rate_limit=LIMIT)
    assert len(ask(connection, counts, 450)) == 450
    assert counts[200] == 451
    assert counts["rate limit"] > 100
    assert counts[429] < 50, "a machine that is busy elsewhere may bring some together"
    assert time.monotonic() - started > 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_burst_beyond_an_unknown_limit_is_held_back_when_the_provider_says_so(
    kind: Any, limited: dict[str, str]
) -> None:
    counts = Counts()
    connection = kind(**kind.demo_credentials(), base_url=limited[kind.provider], rate_limit=None)
    assert len(ask_with_tasks(connection, counts, 400)) == 400
    assert 0 < counts[429] < 100, "most wait instead of asking"


def test_one_key_has_one_line_in_all_folios_sync_and_async() -> None:
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
    assert counts[429] < 20, "a machine that is busy elsewhere may bring some together"


def test_documented_limits_are_kept_to_by_default_and_for_each_key() -> None:
    limits = {name: kind(**kind.demo_credentials()).rate_limit for name, kind in known().items()}  # type: ignore[arg-type]  # each has its own keys
    assert limits == {"alpaca": RateLimit(200, 60), "clear_street": None, "conduit": None}
    limit = limits["alpaca"]
    one, same = connect("alpaca", rate_limit=limit), connect("alpaca", name="b", rate_limit=limit)
    other = connect("alpaca", key_id="another", rate_limit=limit)
    lines = [limiter_for(each.fingerprint(), each.rate_limit) for each in (one, same, other)]
    assert lines[0] is lines[1] is not lines[2]
    assert [lines[0].reserve() for _ in range(200)] == [0] * 200
    assert 59 < lines[1].reserve() < 61
    assert lines[2].reserve() == 0


def test_who_waits_is_served_in_turn() -> None:
    line = limiter_for("in-turn", RateLimit(10, 1))
    started = time.monotonic()
    places = [line.reserve() + time.monotonic() - started for _ in range(35)]
    assert all(later > earlier - 0.05 for earlier, later in pairwise(places))
    assert [round(each) for each in places[::10]] == [0, 1, 2, 3]


@pytest.mark.parametrize("bad", [{"requests": 0}, {"requests": 1, "seconds": 0}, {"requests": 1, "seconds": -1}])
def test_a_limit_has_to_let_something_pass(bad: Any) -> None:
    with pytest.raises(ConfigurationError, match="must be at least 1"):
        RateLimit(**bad)


def test_a_wait_for_ones_turn_is_not_the_providers_time(limited: dict[str, str]) -> None:
    kind = known()["conduit"]
    keys: Any = kind.demo_credentials()
    connection = kind(**keys, base_url=limited["conduit"], name="slow", rate_limit=RateLimit(10, 1))
    counts = Counts()
    assert len(ask_with_tasks(connection, counts, 30, deadline=1)) == 30
    assert counts["rate limit"] == 21


# Several processes


@pytest.fixture
def redis() -> Iterator[str]:
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", 0))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_processes_that_share_a_redis_share_a_line(redis: str) -> None:
    connection = connect("clear_street", api_key="shared-key", rate_limit=RateLimit(20, 1))
    lines = [_line_of_a_process(connection, redis) for _ in range(2)]
    turns = [time.time() + line.reserve() for _ in range(30) for line in lines]
    assert all(later - sooner > -0.01 for sooner, later in itertools.pairwise(turns))
    assert [round(each - turns[0]) for each in turns[::20]] == [0, 1, 2]


def _line_of_a_process(connection: Any, redis: str) -> RateLimiter:
    from onefolio._requests import rate_limiter

    rate_limiter._limiters.clear()
    return limiter_for(connection.fingerprint(), connection.rate_limit, Secret(redis))


def test_a_folio_takes_its_turns_from_redis(redis: str) -> None:
    started = time.monotonic()
    with mock.running() as urls:
        kind = known()["conduit"]
        keys: Any = kind.demo_credentials()
        connection = kind(**keys, base_url=urls["conduit"], rate_limit=RateLimit(40, seconds=1))
        for ask in (ask_with_tasks, ask_with_threads):
            counts = Counts()
            assert len(ask(connection, counts, 60, redis=redis)) == 60
            assert counts["rate limit"] >= 21
    assert time.monotonic() - started > 3, "122 requests, 40 a second"


def test_without_its_redis_each_process_counts_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    url = "redis://user:s3cr3t-password@127.0.0.1:1/0"
    line = limiter_for("alone", RateLimit(2, 60), Secret(url))
    assert [round(line.reserve()) for _ in range(3)] == [0, 0, 61]
    assert caplog.text.count("cannot be reached") == 1
    assert "s3cr3t" not in caplog.text
    with pytest.raises(ConfigurationError, match="redis://") as refused:
        Folio(connect("alpaca", rate_limit=RateLimit(1)), redis="http://user:s3cr3t@x")
    assert "s3cr3t" not in str(refused.value)


# Retries


def test_an_outage_is_not_multiplied_by_retries(
    folio_of: Callable[..., Folio], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(lambda _: httpx.Response(503))
    folio = folio_of(script, connect("clear_street"), retries=3)
    monkeypatch.setattr("onefolio._requests.retry.FIRST_WAIT", 0)
    monkeypatch.setattr("onefolio._requests.retry.LONGEST_WAIT", 0)
    monkeypatch.setattr("onefolio._requests.retry.JITTER", 0)
    account = Account(provider="clear_street", connection="clear_street", id="1")
    for _ in range(50):
        with pytest.raises(ProviderUnavailableError):
            folio.balances(account)
    assert 70 <= len(script.requests) <= 75, "50 calls, 20 retries, and what the seconds bring back"


def test_a_budget_comes_back_with_answers() -> None:
    budget = RetryBudget()
    assert [budget.withdraw() for _ in range(21)] == [True] * 20 + [False]
    for _ in range(5):
        budget.deposit()
    assert budget.withdraw()
    assert not budget.withdraw()


def test_each_connection_has_its_own_budget(folio_of: Callable[..., Folio], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RetryBudget, "CAPACITY", 1.0)
    script = Script(lambda _: httpx.Response(503))
    folio = folio_of(script, connect("clear_street"), connect("alpaca"), retries=2)
    for name in folio.connections:
        with pytest.raises(ProviderUnavailableError):
            list(folio.accounts(name))
    assert len(script.requests) == 4


# Circuit


def test_a_server_that_stops_answering_is_not_asked_for_every_account(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(200)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        if request.url.path.startswith("/v1"):
            return httpx.Response(503)
        return httpx.Response(200, json=example("conduit", "/clients/accounts"))

    script = Script(answer)
    folio = folio_of(
        script, connect("clear_street"), connect("conduit", base_url="http://127.0.0.1"), max_concurrency=4
    )
    snapshot = folio.snapshot()
    assert len(script.requests) < 15
    assert not snapshot.complete
    assert len(snapshot.accounts) == 201
    assert {each.connection for each in snapshot.balances} == {"conduit"}
    listed = Counter((each.operation, each.account_id) for each in snapshot.failures)
    assert listed == {(what, str(number)): 1 for what in ("balances", "positions") for number in range(200)}
    assert {type(each.error) for each in snapshot.failures} == {ProviderUnavailableError}
    assert sum("not requested" in str(each.error) for each in snapshot.failures) > 380
    list(folio.accounts("clear_street"))  # a call is always tried


def test_refusals_do_not_stop_a_snapshot(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(20)]
    body = example("clear_street", "/v1/accounts/{account_id}/balances")

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        status = 403 if request.url.path.endswith("positions") else 200
        return httpx.Response(status, json=body if status == 200 else {})

    script = Script(answer)
    snapshot = folio_of(script, connect("clear_street")).snapshot()
    assert len(script.requests) == 41
    assert (len(snapshot.balances), len(snapshot.positions), len(snapshot.failures)) == (20, 0, 20)


def test_a_provider_in_a_black_hole_does_not_slow_the_others() -> None:
    done: dict[str, float] = {}
    started = time.monotonic()

    def note(event: RequestSent | WaitStarted) -> None:
        if isinstance(event, RequestSent) and event.status_code == 200:
            done[event.connection] = time.monotonic() - started

    async def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/v1/accounts/"):
            await asyncio.sleep(60)
        path = request.url.path
        provider = {"/v1/accounts": "clear_street", "/clients/accounts": "conduit"}[path]
        body = example(provider, path)
        if provider == "clear_street":
            rows = [{**body["data"][0], "id": number} for number in range(100)]
            body = {"data": rows, "metadata": {"request_id": "r"}}
        return httpx.Response(200, json=body)

    with Folio(
        connect("clear_street"), connect("conduit", base_url="http://127.0.0.1"),
        deadline=2, retries=3, max_concurrency=4, http=httpx.MockTransport(answer), on_event=note,
    ) as folio:  # fmt: skip
        snapshot = folio.snapshot()
    assert time.monotonic() - started < 8, "two rounds of the deadline, not fifty"
    assert done["conduit"] < 1
    assert len(snapshot.failures) == 200
    assert {each.connection for each in snapshot.failures} == {"clear_street"}


def test_no_more_requests_are_under_way_than_allowed() -> None:
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


def test_a_pair_of_timeouts_says_each_step(limited: dict[str, str]) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        assert request.extensions["timeout"] == {"connect": 1.0, "read": 2.0, "write": 2.0, "pool": 1.0}
        return httpx.Response(503)

    with (
        Folio(connect("alpaca"), timeout=(1.0, 2.0), retries=0, http=httpx.MockTransport(answer)) as folio,
        pytest.raises(ProviderError),
    ):
        next(folio.accounts())
