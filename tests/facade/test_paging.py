"""Listings in pages: fetched as they are consumed, tokens sent back as they came, no endless loop."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from onefolio import ContractViolation, Folio, ProviderUnavailableError

from .conftest import Script, connect, example

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
    snapshot = folio.snapshot(what=())
    assert [account.id for account in snapshot.accounts] == ["1"]
    assert [(each.operation, each.account_id) for each in snapshot.failures] == [("accounts", None)]
    assert not snapshot.complete
