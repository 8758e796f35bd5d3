"""Tests of a program of yours, against the mock: `pip install "onefolio[testing]"` brings the fixtures."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given

from onefolio import Folio, Position, Snapshot
from onefolio.pytest_plugin import RunningMock
from onefolio.testing import positions


def largest_share(held: list[Position]) -> Decimal | None:
    """The program: how much of the gross market value is in one symbol; None where a value is unstated."""
    values: dict[str, Decimal] = {}
    for position in held:
        if position.market_value is None or position.symbol is None:
            return None
        values[position.symbol] = values.get(position.symbol, Decimal(0)) + abs(position.market_value)
    gross = sum(values.values(), Decimal(0))
    return max(values.values()) / gross if gross else None


def may_rebalance(snapshot: Snapshot) -> bool:
    """Never trade on half of the picture."""
    return snapshot.complete


def test_the_largest_share_of_known_positions(onefolio_folio: Folio) -> None:
    share = largest_share(onefolio_folio.snapshot("clear_street").positions)
    assert share == Decimal("15050.00") / Decimal("26750.00")  # AAPL of AAPL, TSLA and a call


@pytest.mark.onefolio_mock(accounts=20, positions=5)
def test_many_accounts_are_read_page_by_page(onefolio_folio: Folio) -> None:
    assert len(list(onefolio_folio.accounts("clear_street"))) == 20


def test_nothing_is_traded_while_a_provider_refuses(onefolio_folio: Folio, onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getPositions", status=403)
    snapshot = onefolio_folio.snapshot()
    assert not may_rebalance(snapshot)
    assert {failure.connection for failure in snapshot.failures} == {"alpaca"}
    assert snapshot.positions  # the others were read all the same


@given(positions())
def test_a_share_is_a_share_whatever_the_position(position: Position) -> None:
    share = largest_share([position])
    assert share is None or share == 1
