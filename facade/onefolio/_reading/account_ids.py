"""Compare the account that a row names with the requested one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def is_id(value: Any) -> bool:
    """Return True if a JSON value can identify an account."""
    # A JSON integer that is written with a point or an exponent is a Decimal.
    return isinstance(value, int | str | Decimal) and not isinstance(value, bool)


def is_same_id(value: int | str | Decimal, account_id: str) -> bool:
    """Return True if a JSON value is the id of an account."""
    if isinstance(value, str):
        return value == account_id
    return account_id.isascii() and account_id.isdigit() and value == int(account_id)
