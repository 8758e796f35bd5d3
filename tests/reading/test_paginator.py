"""Listings in pages: fetched as they are consumed, tokens sent back as they came, no endless loop."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from onefolio import Account, ContractViolation, Folio, ProviderError, ProviderUnavailableError
from tests.scripted import Script, connect, example

ROW = example("clear_street", "/v1/accounts")["data"][0]


def page(ids: list[int], token: str | None) -> dict[str, Any]:
    return {"data": [{**ROW, "id": each} for each in ids], "metadata": {"request_id": "r", "next_page_token": token}}


def pages(*answers: tuple[list[int], str | None]) -> Script:
    left = iter(answers)
    return Script(lambda _: httpx.Response(200, json=page(*next(left))))


def test_a_page_is_fetched_when_it_is_needed_and_not_before(folio_of: Callable[..., Folio]) -> None:
    script = pages(([1, 2], "t1"), ([3], None))
    accounts = folio_of(script, connect("clear_street")).accounts()
    assert len(script.requests) == 0
    assert [next(accounts).id, next(accounts).id] == ["1", "2"]
    assert len(script.requests) == 1
    assert next(accounts).id == "3"
    assert len(script.requests) == 2
    assert list(accounts) == []
    assert len(script.requests) == 2


@pytest.mark.parametrize("token", ["a+b/c==", "%2B&page_size=1#", "ünïcode 空", "=" * 300])
def test_a_token_goes_back_as_it_came(token: str, folio_of: Callable[..., Folio]) -> None:
    script = pages(([1], token), ([2], None))
    assert len(list(folio_of(script, connect("clear_street")).accounts())) == 2
    assert dict(script.requests[1].url.params) == {"page_token": token}


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_a_token_seen_before_is_an_error_and_no_endless_loop(tokens: list[str], folio_of: Callable[..., Folio]) -> None:
    script = pages(*(([number], token) for number, token in enumerate(tokens)))
    accounts = folio_of(script, connect("clear_street")).accounts()
    with pytest.raises(ContractViolation) as refused:
        list(accounts)
    assert [each.pointer for each in refused.value.violations] == ["/metadata/next_page_token"]
    assert len(script.requests) == len(tokens)


@pytest.mark.parametrize("end", [None, ""])
def test_no_token_is_the_end(end: str | None, folio_of: Callable[..., Folio]) -> None:
    assert len(list(folio_of(pages(([1], end)), connect("clear_street")).accounts())) == 1


def test_the_same_token_may_come_in_another_listing(folio_of: Callable[..., Folio]) -> None:
    script = pages(([1], "a"), ([2], None), ([1], "a"), ([2], None))
    folio = folio_of(script, connect("clear_street"))
    assert [len(list(folio.accounts())) for _ in range(2)] == [2, 2]


def test_a_page_that_fails_in_the_middle_is_an_error_and_a_listed_failure(folio_of: Callable[..., Folio]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/accounts":
            return httpx.Response(404, json={})
        return httpx.Response(503) if "page_token" in request.url.params else httpx.Response(200, json=page([1], "t"))

    folio = folio_of(Script(answer), connect("clear_street"))
    accounts = folio.accounts()
    assert next(accounts).id == "1"
    with pytest.raises(ProviderUnavailableError):
        next(accounts)
    snapshot = folio.snapshot(capabilities=())
    assert [account.id for account in snapshot.accounts] == ["1"]
    assert [(each.operation, each.account_id) for each in snapshot.failures] == [("accounts", None)]
    assert not snapshot.complete


def stating(ids: list[int], total: int | None, token: str | None = None) -> dict[str, Any]:
    body = page(ids, token)
    body["metadata"]["total_items"] = total
    return body


@pytest.mark.parametrize(
    ("bodies", "total"),
    [
        ([stating([1, 2], 25)], 25),
        ([stating([], 1)], 1),
        ([stating([1, 2], 4, "a"), stating([3], 4)], 4),
        ([stating([1, 2], 2, "a"), stating([3], 2)], 2),
        ([stating([1, 2], None, "a"), stating([3], 5)], 5),
    ],
)
def test_totals_that_disagree_are_said(bodies: list[Any], total: int, folio_of: Callable[..., Folio]) -> None:
    left = iter(bodies)
    with pytest.raises(ContractViolation, match=f"stated number of items, {total}") as refused:
        list(folio_of(Script(lambda _: httpx.Response(200, json=next(left))), connect("clear_street")).accounts())
    assert [each.pointer for each in refused.value.violations] == ["/metadata/total_items"]

    left = iter(bodies)
    script = Script(lambda _: httpx.Response(200, json=next(left)))
    snapshot = folio_of(script, connect("clear_street")).snapshot(capabilities=["accounts"])
    assert len(snapshot.accounts) == sum(len(body["data"]) for body in bodies)
    (failure,) = snapshot.failures
    assert isinstance(failure.error, ContractViolation)
    assert not snapshot.complete


@pytest.mark.parametrize(
    "bodies",
    [
        [stating([1, 2], 2)],
        [stating([1, 2], None)],
        [stating([1, 2], 3, "a"), stating([3], 3)],
        [stating([1, 2], 2, "a"), stating([3], 3)],  # one was opened meanwhile
        [stating([1, 2], 3, "a"), stating([3], None)],
    ],
)
def test_totals_that_agree_at_the_end_are_fine(bodies: list[Any], folio_of: Callable[..., Folio]) -> None:
    left = iter(bodies)
    script = Script(lambda _: httpx.Response(200, json=next(left)))
    assert len(list(folio_of(script, connect("clear_street")).accounts())) == sum(len(body["data"]) for body in bodies)


@pytest.mark.parametrize("tokens", [("a", None), ("a", "b", None)])
def test_an_item_on_two_pages_is_said(tokens: tuple[str | None, ...], folio_of: Callable[..., Folio]) -> None:
    answers = [([number * 2, number * 2 + 1], token) for number, token in enumerate(tokens)]
    answers[-1] = ([1, 99], None)
    accounts = folio_of(pages(*answers), connect("clear_street")).accounts()
    with pytest.raises(ContractViolation) as refused:
        list(accounts)
    assert [each.pointer for each in refused.value.violations] == ["/data/0"]

    snapshot = folio_of(pages(*answers), connect("clear_street")).snapshot(capabilities=["accounts"])
    ids = [account.id for account in snapshot.accounts]
    assert len(ids) == len(set(ids)) == 2 * len(tokens) - 1
    (failure,) = snapshot.failures
    assert isinstance(failure.row, dict)
    assert failure.row["id"] == 1


def test_a_position_on_two_pages_is_said_and_two_sides_of_one_instrument_are_not(
    folio_of: Callable[..., Folio],
) -> None:
    row = example("clear_street", "/v1/accounts/{account_id}/positions")["data"][0]
    account = Account(provider="clear_street", connection="clear_street", id=str(row["account_id"]))
    short = {**row, "position_type": "SHORT", "quantity": "-1"}

    def answers(*rows: Any) -> Script:
        last = len(rows) - 1
        bodies = iter(
            {"data": [each], "metadata": {"request_id": "r", "next_page_token": None if n == last else str(n)}}
            for n, each in enumerate(rows)
        )
        return Script(lambda _: httpx.Response(200, json=next(bodies)))

    assert len(list(folio_of(answers(row, short), connect("clear_street")).positions(account))) == 2
    with pytest.raises(ContractViolation):
        list(folio_of(answers(row, short, {**row, "quantity": "7"}), connect("clear_street")).positions(account))


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_a_page_that_fails_in_the_middle_is_said(status: int, folio_of: Callable[..., Folio]) -> None:
    def script() -> Script:
        answers = iter([httpx.Response(200, json=page([1, 2], "a")), httpx.Response(status)])
        return Script(lambda _: next(answers))

    accounts = folio_of(script(), connect("clear_street")).accounts()
    assert [next(accounts).id, next(accounts).id] == ["1", "2"]
    with pytest.raises(ProviderError) as failed:
        next(accounts)
    assert failed.value.status_code == status
    assert list(accounts) == [], "it has ended"
    snapshot = folio_of(script(), connect("clear_street")).snapshot(capabilities=["accounts"])
    assert [account.id for account in snapshot.accounts] == ["1", "2"]
    assert [type(each.error) for each in snapshot.failures] == [type(failed.value)]
