"""The mock's data: the documented accounts unchanged, followed by generated ones."""

from __future__ import annotations

import base64
import json
import re
import tracemalloc
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from onefolio import mock
from onefolio.mock.data import Rows
from onefolio.mock.page_tokens import PageTokens
from onefolio.mock.templates import RenderContext
from onefolio.mock.variation import IntegerIdentifiers, StringIdentifiers, add_figures, decimal_slot, symbol_slot
from onefolio.providers.registry import known

from .conftest import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


def example(provider: str, path: str, name: str) -> Any:
    """Return a documented body."""
    response = known()[provider].contract.spec["paths"][path]["get"]["responses"]["200"]
    return response["content"]["application/json"]["examples"][name]["value"]


def without_request_id(body: Any) -> Any:
    """Return a body without the request id, which differs between responses."""
    if isinstance(body, dict) and "metadata" in body:
        return {**body, "metadata": {name: it for name, it in body["metadata"].items() if name != "request_id"}}
    return body


def pages(caller: Caller, operation: str, **params: Any) -> Iterator[Any]:
    """Yield the pages of a Clear Street listing."""
    token = None
    while True:
        following = params if token is None else {**params, "page_token": token}
        body = caller.call("clear_street", operation, **following).json()
        yield body
        token = body["metadata"]["next_page_token"]
        if token is None:
            return


def test_documented_accounts_are_unchanged(caller: Caller) -> None:
    documented = {
        ("alpaca", "getAccount"): ("/v2/account", "account"),
        ("alpaca", "getPositions"): ("/v2/positions", "positions"),
        ("clear_street", "getAccounts"): ("/v1/accounts", "accounts"),
        ("conduit", "getClientAccounts"): ("/clients/accounts", "accounts"),
    }
    for (provider, operation), (path, name) in documented.items():
        assert without_request_id(caller.call(provider, operation).json()) == without_request_id(
            example(provider, path, name)
        )


@pytest.mark.parametrize(
    ("account", "balances", "positions"),
    [
        (19816, "balances-margin", "positions"),
        (19817, "balances-cash", "positions-none"),
    ],
)
def test_documented_account_has_its_examples(caller: Caller, account: int, balances: str, positions: str) -> None:
    path = "/v1/accounts/{account_id}"
    expected = without_request_id(example("clear_street", f"{path}/balances", balances))
    expected = {**expected, "data": {**expected["data"], "account_id": account}}
    assert without_request_id(caller.call("clear_street", "getAccountBalances", account_id=account).json()) == expected
    expected = without_request_id(example("clear_street", f"{path}/positions", positions))
    assert without_request_id(caller.call("clear_street", "getAccountPositions", account_id=account).json()) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7, 24, 25, 26, 1000])
def test_pages_contain_each_row_once(large: Caller, size: int) -> None:
    found = list(pages(large, "getAccounts", page_size=size))
    ids = [row["id"] for page in found for row in page["data"]]
    assert ids == list(range(19816, 19816 + 25))
    assert len(found) == -(-25 // size)
    for number, page in enumerate(found, 1):
        metadata = page["metadata"]
        assert (metadata["page_number"], metadata["total_items"], metadata["total_pages"]) == (number, 25, len(found))
        if number > 1:
            back = large.call("clear_street", "getAccounts", page_token=metadata["previous_page_token"]).json()
            assert back["data"] == found[number - 2]["data"]


def test_page_size_has_no_effect_with_a_token(large: Caller) -> None:
    first = large.call("clear_street", "getAccounts", page_size=2).json()
    token = first["metadata"]["next_page_token"]
    assert len(large.call("clear_street", "getAccounts", page_size=9, page_token=token).json()["data"]) == 2


def test_positions_of_generated_accounts(large: Caller) -> None:
    rows = [row for page in pages(large, "getAccountPositions", account_id=19820, page_size=2) for row in page["data"]]
    assert len(rows) == 7
    assert {row["account_id"] for row in rows} == {19820}
    assert len({row["symbol"] for row in rows}) == len({row["instrument_id"] for row in rows}) == 7
    first = example("clear_street", "/v1/accounts/{account_id}/positions", "positions")["data"]
    for index, row in enumerate(rows):
        model = first[index % 3]
        factors = {Decimal(row[name]) / Decimal(model[name]) for name in ("quantity", "market_value", "cost_basis")}
        assert len(factors) == 1
        assert factors.pop() % 1 == 0
        assert row["avg_price"] == model["avg_price"]
        assert row["market_value"][-3:] == model["market_value"][-3:] == ".00"
    options = [row["symbol"] for row in rows if row["instrument_type"] == "OPTION"]
    assert options == ["AAPL250117C00190000", "AAPL250117C00191000"]


def test_totals_are_the_sum_of_the_rows(large: Caller) -> None:
    body = large.call("conduit", "getClientAccounts").json()
    sums: dict[Any, Decimal] = {}
    for row in body["data"]:
        for held in row["balances"]["available"]:
            key = held["asset"], held.get("network"), held.get("country")
            sums[key] = sums.get(key, Decimal()) + Decimal(held["amount"])
    totals = body["totalBalances"]["available"]
    assert {(it["asset"], it.get("network"), it.get("country")): Decimal(it["amount"]) for it in totals} == sums
    assert len({row["accountId"] for row in body["data"]}) == len(body["data"]) == 25
    assert all(re.fullmatch("acct_[a-zA-Z0-9]{27}", row["accountId"]) for row in body["data"])


def test_altered_and_foreign_tokens_are_rejected(large: Caller) -> None:
    token = large.call("clear_street", "getAccounts", page_size=2).json()["metadata"]["next_page_token"]
    same_bytes = f"{token[:-3]}{chr(ord(token[-3]) + 1)}=="
    assert base64.b64decode(same_bytes) == base64.b64decode(token)
    altered = [token[1:], token + "=", token.rstrip("="), token.swapcase(), same_bytes, "é", "A" * 32]
    for wrong in altered:
        assert large.call("clear_street", "getAccounts", page_token=wrong).status_code == 400
    foreign = large.call("clear_street", "getAccountPositions", account_id=19820, page_token=token)
    assert foreign.status_code == 400
    of_one = large.call("clear_street", "getAccountPositions", account_id=19820, page_size=2).json()
    of_another = large.call(
        "clear_street", "getAccountPositions", account_id=19821, page_token=of_one["metadata"]["next_page_token"]
    )
    assert of_another.status_code == 400


def test_tokens_contain_characters_that_clients_must_encode() -> None:
    tokens = [PageTokens(0, "list").encode("{}", [row, 10, {}]) for row in range(100)]
    assert all(token.endswith("=") for token in tokens)
    assert sum("+" in token for token in tokens) > 10
    assert sum("/" in token for token in tokens) > 10


def test_filters_select_rows_by_their_hints() -> None:
    caller = Caller(mock.app(accounts=200))
    found = list(pages(caller, "getAccounts", account_id="1982", page_size=3))
    assert [row["id"] for page in found for row in page["data"]] == list(range(19820, 19830))
    assert found[0]["metadata"]["total_items"] == 10
    named = caller.call("clear_street", "getAccounts", account_name="OLD test").json()["data"]
    assert [row["id"] for row in named] == [19817]
    assert caller.call("clear_street", "getAccounts", account_id="7").json()["data"] == []


def bodies(seed: int) -> list[bytes]:
    caller = Caller(mock.app(accounts=5, positions=5, seed=seed))
    found = [caller.call("conduit", "getClientAccounts").json()]
    for account in range(19816, 19821):
        found.append(without_request_id(caller.call("clear_street", "getAccountBalances", account_id=account).json()))
        found.append(
            without_request_id(
                caller.call("clear_street", "getAccountPositions", account_id=account, page_size=2).json()
            )
        )
    return [json.dumps(body).encode() for body in found]


def test_the_data_depends_on_the_seed() -> None:
    assert bodies(7) == bodies(7)
    assert bodies(7) != bodies(8)


def test_a_page_deep_in_a_million_accounts_costs_the_same_as_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    caller = Caller(mock.app(accounts=1_000_000))
    rendered: list[int] = []
    render = Rows.render

    def count_rows(rows: Rows, index: int, *arguments: Any) -> str:
        rendered.append(index)
        return render(rows, index, *arguments)

    monkeypatch.setattr(Rows, "render", count_rows)
    first = caller.call("clear_street", "getAccounts", page_size=100).json()["metadata"]
    assert first["total_items"] == 1_000_000
    assert rendered == list(range(100))
    rendered.clear()
    token = PageTokens(0, "getAccounts").encode("{}", [900_000, 100, {}])
    tracemalloc.start()
    try:
        rows = caller.call("clear_street", "getAccounts", page_token=token).json()["data"]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [row["id"] for row in rows] == list(range(919_816, 919_916))
    assert rendered == list(range(900_000, 900_100))
    assert peak < 4_000_000, peak
    assert caller.call("clear_street", "getAccountBalances", account_id=1_019_815).status_code == 200
    assert caller.call("clear_street", "getAccountBalances", account_id=1_019_816).status_code == 404


@pytest.mark.parametrize("accounts", [0, 1])
def test_fewer_accounts_than_documented(accounts: int) -> None:
    caller = Caller(mock.app(accounts=accounts))
    assert len(caller.call("clear_street", "getAccounts").json()["data"]) == accounts
    assert caller.call("clear_street", "getAccountBalances", account_id=19817).status_code == 404
    body = caller.call("conduit", "getClientAccounts").json()
    assert len(body["data"]) == accounts
    assert bool(body["totalBalances"]["available"]) == bool(accounts)


@pytest.mark.parametrize("first", ["acct_2ofTA5mz0T91pBmD3tMTeLE7T4X", "a-1", "5a1c7e90-2b46-4d8f-8e03-6f7a9b1c2d34"])
def test_string_identifiers_lead_back_to_their_rows(first: str) -> None:
    strings = StringIdentifiers([first], seed=3, is_uuid=first.count("-") == 4)
    slot = strings.slot(0)
    generated = [json.loads(slot(RenderContext({}, number=index, index=index))) for index in range(10)]
    assert generated[0] == first
    assert len(set(generated)) == 10
    assert [strings.index(each) for each in generated] == list(range(10))
    assert {strings.index(wrong) for wrong in ("", first + "0", "?" * len(first), first[:-1] + "é")} == {None}


def test_integer_identifiers_do_not_collide() -> None:
    integers = IntegerIdentifiers([7, 90, 8])
    slot = integers.slot(0)
    generated = [int(slot(RenderContext({}, number=index, index=index))) for index in range(3, 9)]
    assert generated == [91, 92, 93, 94, 95, 96]
    assert [integers.index(str(each)) for each in (7, 90, 8, 91, 9, 89)] == [0, 1, 2, 3, None, None]


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("0.05", "0.15"),
        ("-0.05", "-0.15"),
        ("33.40", "100.20"),
        ("-7", "-21"),
        ("0", "0"),
        ("9" * 30, "2" + "9" * 29 + "7"),
    ],
)
def test_figures_are_scaled_exactly(figure: str, expected: str) -> None:
    assert json.loads(decimal_slot(figure)(RenderContext({}, factor=3))) == expected
    assert json.loads(decimal_slot(figure)(RenderContext({}))) == figure


def test_figures_are_added_exactly() -> None:
    assert add_figures([("0.10", 3), ("", 5), ("1.005", 2)]) == "2.310"
    assert add_figures([("", 2)]) == ""


def test_symbols_are_varied() -> None:
    assert [json.loads(symbol_slot("AAPL")(RenderContext({}, number=number))) for number in (0, 1, 26, 27)] == [
        "AAPL",
        "AAPL.A",
        "AAPL.Z",
        "AAPL.AA",
    ]
    assert json.loads(symbol_slot("BRKB  250117P00002500")(RenderContext({}, number=2))) == "BRKB  250117P00004500"
