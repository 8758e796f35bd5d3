"""The unified model: what an account, a balance and a position are, whoever the provider is.

Money and quantities are `decimal.Decimal`, exactly as sent. `None` means that the provider did not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from attrs import frozen

from onefolio_runtime import Model

from .._core.errors import ProviderError
from .record import Record


class AccountStatus(StrEnum):
    """The state of an account; UNKNOWN is a word that this version does not know."""

    ACTIVE = "ACTIVE"
    PENDING = "PENDING"
    RESTRICTED = "RESTRICTED"
    INACTIVE = "INACTIVE"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


class AccountKind(StrEnum):
    """How an account may be traded."""

    CASH = "CASH"
    MARGIN = "MARGIN"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Unit(StrEnum):
    """What an amount counts."""

    MAJOR = "MAJOR"
    """The asset's major unit: dollars, not cents."""
    AS_SENT = "AS_SENT"
    """The provider does not state the unit; the amount is the number it sent, and adds to nothing."""


class InstrumentType(StrEnum):
    """What is held."""

    EQUITY = "EQUITY"
    OPTION = "OPTION"
    CRYPTO = "CRYPTO"
    CASH = "CASH"
    INDEX = "INDEX"
    UNKNOWN = "UNKNOWN"


class Side(StrEnum):
    """Whether a position gains (LONG) or loses (SHORT) when its price rises."""

    LONG = "LONG"
    SHORT = "SHORT"


class OptionRight(StrEnum):
    """What an option entitles to: to buy (CALL) or to sell (PUT)."""

    CALL = "CALL"
    PUT = "PUT"


class Account(Record, frozen=True, eq=False, kw_only=True):
    """An account at a provider.

    Attributes:
        provider: the provider's name, such as `"alpaca"`.
        connection: the name of the connection it was read through.
        id: as the provider's API wants it.
        name: the holder's or account's name.
        number: the account number, or a short name.
        status: None where the provider has none.
        native_status: the provider's own word for it.
        kind: None where the provider has none.
        currency: code of the currency that the account is kept in.
        opened: date in UTC.
        closed: date; None also for an account that is open.
        holder_id: who holds it, as the provider identifies them.
        restrictions: the provider's own names of the blocks that are set.
        raw: the provider's whole answer for this account, as its typed model.
    """

    provider: str
    connection: str
    id: str
    name: str | None = None
    number: str | None = None
    status: AccountStatus | None = None
    native_status: str | None = None
    kind: AccountKind | None = None
    currency: str | None = None
    opened: date | None = None
    closed: date | None = None
    holder_id: str | None = None
    restrictions: frozenset[str] = frozenset()
    raw: Model | None = None


class Balance(Record, frozen=True, eq=False, kw_only=True):
    """One balance as a provider sends it, never merged with another. Amounts are in `asset`, counted in `unit`.

    Attributes:
        provider: the provider's name.
        connection: the name of the connection it was read through.
        account_id: the account's `id`.
        asset: currency or token code.
        network: the chain that a token is on.
        country: where it is held.
        unit: MAJOR, or AS_SENT where the provider does not state the unit.
        available: what can be withdrawn.
        cash: cash by trade date; negative is owed.
        settled_cash: cash that has settled.
        equity: cash plus long minus short market value.
        buying_power: what new positions may cost.
        long_market_value: value of the long positions.
        short_market_value: value of the short positions, never positive.
        initial_margin: equity required to open the positions held.
        maintenance_margin: equity required to keep them.
        raw: the provider's whole answer for this balance, as its typed model.
    """

    provider: str
    connection: str
    account_id: str
    asset: str | None = None
    network: str | None = None
    country: str | None = None
    unit: Unit = Unit.MAJOR
    available: Decimal | None = None
    cash: Decimal | None = None
    settled_cash: Decimal | None = None
    equity: Decimal | None = None
    buying_power: Decimal | None = None
    long_market_value: Decimal | None = None
    short_market_value: Decimal | None = None
    initial_margin: Decimal | None = None
    maintenance_margin: Decimal | None = None
    raw: Model | None = None


class Option(Record, frozen=True, eq=False, kw_only=True):
    """What an OSI option symbol says.

    Attributes:
        underlying: the root symbol.
        expiry: the last day.
        right: CALL or PUT.
        strike: price a share, in the option's currency.
    """

    underlying: str
    expiry: date
    right: OptionRight
    strike: Decimal


class Position(Record, frozen=True, eq=False):
    """A holding in one account. Money is in `currency`; short quantities and values are negative.

    Attributes:
        provider: the provider's name.
        connection: the name of the connection it was read through.
        account_id: the account's `id`.
        symbol: the instrument's symbol, OSI for options.
        instrument_id: the provider's id of the instrument.
        instrument_type: UNKNOWN where the provider's word is a new one.
        native_instrument_type: the provider's own word for it.
        side: None where neither a word nor the quantity's sign tells.
        quantity: shares, contracts or coins; negative when short.
        available_quantity: what can be sold or closed, as sent.
        average_price: paid for one share, contract or coin.
        price: the current price of one.
        cost_basis: paid in total; negative when short.
        market_value: as the provider values it; negative when short.
        unrealized_pnl: gain (positive) or loss since opening.
        unrealized_pnl_ratio: the same as a factor of the cost: 0.05 is five percent.
        currency: code of the currency that the money is in.
        option: what an OSI symbol says; None for any other symbol.
        raw: the provider's whole answer for this position, as its typed model.
    """

    provider: str
    connection: str
    account_id: str
    symbol: str | None = None
    instrument_id: str | None = None
    instrument_type: InstrumentType = InstrumentType.UNKNOWN
    native_instrument_type: str | None = None
    side: Side | None = None
    quantity: Decimal | None = None
    available_quantity: Decimal | None = None
    average_price: Decimal | None = None
    price: Decimal | None = None
    cost_basis: Decimal | None = None
    market_value: Decimal | None = None
    unrealized_pnl: Decimal | None = None
    unrealized_pnl_ratio: Decimal | None = None
    currency: str | None = None
    option: Option | None = None
    raw: Model | None = None


@frozen(kw_only=True, eq=False)
class Failure:
    """Something that a snapshot could not read.

    Attributes:
        connection: the connection's name.
        operation: `"accounts"`, `"balances"` or `"positions"`.
        account_id: the account concerned; None where it is the list of accounts.
        error: why.
        row: the row as it came, where a single one broke the contract and the rest was kept.
    """

    connection: str
    operation: str
    account_id: str | None
    error: ProviderError
    row: object = None


TABLES: Final[Mapping[str, type[Any]]] = {
    "accounts": Account,
    "balances": Balance,
    "positions": Position,
    "failures": Failure,
}
"""The tables of a snapshot, and the model of their rows."""
