"""Fields that violate the contract: they refuse a row if the adapter reads them, and are defects otherwise."""

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from onefolio import Account, Alpaca, Balance, ContractViolation, DriftReport, Failure, Folio
from onefolio._connections.resource import Resource
from onefolio._core.json_paths import value_at
from onefolio._reading.drift_log import MAX_VALUES, OTHERS, DriftLog
from onefolio.adapter import Page
from onefolio.providers.field_usage import field_usage, resources_of_account
from onefolio.providers.registry import known
from onefolio_clients.alpaca import models as alpaca
from onefolio_clients.alpaca import operations
from onefolio_runtime import ContractError, Drift, Violation, guard_fields
from tests.reading.test_quarantine import change_field, field_paths
from tests.scripted import Script, connect, example, example_of

POSITIONS = "/v2/positions"
ACCOUNT = Account(provider="alpaca", connection="alpaca", id="1")


def serve(body: Any) -> Script:
    return Script(lambda _: httpx.Response(200, json=body, headers={"x-request-id": "r-1"}))


def positions(number: int = 3, **changes: Any) -> list[dict[str, Any]]:
    row = example("alpaca", POSITIONS)[0]
    return [
        {**copy.deepcopy(row), "asset_id": row["asset_id"][:-3] + f"{each:03}", **changes} for each in range(number)
    ]


def summary(folio: Folio) -> list[tuple[str, str, str, int]]:
    return [(each.pointer, each.kind, each.first, each.count) for each in folio.drifts]


@pytest.mark.parametrize("contract", ["strict", "quarantine"])
def test_a_broken_field_that_is_not_read_costs_no_row(contract: Any, folio_of: Callable[..., Folio]) -> None:
    body = positions(shares_lent="12")
    del body[0]["lastday_price"], body[1]["lastday_price"]
    body[1]["change_today"] = "a private text"
    reports: list[DriftReport] = []
    folio = folio_of(serve(body), connect("alpaca"), contract=contract, on_drift=reports.append)
    found = list(folio.positions(ACCOUNT))
    assert len(found) == 3
    assert summary(folio) == [
        ("/*/shares_lent", "undocumented field", "a string of 2 characters", 3),
        ("/*/lastday_price", "missing field", "nothing", 2),
        ("/*/change_today", "invalid value", folio.drifts[2].first, 1),
    ]
    assert folio.drifts[2].first.startswith("a string of 14 characters, expected ")
    assert [each.count for each in reports] == [1, 1, 1]
    row: Any = found[1].raw
    reads: list[Callable[[], Any]] = [
        lambda: row.change_today,
        lambda: row["change_today"],
        lambda: row.to_dict()["change_today"],
    ]
    for read in reads:
        with pytest.raises(ContractViolation, match=r"alpaca, .*/1/change_today: expected .*request r-1") as caught:
            read()
        assert [each.pointer for each in caught.value.violations] == ["/1/change_today"]
    with pytest.raises(ContractViolation, match="/1/lastday_price"):
        row.to_dict().get("lastday_price")
    assert row.exchange == body[1]["exchange"]
    assert json.loads(row.to_json()) == json.loads(json.dumps(row.to_dict())) == body[1], "as received"
    copied: Any = pickle.loads(pickle.dumps(copy.deepcopy(row)))
    with pytest.raises(ContractViolation, match="/1/change_today"):
        _ = copied.change_today


def test_every_defect_below_a_field_that_is_not_read_is_guarded(folio_of: Callable[..., Folio]) -> None:
    body = positions(1, usd={"market_value": "x", "cost_basis": "1.5", "unrealized_pl": True})
    folio = folio_of(serve(body), connect("alpaca"))
    (position,) = folio.positions(ACCOUNT)
    row: Any = position.raw
    assert str(row.usd.cost_basis) == "1.5"
    for name in ("market_value", "unrealized_pl"):
        with pytest.raises(ContractViolation, match=f"/0/usd/{name}"):
            getattr(row.usd, name)
    assert {each.pointer for each in folio.drifts} == {"/*/usd/market_value", "/*/usd/unrealized_pl"}


def test_a_row_that_is_too_large_for_all_its_errors_to_be_found_is_refused(folio_of: Callable[..., Folio]) -> None:
    body = positions(600)
    body[1] |= {"exchange": 5, "undocumented": [0] * 10_000, "qty": "x"}
    folio = folio_of(serve(body), connect("alpaca"))
    with pytest.raises(ContractViolation) as caught:
        list(folio.positions(ACCOUNT))
    assert "/1" in {each.pointer for each in caught.value.violations}


@pytest.mark.parametrize("size", [5_000, 200_000])
def test_a_row_that_is_too_large_hides_no_other_violation(size: int, folio_of: Callable[..., Folio]) -> None:
    body = positions(3)
    body[0]["qty"] = "x"
    body[1] |= {"undocumented": [0] * size, "exchange": 5}
    failures: list[Failure] = []
    folio = folio_of(serve(body), connect("alpaca"), contract="quarantine", on_failure=failures.append)
    assert [each.instrument_id for each in folio.positions(ACCOUNT)] == [body[2]["asset_id"]]
    assert [each.row for each in failures] == body[:2]
    page = example_of("clear_street", "/v1/accounts/{account_id}/positions", "7")
    page["data"] = [{**page["data"][0], "undocumented": [0] * size, "symbol": 5}]
    page["metadata"]["next_page_token"] = 5
    account = Account(provider="clear_street", connection="clear_street", id="7")
    with pytest.raises(ContractViolation, match="/metadata/next_page_token: expected"):
        list(folio_of(serve(page), connect("clear_street"), contract="quarantine").positions(account))


def test_a_missing_field_of_an_optional_object_is_one_defect(folio_of: Callable[..., Folio]) -> None:
    body = example_of("clear_street", "/v1/accounts/{account_id}/balances", "7")
    del body["data"]["margin_details"]["initial_margin_excess"]
    folio = folio_of(serve(body), connect("clear_street"))
    folio.balances(Account(provider="clear_street", connection="clear_street", id="7"))
    assert summary(folio) == [("/data/margin_details/initial_margin_excess", "missing field", "nothing", 1)]


def test_balances_that_the_adapter_refuses_are_a_failure_of_the_snapshot(folio_of: Callable[..., Folio]) -> None:
    """A number that an adapter refuses is no violation of a schema, so that its account is listed."""

    class Refusing(Alpaca):
        def balances_of(self, account: Account, note: Any) -> list[Balance]:
            raise ContractError([Violation("/cash", "fewer digits", "more")])

    def handle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=[] if request.url.path == POSITIONS else body)

    body = {**example("alpaca", "/v2/account"), "sma": 5}
    connection = Refusing(**Refusing.demo_credentials(), base_url="http://localhost", rate_limit=None)
    folio = folio_of(Script(handle), connection)
    snapshot = folio.snapshot()
    assert (len(snapshot.accounts), snapshot.balances) == (1, [])
    (failure,) = snapshot.failures
    assert (failure.operation, failure.account_id, failure.row) == ("balances", body["id"], body)
    assert isinstance(failure.error, ContractViolation)
    with pytest.raises(ContractViolation, match="/cash: expected fewer digits"):
        folio.balances(snapshot.accounts[0])


def test_rows_with_defects_are_refused_for_the_fields_that_are_read(folio_of: Callable[..., Folio]) -> None:
    body = positions(3)
    del body[1]["lastday_price"], body[1]["symbol"]
    body[2]["exchange"] = 5
    with pytest.raises(ContractViolation) as caught:
        list(folio_of(serve(body), connect("alpaca"), contract="strict").positions(ACCOUNT))
    assert [each.pointer for each in caught.value.violations] == ["/1/symbol", "/1/lastday_price"]


def test_an_account_is_refused_for_a_balance_that_is_read_from_it_later(folio_of: Callable[..., Folio]) -> None:
    body = {**example("alpaca", "/v2/account"), "cash": "x"}
    with pytest.raises(ContractViolation, match="/cash"):
        list(folio_of(serve(body), connect("alpaca")).accounts())


@pytest.mark.parametrize("broken", [None, {}, True])
def test_a_row_without_the_id_of_its_account_is_refused(broken: Any, folio_of: Callable[..., Folio]) -> None:
    body = example_of("clear_street", "/v1/accounts/{account_id}/positions", "7")
    body["data"][0]["account_id"] = broken
    account = Account(provider="clear_street", connection="clear_street", id="7")
    with pytest.raises(ContractViolation, match="/data/0/account_id"):
        list(folio_of(serve(body), connect("clear_street")).positions(account))


def test_an_adapter_that_iterates_over_a_row_reads_its_broken_fields(folio_of: Callable[..., Folio]) -> None:
    connection: Any = connect("alpaca")
    row = {**example("alpaca", POSITIONS)[0], "lastday_price": "x"}
    uses: list[Callable[[Any], Any]] = [lambda each: [*each.to_dict().values()], lambda each: [*each.to_dict().items()]]
    for use in uses:
        resource: Any = Resource("positions", lambda _: operations.get_positions(), alpaca.Position, use)
        connection.positions = lambda _, resource=resource: resource
        with pytest.raises(ContractViolation, match="/0/lastday_price"):
            list(folio_of(serve([row]), connection).positions(ACCOUNT))


def test_a_page_that_is_followed_by_a_broken_field_is_refused(folio_of: Callable[..., Folio]) -> None:
    def following(page: Page) -> str | None:
        return str(page.rows[-1]["lastday_price"])

    connection: Any = connect("alpaca")
    resource: Any = Resource(
        "positions", lambda _: operations.get_positions(), alpaca.Position, lambda each: each, next_page=following
    )
    connection.positions = lambda _: resource
    body = positions(2)
    body[1]["lastday_price"] = 1
    with pytest.raises(ContractViolation, match="/1/lastday_price"):
        list(folio_of(serve(body), connection).positions(ACCOUNT))


def resources() -> Iterator[Any]:
    for name in known():
        connection = connect(name)
        account = Account(provider=name, connection=name, id="7")
        yield pytest.param(connection, connection.accounts(), id=f"{name}-accounts")
        for resource in resources_of_account(connection, account):
            yield pytest.param(connection, resource, id=f"{name}-{resource.capability}")


def with_row(body: Any, resource: Resource[Any, Any], row: Any) -> Any:
    """Return a copy of a body with one row."""
    body = copy.deepcopy(body)
    rows = value_at(body, resource.rows_path)
    if isinstance(rows, list):
        rows[:] = [row]
        if resource.total:
            value_at(body, resource.total[:-1])[resource.total[-1]] = 1
        return body
    return {**body, resource.rows_path[0]: row} if resource.rows_path else row


def schema_of(connection: Any, operation: Any) -> str:
    responses = connection.contract.spec["paths"][operation.path]["get"]["responses"]
    reference: str = responses["200"]["content"]["application/json"]["schema"]["$ref"]
    return reference.rpartition("/")[2]


@pytest.mark.parametrize(("connection", "resource"), list(resources()))
@pytest.mark.parametrize("change", ["null", "absent", "unknown value"])
def test_each_field_refuses_a_row_only_if_it_is_read(
    connection: Any, resource: Resource[Any, Any], change: str, folio_of: Callable[..., Folio]
) -> None:
    """An independent record of the fields that adapters read agrees with the rows that are refused."""
    operation = resource.request(None).operation
    found = field_usage(connection.provider)[operation.method, operation.path].fields["200"]
    used = {each for each in found if not any(other[: len(each)] == each for other in found - {each})}
    original = example_of(connection.provider, operation.path, "7")
    rows = value_at(original, resource.rows_path)
    good = copy.deepcopy(rows[0] if isinstance(rows, list) else rows)
    outcomes = set()
    for path in field_paths(good):
        steps = [*resource.rows_path, *(["*"] if isinstance(rows, list) else []), *path]
        names = tuple("*" if isinstance(each, int) else each for each in steps)
        body = with_row(original, resource, change_field(good, path, change))
        verdict = connection.contract.check(schema_of(connection, operation), body)
        folio = folio_of(serve(body), connection)
        account = (
            [] if resource.capability == "accounts" else [Account(provider="p", connection=connection.name, id="7")]
        )
        try:
            list(getattr(folio, resource.capability)(*account))
            refused = False
        except ContractViolation:
            refused = True
        is_used = any(names[: len(each)] == each or each[: len(names)] == names for each in used)
        assert refused is bool(verdict.violations and is_used), names
        defects = [each for each in folio.drifts if each.kind in ("missing field", "invalid value")]
        assert bool(defects) is bool(verdict.violations and not is_used), names
        outcomes.add((bool(verdict.violations), refused))
    assert (True, True) in outcomes


def test_each_new_word_is_reported_up_to_a_bound() -> None:
    log = DriftLog()
    for number in range(MAX_VALUES + 5):
        for _ in range(2):
            log.record("c", "o", Drift(f"/{number}/status", "unknown value", f"'WORD_{number}'"))
    reports = log.reports()
    assert [each.first for each in reports] == [*(f"'WORD_{number}'" for number in range(MAX_VALUES)), OTHERS]
    assert [each.count for each in reports] == [*[2] * MAX_VALUES, 10]


class Closed:
    is_open = False

    def error(self, violation: Violation) -> Exception:
        return LookupError(violation.pointer)


@pytest.mark.parametrize(
    ("value", "pointers", "read"),
    [
        ({"a": [{"b": 1}, {"b": 2}]}, ["/a/1/b"], lambda row: row["a"][1]["b"]),
        ({"a": [1, 2]}, ["/a/0"], lambda row: row["a"]),
        ({"a": [[1], [{"b": 1}]]}, ["/a/1/0/b", "/a/0/0"], lambda row: row["a"]),
        ({"a/b": {"~": 1}}, ["/a~1b/~0"], lambda row: row["a/b"]["~"]),
        ({"a": {"b": 1}}, ["/a/b", "/a"], lambda row: row["a"]),
        ({"a": {"b": 1}}, ["/a", "/a/b"], lambda row: row["a"]),
        ({}, ["/a"], lambda row: row.get("a", 1)),
        ({}, [""], None),
        ([1], ["/0"], None),
    ],
)
def test_every_way_to_a_broken_field_is_guarded(value: Any, pointers: list[str], read: Any) -> None:
    received = copy.deepcopy(value)
    row = guard_fields(value, {each: Violation(each, "x", "y") for each in pointers}, Closed())
    assert value == received
    if read is None:
        assert row is None
        return
    assert row == received
    with pytest.raises(LookupError):
        read(row)
