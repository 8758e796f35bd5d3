"""Faults of the network itself, through a real proxy: the right figure or a clear error, and nothing in between."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from onefolio import AsyncFolio, Folio, ProviderUnavailableError, Snapshot, mock
from onefolio.providers.registry import known

from .proxy import FAULTS, Fault, Link, at_random, proxied


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running(accounts=6, positions=4) as running:
        yield running


def connections(urls: dict[str, str], port: int) -> list[Any]:
    options: list[tuple[Any, Any]] = [(kind, kind.demo_credentials()) for kind in known().values()]
    return [
        kind(**keys, rate_limit=None, base_url=f"http://127.0.0.1:{port}{urlsplit(urls[kind.provider]).path}")
        for kind, keys in options
    ]


def port_of(urls: dict[str, str]) -> int:
    return urlsplit(next(iter(urls.values()))).port or 0


@contextmanager
def through(urls: dict[str, str], *links: Link, then: Link = Link()) -> Iterator[list[Any]]:  # noqa: B008  # it is frozen
    """Connections through a proxy that treats the first requests one way and those that follow another."""
    left = iter(links)
    with proxied(("127.0.0.1", port_of(urls)), lambda: next(left, then)) as port:
        yield connections(urls, port)


def take(connections: list[Any], mode: str, **options: Any) -> Snapshot:
    async def run() -> Snapshot:
        async with AsyncFolio(*connections, **options) as folio:
            return await folio.snapshot()

    if mode == "async":
        return asyncio.run(run())
    with Folio(*connections, **options) as folio:
        return folio.snapshot()


def truth(urls: dict[str, str]) -> Snapshot:
    return take(connections(urls, port_of(urls)), "sync")


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("fault", [each for each in FAULTS if each != "drip"])  # which takes all the time there is
def test_a_fault_that_passes_is_not_seen(fault: Fault, mode: str, urls: dict[str, str]) -> None:
    with through(urls, *[Link(fault=fault)] * 2) as reached:
        snapshot = take(reached, mode, retries=3, timeout=0.6, deadline=10)
    assert snapshot.complete, snapshot.failures
    assert (snapshot.accounts, snapshot.balances, snapshot.positions) == (
        (right := truth(urls)).accounts, right.balances, right.positions
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_is_a_failure_in_time(fault: Fault, mode: str, urls: dict[str, str]) -> None:
    started = time.monotonic()
    with through(urls, then=Link(fault=fault)) as reached:
        snapshot = take(reached, mode, retries=1, timeout=0.4, deadline=1)
    assert time.monotonic() - started < 5
    assert not snapshot.accounts
    assert len(snapshot.failures) == len(known())
    assert {type(each.error) for each in snapshot.failures} == {ProviderUnavailableError}


@pytest.mark.parametrize("link", [Link(latency=0.15), Link(bandwidth=50_000)])
def test_a_slow_network_is_waited_for(link: Link, urls: dict[str, str]) -> None:
    with through(urls, then=link) as reached:
        snapshot = take(reached, "sync", retries=0, timeout=5)
    assert snapshot.complete
    assert snapshot.positions == truth(urls).positions


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_after_the_accounts_is_an_error_and_no_empty_list(fault: Fault, urls: dict[str, str]) -> None:
    with through(urls, Link(), then=Link(fault=fault)) as reached:
        one = [each for each in reached if each.provider == "clear_street"]
        with Folio(*one, retries=0, timeout=0.4, deadline=1) as folio:
            accounts = list(folio.accounts())
            positions = folio.positions(accounts[-1])
            with pytest.raises(ProviderUnavailableError):
                list(positions)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_every_value_is_right_and_every_gap_is_listed(seed: int, urls: dict[str, str]) -> None:
    right = truth(urls)
    choose = at_random(random.Random(seed), each=0.05)
    with proxied(("127.0.0.1", port_of(urls)), choose) as port:
        snapshot = take(connections(urls, port), "sync", retries=1, timeout=0.4, deadline=2)
    for what in ("accounts", "balances", "positions"):
        got, wanted = getattr(snapshot, what), getattr(right, what)
        assert not [each for each in got if each not in wanted]
        assert len(set(got)) == len(got)
        gaps = {(each.connection, each.account_id) for each in snapshot.failures if each.operation == what}
        lost_accounts = {each.connection for each in snapshot.failures if each.operation == "accounts"}
        for missing in (each for each in wanted if each not in got):
            account = None if what == "accounts" else missing.account_id
            assert missing.connection in lost_accounts or (missing.connection, account) in gaps
