"""An assignment to a field of a model is an error for mypy, for pyright and at run time.

Both type checkers report a comment that suppresses no error, so each comment below is a test.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from onefolio import Account, Balance, Option, OptionRight, Position, Snapshot


def test_no_field_can_be_assigned() -> None:
    account = Account(provider="p", connection="c", id="1")
    balance = Balance(provider="p", connection="c", account_id="1")
    position = Position(provider="p", connection="c", account_id="1")
    option = Option(underlying="A", expiry=date(2026, 1, 16), right=OptionRight.CALL, strike=Decimal(1))
    snapshot = Snapshot(accounts=[], balances=[], positions=[], failures=[], taken_at=datetime(2026, 1, 1, tzinfo=UTC))
    with pytest.raises(AttributeError):
        account.id = "2"  # type: ignore[misc]  # the purpose of the test
    with pytest.raises(AttributeError):
        balance.cash = Decimal(2)  # type: ignore[misc]  # the purpose of the test
    with pytest.raises(AttributeError):
        position.quantity = None  # type: ignore[misc]  # the purpose of the test
    with pytest.raises(AttributeError):
        option.strike = Decimal(2)  # type: ignore[misc]  # the purpose of the test
    with pytest.raises(AttributeError):
        snapshot.failures = []  # type: ignore[misc]  # the purpose of the test
