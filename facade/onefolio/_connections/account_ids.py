"""Identifiers of accounts in requests."""

from __future__ import annotations

from onefolio_runtime import shorten

from .._core.digits import parse_natural
from .._core.errors import ConfigurationError
from .._models.records import Account

_SHOWN_ID = 40


def account_number(account: Account) -> int:
    """Return the id of an account as a number, for providers whose requests need a number.

    Raises:
        ConfigurationError: the id is not a number.
    """
    number = parse_natural(account.id)
    if number is None:
        shown = shorten(ascii(account.id), _SHOWN_ID)
        raise ConfigurationError(f"{account.connection}: the account id {shown} is not a number. Use accounts()")
    return number
