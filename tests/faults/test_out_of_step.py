"""Responses that belong to another request: each figure belongs to its account, and each gap is listed."""

import asyncio
import ssl
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import httpx2
import pytest

from onefolio import AsyncFolio, ClearStreet, Folio, Snapshot

from ..runtime.servers import make_contexts
from .folios import MODES, TRANSPORTS, folio_on, take_snapshot
from .out_of_step import ACCOUNTS_OF_A_KEY, BEHAVIOURS, accounts_of, serving

KEYS = ("key-1-of-the-first-user", "key-2-of-the-second-user", "key-3-of-the-third-user")


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a server and of its clients."""
    return make_contexts(tmp_path_factory.mktemp("tls"))


def connections(url: str) -> list[Any]:
    return [ClearStreet(api_key=key, base_url=url, name=key) for key in KEYS]


def check_figures(snapshot: Snapshot) -> None:
    """Check that each figure belongs to its account."""
    for account in snapshot.accounts:
        assert int(account.id) in accounts_of(account.connection)
    for balance in snapshot.balances:
        assert balance.equity == int(balance.account_id)
        assert int(balance.account_id) in accounts_of(balance.connection)
    for position in snapshot.positions:
        assert position.quantity == int(position.account_id)
        assert int(position.account_id) in accounts_of(position.connection)


def check(snapshot: Snapshot) -> None:
    """Check that each figure belongs to its account, and that each gap is listed."""
    check_figures(snapshot)
    failed = {(each.connection, each.operation, each.account_id) for each in snapshot.failures}
    for key in KEYS:
        if (key, "accounts", None) in failed:
            continue
        for number in map(str, accounts_of(key)):
            for name, rows, size in (("balances", snapshot.balances, 1), ("positions", snapshot.positions, 3)):
                found = [each for each in rows if (each.connection, each.account_id) == (key, number)]
                assert len(found) == size or (key, name, number) in failed


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_every_figure_belongs_to_its_account(
    behaviour: str, tls: bool, mode: str, contexts: tuple[ssl.SSLContext, ssl.SSLContext]
) -> None:
    context, trusting = contexts if tls else (None, None)
    with serving(BEHAVIOURS[behaviour], context) as server:
        snapshot = take_snapshot(mode, *connections(server.url), retries=2, deadline=60, ssl_context=trusting)
    check(snapshot)
    assert all(len(each) <= 1 for each in server.keys), "a connection was used with two keys"


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("behaviour", ["sent twice", "sent again after 10 ms", "one late"])
def test_keys_share_no_connection_of_a_given_client(behaviour: str, library: Any) -> None:
    """In one folio, and in folios of several users."""

    async def read(url: str) -> list[Snapshot]:
        async with library.AsyncClient() as client:
            snapshots = []
            for each in (connections(url), *([one] for one in connections(url))):
                async with AsyncFolio(*each, http=client, retries=2, deadline=60) as folio:
                    snapshots.append(await folio.snapshot())
            return snapshots

    with serving(BEHAVIOURS[behaviour]) as server:
        snapshot, *_ = snapshots = asyncio.run(read(server.url))
    check(snapshot)
    for each in snapshots:
        check_figures(each)
    assert all(len(each) <= 1 for each in server.keys), "a connection was used with two keys"


def test_a_second_response_costs_no_retry() -> None:
    with serving(BEHAVIOURS["sent twice"]) as server:
        for mode in MODES:
            snapshot = take_snapshot(mode, *connections(server.url), retries=0, deadline=60)
            assert snapshot.complete, mode


def test_threads_share_a_folio() -> None:
    with (
        serving(BEHAVIOURS["sent twice"]) as server,
        Folio(*connections(server.url), deadline=60) as folio,
        ThreadPoolExecutor(8) as threads,
    ):
        accounts = [each for key in KEYS for each in folio.accounts(key)]
        for account, balances in zip(accounts, threads.map(folio.balances, accounts), strict=True):
            assert [each.equity for each in balances] == [int(account.id)]
    assert all(len(each) <= 1 for each in server.keys)


@pytest.mark.parametrize("http", TRANSPORTS)
def test_a_late_response_is_requested_again_on_a_new_connection(http: Any) -> None:
    """A connection is late from its third request on, so that the five listings of a key need three."""
    with serving(BEHAVIOURS["one late"]) as server:
        options = {"retries": 1, "deadline": 60, "max_concurrency": 1}
        with folio_on(http, *connections(server.url), kind=Folio, **options) as folio:
            snapshot = folio.snapshot(capabilities=["balances"])
    assert snapshot.complete, snapshot.failures
    check_figures(snapshot)
    assert len(snapshot.balances) == len(KEYS) * ACCOUNTS_OF_A_KEY
    assert len(server.keys) == len(KEYS) * 3
