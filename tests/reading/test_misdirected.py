"""Responses that name another account than the requested one."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from onefolio import Account, ContractViolation, Folio, RequestSent
from tests.scripted import Script, connect, example_of

ACCOUNT = Account(provider="clear_street", connection="clear_street", id="7")
PATHS = {
    "balances": "/v1/accounts/{account_id}/balances",
    "positions": "/v1/accounts/{account_id}/positions",
}


def body_of(capability: str, account_id: str) -> Any:
    return example_of("clear_street", PATHS[capability], account_id)


def read(folio: Folio, capability: str, account: Account = ACCOUNT) -> list[Any]:
    return list(getattr(folio, capability)(account))


@pytest.mark.parametrize("contract", ["strict", "quarantine"])
@pytest.mark.parametrize(("capability", "pointer"), [("balances", "/data"), ("positions", "/data/0")])
def test_a_row_of_another_account_refuses_the_whole_response(
    capability: str, pointer: str, contract: Any, folio_of: Callable[..., Folio]
) -> None:
    script = Script(lambda _: httpx.Response(200, json=body_of(capability, "8")))
    folio = folio_of(script, connect("clear_street"), contract=contract, retries=1)
    with pytest.raises(
        ContractViolation, match=f"{pointer}/account_id: expected the requested account, 7.*got 8"
    ) as caught:
        read(folio, capability)
    assert caught.value.is_misdirected
    assert [each.pointer for each in caught.value.violations] == [f"{pointer}/account_id"]
    assert len(script.requests) == 2


@pytest.mark.parametrize(("account_id", "is_other"), [("8.0", True), ("0.8E1", True), ("7.0", False)])
def test_an_id_with_a_point_is_the_same_integer(
    account_id: str, is_other: bool, folio_of: Callable[..., Folio]
) -> None:
    text = json.dumps(body_of("balances", "5")).replace('"account_id": 5', f'"account_id": {account_id}')
    folio = folio_of(Script(lambda _: httpx.Response(200, text=text)), connect("clear_street"))
    if is_other:
        with pytest.raises(ContractViolation, match="/data/account_id: expected the requested account, 7"):
            read(folio, "balances")
    else:
        assert len(read(folio, "balances")) == 1


@pytest.mark.parametrize("contract", ["strict", "quarantine"])
def test_one_row_is_enough(contract: Any, folio_of: Callable[..., Folio]) -> None:
    body = body_of("positions", "7")
    body["data"][2]["account_id"] = 8
    folio = folio_of(
        Script(lambda _: httpx.Response(200, json=body)), connect("clear_street"), contract=contract, retries=0
    )
    with pytest.raises(ContractViolation, match="/data/2/account_id"):
        read(folio, "positions")


def test_a_row_of_another_account_counts_although_another_row_is_invalid(folio_of: Callable[..., Folio]) -> None:
    body = body_of("positions", "7")
    body["data"][0] |= {"account_id": None}
    body["data"][1] |= {"account_id": "8"}
    body["data"][2] |= {"account_id": 8, "symbol": None}
    script = Script(lambda _: httpx.Response(200, json=body))
    folio = folio_of(script, connect("clear_street"), contract="quarantine", retries=0)
    with pytest.raises(ContractViolation) as caught:
        read(folio, "positions")
    assert [each.pointer for each in caught.value.violations] == ["/data/2/account_id"]


@pytest.mark.parametrize("capability", PATHS)
def test_the_request_is_retried_and_the_retry_is_reported(capability: str, folio_of: Callable[..., Folio]) -> None:
    bodies = iter([body_of(capability, "8")])
    script = Script(lambda _: httpx.Response(200, json=next(bodies, body_of(capability, "7"))))
    events: list[Any] = []
    folio = folio_of(script, connect("clear_street"), retries=1, on_event=events.append)
    assert {each.account_id for each in read(folio, capability)} == {"7"}
    sent = [(each.attempt, each.error) for each in events if isinstance(each, RequestSent)]
    assert sent == [(1, "ContractViolation"), (2, None)]


def test_a_later_page_of_another_account_leaves_the_listing_as_it_was(folio_of: Callable[..., Folio]) -> None:
    first, wrong, last = (body_of("positions", each) for each in ("7", "8", "7"))
    for page, token, index in ((first, "next", 0), (wrong, "other", 1), (last, None, 1)):
        page["data"] = page["data"][index : index + 1]
        page["metadata"] = {"request_id": "r", "next_page_token": token, "total_items": 2}
    bodies = iter([first, wrong, last])
    script = Script(lambda _: httpx.Response(200, json=next(bodies)))
    positions = read(folio_of(script, connect("clear_street"), retries=1), "positions")
    assert [each.symbol for each in positions] == ["AAPL", "TSLA"]
    tokens = [dict(each.url.params).get("page_token") for each in script.requests]
    assert tokens == [None, "next", "next"]


def test_a_snapshot_lists_the_failure(folio_of: Callable[..., Folio]) -> None:
    accounts = example_of("clear_street", "/v1/accounts", "7")

    def respond(request: httpx.Request) -> httpx.Response:
        parts = request.url.path.split("/")
        if len(parts) == 3:
            return httpx.Response(200, json=accounts)
        return httpx.Response(200, json=body_of(parts[4], "19816"))

    snapshot = folio_of(Script(respond), connect("clear_street"), retries=0).snapshot()
    rows: list[Any] = [*snapshot.balances, *snapshot.positions]
    assert {each.account_id for each in rows} == {"19816"}
    assert sorted((each.operation, each.account_id) for each in snapshot.failures) == [
        ("balances", "19817"), ("positions", "19817")
    ]  # fmt: skip
    assert not snapshot.complete


def test_an_id_is_compared_as_a_number(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(lambda _: httpx.Response(200, json=body_of("balances", "7"))), connect("clear_street"))
    account = Account(provider="clear_street", connection="clear_street", id="007")
    assert len(read(folio, "balances", account)) == 1
