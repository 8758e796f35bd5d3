"""Faults of the network, through a proxy: correct figures or a clear error, and nothing in between."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from onefolio import Folio, ProviderUnavailableError, Snapshot, mock
from onefolio.providers.registry import known

from .folios import MODES, TRANSPORTS, folio_on, take_snapshot
from .proxy import FAULTS, Fault, Link, at_random, proxied

ENOUGH = 20.0
"""Seconds for a response on a busy machine."""


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
    """Yield connections through a proxy that uses one link for each of the first requests, then another."""
    left = iter(links)
    with proxied(("127.0.0.1", port_of(urls)), lambda: next(left, then)) as port:
        yield connections(urls, port)


@pytest.fixture(scope="module")
def truth(urls: dict[str, str]) -> Snapshot:
    """The snapshot without a proxy."""
    return take_snapshot("sync", *connections(urls, port_of(urls)))


def timeout_for(fault: Fault) -> float:
    """Return a timeout that only a fault that sends nothing exceeds."""
    return 2.0 if fault in ("black hole", "late black hole") else ENOUGH


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", [each for each in FAULTS if each != "drip"])  # a drip lasts until the deadline
def test_a_temporary_fault_has_no_effect(fault: Fault, mode: str, urls: dict[str, str], truth: Snapshot) -> None:
    with through(urls, *[Link(fault=fault)] * 2) as reached:
        snapshot = take_snapshot(mode, *reached, retries=3, timeout=timeout_for(fault), deadline=60)
    assert snapshot.complete, snapshot.failures
    assert (snapshot.accounts, snapshot.balances, snapshot.positions) == (
        truth.accounts, truth.balances, truth.positions
    )  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_permanent_fault_is_a_failure_in_time(fault: Fault, mode: str, urls: dict[str, str]) -> None:
    """A black hole has no end, and a response that drips takes minutes."""
    started = time.monotonic()
    with through(urls, then=Link(fault=fault)) as reached:
        snapshot = take_snapshot(mode, *reached, retries=1, timeout=0.4, deadline=1)
    assert time.monotonic() - started < ENOUGH
    assert not snapshot.accounts
    assert len(snapshot.failures) == len(known())
    assert {type(each.error) for each in snapshot.failures} == {ProviderUnavailableError}


@pytest.mark.parametrize("link", [Link(latency=0.15), Link(bandwidth=50_000)])
@pytest.mark.parametrize("mode", ["sync", "httpx", "httpx2"])
def test_a_slow_network_is_waited_for(mode: str, link: Link, urls: dict[str, str], truth: Snapshot) -> None:
    with through(urls, then=link) as reached:
        snapshot = take_snapshot(mode, *reached, retries=0, timeout=ENOUGH)
    assert snapshot.complete
    assert snapshot.positions == truth.positions


@pytest.mark.parametrize("http", TRANSPORTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_failure_after_the_accounts_is_an_error_and_not_an_empty_list(
    fault: Fault, http: Any, urls: dict[str, str]
) -> None:
    # The accounts have time; only the positions are cut off by the deadline.
    with through(urls, Link(), then=Link(fault=fault)) as reached:
        (one,) = [each for each in reached if each.provider == "clear_street"]
        with folio_on(http, one, kind=Folio, retries=0, timeout=2, deadline=3) as folio:
            accounts = list(folio.accounts())
            positions = folio.positions(accounts[-1])
            with pytest.raises(ProviderUnavailableError):
                list(positions)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("mode", ["sync", "httpx", "httpx2"])
def test_under_random_faults_every_value_is_correct_and_every_gap_is_listed(
    mode: str, seed: int, urls: dict[str, str], truth: Snapshot
) -> None:
    choose = at_random(random.Random(seed), each=0.05)
    with proxied(("127.0.0.1", port_of(urls)), choose) as port:
        snapshot = take_snapshot(mode, *connections(urls, port), retries=1, timeout=0.4, deadline=2)
    for what in ("accounts", "balances", "positions"):
        got, wanted = getattr(snapshot, what), getattr(truth, what)
        assert not [each for each in got if each not in wanted]
        assert len(set(got)) == len(got)
        gaps = {(each.connection, each.account_id) for each in snapshot.failures if each.operation == what}
        lost_accounts = {each.connection for each in snapshot.failures if each.operation == "accounts"}
        for missing in (each for each in wanted if each not in got):
            account = None if what == "accounts" else missing.account_id
            assert missing.connection in lost_accounts or (missing.connection, account) in gaps
