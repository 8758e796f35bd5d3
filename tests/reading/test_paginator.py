"""Pagination: lazy requests, page tokens, item totals and duplicate items."""

import itertools
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from onefolio import Account, ContractViolation, Folio, ProviderError, ProviderUnavailableError
from tests.scripted import Script, connect, example

ROW = example("clear_street", "/v1/accounts")["data"][0]


def page(ids: list[int], token: str | None) -> dict[str, Any]:
    return {"data": [{**ROW, "id": each} for each in ids], "metadata": {"request_id": "r", "next_page_token": token}}


def serve_pages(*pages: tuple[list[int], str | None]) -> Script:
    remaining = iter(pages)
    return Script(lambda _: httpx.Response(200, json=page(*next(remaining))))


def test_pages_are_requested_on_demand(folio_of: Callable[..., Folio]) -> None:
    script = serve_pages(([1, 2], "t1"), ([3], None))
    accounts = folio_of(script, connect("clear_street")).accounts()
    assert len(script.requests) == 0
    assert [next(accounts).id, next(accounts).id] == ["1", "2"]
    assert len(script.requests) == 1
    assert next(accounts).id == "3"
    assert len(script.requests) == 2
    assert list(accounts) == []
    assert len(script.requests) == 2


@pytest.mark.parametrize("token", ["a+b/c==", "%2B&page_size=1#", "ünïcode 空", "=" * 300])
def test_page_token_is_sent_back_unchanged(token: str, folio_of: Callable[..., Folio]) -> None:
    script = serve_pages(([1], token), ([2], None))
    assert len(list(folio_of(script, connect("clear_street")).accounts())) == 2
    assert dict(script.requests[1].url.params) == {"page_token": token}


@pytest.mark.parametrize("tokens", [["a", "a"], ["a", "b", "a"]])
def test_repeated_page_token_raises_instead_of_looping(tokens: list[str], folio_of: Callable[..., Folio]) -> None:
    script = serve_pages(*(([number], token) for number, token in enumerate(tokens)))
    accounts = folio_of(script, connect("clear_street")).accounts()
    with pytest.raises(ContractViolation) as caught:
        list(accounts)
    assert [each.pointer for each in caught.value.violations] == ["/metadata/next_page_token"]
    assert len(script.requests) == len(tokens)


def endless(rows: Callable[[int], list[int]], token: Callable[[int], str] = str, total: int | None = None) -> Script:
    """Serve pages that always name a next one; after 5000 pages, none, so that a failing test ends."""
    numbers = itertools.count(1)

    def respond(_: httpx.Request) -> httpx.Response:
        number = next(numbers)
        return httpx.Response(200, json=page_with_total(rows(number), total, token(number) if number < 5000 else None))

    return Script(respond)


@pytest.mark.parametrize(
    ("script", "pages", "rows", "pointers"),
    [
        (lambda: endless(lambda _: []), 100, 0, ["/data"]),
        (lambda: endless(lambda _: [1, 2]), 101, 2, ["/data"]),
        (lambda: endless(lambda number: [number], total=7), 8, 8, ["/metadata/total_items"]),
        (
            lambda: endless(lambda number: [number], token=lambda number: "x" * 1000 * number),
            9,
            8,
            ["/metadata/next_page_token"],
        ),
    ],
    ids=["empty pages", "the same rows on each page", "more rows than stated", "growing tokens"],
)
def test_endless_pages_end_and_keep_the_rows_before(
    script: Callable[[], Script], pages: int, rows: int, pointers: list[str], folio_of: Callable[..., Folio]
) -> None:
    served = script()
    snapshot = folio_of(served, connect("clear_street")).snapshot(capabilities=())
    assert (len(served.requests), len(snapshot.accounts)) == (pages, rows)
    error = snapshot.failures[-1].error
    assert isinstance(error, ContractViolation)
    assert [each.pointer for each in error.violations] == pointers
    with pytest.raises(ContractViolation):
        list(folio_of(script(), connect("clear_street")).accounts())


@pytest.mark.parametrize("end", [None, ""])
def test_null_or_empty_page_token_ends_the_listing(end: str | None, folio_of: Callable[..., Folio]) -> None:
    assert len(list(folio_of(serve_pages(([1], end)), connect("clear_street")).accounts())) == 1


def test_page_token_may_recur_in_another_listing(folio_of: Callable[..., Folio]) -> None:
    script = serve_pages(([1], "a"), ([2], None), ([1], "a"), ([2], None))
    folio = folio_of(script, connect("clear_street"))
    assert [len(list(folio.accounts())) for _ in range(2)] == [2, 2]


def test_unavailable_later_page_raises_and_is_a_failure_in_a_snapshot(folio_of: Callable[..., Folio]) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/v1/accounts":
            return httpx.Response(404, json={})
        return httpx.Response(503) if "page_token" in request.url.params else httpx.Response(200, json=page([1], "t"))

    folio = folio_of(Script(respond), connect("clear_street"))
    accounts = folio.accounts()
    assert next(accounts).id == "1"
    with pytest.raises(ProviderUnavailableError):
        next(accounts)
    snapshot = folio.snapshot(capabilities=())
    assert [account.id for account in snapshot.accounts] == ["1"]
    assert [(each.operation, each.account_id) for each in snapshot.failures] == [("accounts", None)]
    assert not snapshot.complete


def page_with_total(ids: list[int], total: int | None, token: str | None = None) -> dict[str, Any]:
    body = page(ids, token)
    body["metadata"]["total_items"] = total
    return body


@pytest.mark.parametrize(
    ("bodies", "total"),
    [
        ([page_with_total([1, 2], 25)], 25),
        ([page_with_total([], 1)], 1),
        ([page_with_total([1, 2], 4, "a"), page_with_total([3], 4)], 4),
        ([page_with_total([1, 2], 2, "a"), page_with_total([3], 2)], 2),
        ([page_with_total([1, 2], None, "a"), page_with_total([3], 5)], 5),
        ([page_with_total([1, 2], 4, "a"), page_with_total([3], None)], 4),
        ([page_with_total([1, 2], 4, "a"), page_with_total([3], 3)], 4),
    ],
)
def test_wrong_item_total_raises_contract_violation(
    bodies: list[Any], total: int, folio_of: Callable[..., Folio]
) -> None:
    remaining = iter(bodies)
    with pytest.raises(ContractViolation, match=f"stated number of items, {total}") as caught:
        list(folio_of(Script(lambda _: httpx.Response(200, json=next(remaining))), connect("clear_street")).accounts())
    assert [each.pointer for each in caught.value.violations] == ["/metadata/total_items"]

    remaining = iter(bodies)
    script = Script(lambda _: httpx.Response(200, json=next(remaining)))
    snapshot = folio_of(script, connect("clear_street")).snapshot(capabilities=["accounts"])
    assert len(snapshot.accounts) == sum(len(body["data"]) for body in bodies)
    (failure,) = snapshot.failures
    assert isinstance(failure.error, ContractViolation)
    assert not snapshot.complete


@pytest.mark.parametrize(
    "bodies",
    [
        [page_with_total([1, 2], 2)],
        [page_with_total([1, 2], None)],
        [page_with_total([1, 2], 3, "a"), page_with_total([3], 3)],
        [page_with_total([1, 2], 2, "a"), page_with_total([3], 3)],  # an account was opened between the two requests
        [page_with_total([1, 2], 3, "a"), page_with_total([3], None)],
    ],
)
def test_item_total_that_is_correct_at_the_end_is_accepted(bodies: list[Any], folio_of: Callable[..., Folio]) -> None:
    remaining = iter(bodies)
    script = Script(lambda _: httpx.Response(200, json=next(remaining)))
    assert len(list(folio_of(script, connect("clear_street")).accounts())) == sum(len(body["data"]) for body in bodies)


@pytest.mark.parametrize("tokens", [("a", None), ("a", "b", None)])
def test_item_on_two_pages_raises_contract_violation(
    tokens: tuple[str | None, ...], folio_of: Callable[..., Folio]
) -> None:
    pages = [([number * 2, number * 2 + 1], token) for number, token in enumerate(tokens)]
    pages[-1] = ([1, 99], None)
    accounts = folio_of(serve_pages(*pages), connect("clear_street")).accounts()
    with pytest.raises(ContractViolation) as caught:
        list(accounts)
    assert [each.pointer for each in caught.value.violations] == ["/data/0"]

    snapshot = folio_of(serve_pages(*pages), connect("clear_street")).snapshot(capabilities=["accounts"])
    ids = [account.id for account in snapshot.accounts]
    assert len(ids) == len(set(ids)) == 2 * len(tokens) - 1
    (failure,) = snapshot.failures
    assert isinstance(failure.row, dict)
    assert failure.row["id"] == 1


def test_duplicate_position_raises_but_long_and_short_of_one_instrument_do_not(
    folio_of: Callable[..., Folio],
) -> None:
    row = example("clear_street", "/v1/accounts/{account_id}/positions")["data"][0]
    account = Account(provider="clear_street", connection="clear_street", id=str(row["account_id"]))
    short = {**row, "position_type": "SHORT", "quantity": "-1"}

    def serve_rows(*rows: Any) -> Script:
        last = len(rows) - 1
        bodies = iter(
            {"data": [each], "metadata": {"request_id": "r", "next_page_token": None if n == last else str(n)}}
            for n, each in enumerate(rows)
        )
        return Script(lambda _: httpx.Response(200, json=next(bodies)))

    assert len(list(folio_of(serve_rows(row, short), connect("clear_street")).positions(account))) == 2
    with pytest.raises(ContractViolation):
        list(folio_of(serve_rows(row, short, {**row, "quantity": "7"}), connect("clear_street")).positions(account))


@pytest.mark.parametrize("status", [403, 404, 410, 500])
def test_items_before_a_failed_page_are_returned(status: int, folio_of: Callable[..., Folio]) -> None:
    def script() -> Script:
        responses = iter([httpx.Response(200, json=page([1, 2], "a")), httpx.Response(status)])
        return Script(lambda _: next(responses))

    accounts = folio_of(script(), connect("clear_street")).accounts()
    assert [next(accounts).id, next(accounts).id] == ["1", "2"]
    with pytest.raises(ProviderError) as caught:
        next(accounts)
    assert caught.value.status_code == status
    assert list(accounts) == [], "the iterator ends after an error"
    snapshot = folio_of(script(), connect("clear_street")).snapshot(capabilities=["accounts"])
    assert [account.id for account in snapshot.accounts] == ["1", "2"]
    assert [type(each.error) for each in snapshot.failures] == [type(caught.value)]
