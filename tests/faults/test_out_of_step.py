"""Responses that belong to another request: each figure belongs to its account, and each gap is listed."""

import asyncio
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest

from onefolio import AsyncFolio, ClearStreet, Folio, Snapshot

from ..runtime.servers import make_certificate
from .folios import MODES, take_snapshot
from .out_of_step import BEHAVIOURS, accounts_of, serving

KEYS = ("key-1-of-the-first-user", "key-2-of-the-second-user", "key-3-of-the-third-user")


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the TLS contexts of a server and of its clients."""
    certificate = make_certificate(tmp_path_factory.mktemp("tls"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context, ssl.create_default_context(cafile=str(certificate))


def connections(url: str) -> list[Any]:
    return [ClearStreet(api_key=key, base_url=url, name=key) for key in KEYS]


def check(snapshot: Snapshot) -> None:
    """Check that each figure belongs to its account, and that each gap is listed."""
    for account in snapshot.accounts:
        assert int(account.id) in accounts_of(account.connection)
    for balance in snapshot.balances:
        assert balance.equity == int(balance.account_id)
        assert int(balance.account_id) in accounts_of(balance.connection)
    for position in snapshot.positions:
        assert position.quantity == int(position.account_id)
        assert int(position.account_id) in accounts_of(position.connection)
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
