"""Test a program against the mock. The fixtures require `pip install "onefolio[testing]"`."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings

from onefolio import Folio, Position, Snapshot
from onefolio.pytest_plugin import RunningMock
from onefolio.testing import positions


def largest_share(held: list[Position]) -> Decimal | None:
    """Return the largest share of one symbol in the gross market value; None if a value is missing."""
    values: dict[str, Decimal] = {}
    for position in held:
        if position.market_value is None or position.symbol is None:
            return None
        values[position.symbol] = values.get(position.symbol, Decimal(0)) + abs(position.market_value)
    gross = sum(values.values(), Decimal(0))
    return max(values.values()) / gross if gross else None


def may_rebalance(snapshot: Snapshot) -> bool:
    """Return whether the snapshot is complete enough for trading."""
    return snapshot.complete


def test_the_largest_share_of_known_positions(onefolio_folio: Folio) -> None:
    share = largest_share(onefolio_folio.snapshot("clear_street").positions)
    assert share == Decimal("15050.00") / Decimal("26750.00")  # AAPL of AAPL, TSLA and a call


@pytest.mark.onefolio_mock(accounts=20, positions=5)
def test_all_pages_of_accounts_are_read(onefolio_folio: Folio) -> None:
    assert len(list(onefolio_folio.accounts("clear_street"))) == 20


def test_no_trade_while_a_provider_fails(onefolio_folio: Folio, onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getPositions", status=403)
    snapshot = onefolio_folio.snapshot()
    assert not may_rebalance(snapshot)
    assert {failure.connection for failure in snapshot.failures} == {"alpaca"}
    assert snapshot.positions  # of the other connections


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine may be busy
@given(positions())
def test_the_share_of_a_single_position_is_one(position: Position) -> None:
    share = largest_share([position])
    assert share is None or share == 1
