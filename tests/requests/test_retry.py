"""Retries and their budget."""

from collections.abc import Callable

import httpx
import pytest

from onefolio import Account, Folio, ProviderUnavailableError
from onefolio._requests.retry import RetryBudget
from tests.scripted import Script, connect


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry at once."""
    for name in ("FIRST_WAIT", "LONGEST_WAIT", "JITTER"):
        monkeypatch.setattr(f"onefolio._requests.retry.{name}", 0)


@pytest.mark.usefixtures("no_waits")
def test_retries_do_not_multiply_an_outage(folio_of: Callable[..., Folio], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RetryBudget, "PER_SECOND", 0.0)
    script = Script(lambda _: httpx.Response(503))
    folio = folio_of(script, connect("clear_street"), retries=3)
    account = Account(provider="clear_street", connection="clear_street", id="1")
    for _ in range(50):
        with pytest.raises(ProviderUnavailableError):
            folio.balances(account)
    assert len(script.requests) == 70, "50 calls and the 20 retries of the budget"


def test_responses_and_seconds_refill_the_budget() -> None:
    now = 0.0
    budget = RetryBudget(clock=lambda: now)
    assert [budget.withdraw() for _ in range(21)] == [True] * 20 + [False]
    for _ in range(5):
        budget.deposit()
    assert [budget.withdraw() for _ in range(2)] == [True, False], "5 responses pay for one retry"
    now = 2.0
    assert [budget.withdraw() for _ in range(3)] == [True, True, False], "each second pays for one retry"
    now = 1000.0
    assert [budget.withdraw() for _ in range(21)] == [True] * 20 + [False], "the budget never exceeds its capacity"


@pytest.mark.usefixtures("no_waits")
def test_each_connection_has_its_own_budget(folio_of: Callable[..., Folio], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RetryBudget, "CAPACITY", 1.0)
    monkeypatch.setattr(RetryBudget, "PER_SECOND", 0.0)
    script = Script(lambda _: httpx.Response(503))
    folio = folio_of(script, connect("clear_street"), connect("alpaca"), retries=2)
    for name in folio.connections:
        with pytest.raises(ProviderUnavailableError):
            list(folio.accounts(name))
    assert len(script.requests) == 4
