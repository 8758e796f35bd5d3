"""The unified model: `Account`, `Balance` and `Position`, the same for every provider.

Money and quantities are `decimal.Decimal` and are never rounded. `None` means that the provider does not state the
value; missing values are never computed. The values of short positions are negative or zero, whatever sign the provider
sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from attrs import field, frozen

from onefolio_runtime import Model, describe_shape

from .._core.errors import ProviderError
from .pydantic_schema import PydanticSchema
from .record import Record


class AccountStatus(StrEnum):
    """State of an account. UNKNOWN is a status that this version does not know; see `Account.native_status`."""

    ACTIVE = "ACTIVE"
    PENDING = "PENDING"
    RESTRICTED = "RESTRICTED"
    INACTIVE = "INACTIVE"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"


class AccountKind(StrEnum):
    """Kind of an account, with or without margin. UNKNOWN is a kind that this version does not know."""

    CASH = "CASH"
    MARGIN = "MARGIN"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Unit(StrEnum):
    """Unit of the amounts of a balance."""

    MAJOR = "MAJOR"
    """The main unit of the asset, for example dollars rather than cents."""
    AS_SENT = "AS_SENT"
    """The provider does not state the unit. The amount is the number that it sent, and is excluded from totals."""


class InstrumentType(StrEnum):
    """Type of an instrument. UNKNOWN is a type that this version does not know."""

    EQUITY = "EQUITY"
    OPTION = "OPTION"
    CRYPTO = "CRYPTO"
    CASH = "CASH"
    INDEX = "INDEX"
    UNKNOWN = "UNKNOWN"


class Side(StrEnum):
    """Side of a position: LONG gains when the price rises, SHORT loses."""

    LONG = "LONG"
    SHORT = "SHORT"


class OptionRight(StrEnum):
    """Right of an option: to buy (CALL) or to sell (PUT) the underlying."""

    CALL = "CALL"
    PUT = "PUT"


class Account(Record, frozen=True, eq=False, kw_only=True):
    """An account at a provider.

    Attributes:
        provider: the provider's name, such as `"alpaca"`.
        connection: the name of the connection through which the account was read.
        id: the account's id, in the form that the provider's API expects.
        name: the name of the account or its holder.
        number: the account number or a short name, as shown to people.
        status: the state of the account; None if the provider does not state one.
        native_status: the provider's value of `status`.
        kind: the kind of account; None if the provider does not state one.
        currency: the code of the account's base currency.
        opened: the date on which the account was opened, in UTC if the provider sends a time.
        closed: the date on which the account was closed; None for an open account.
        holder_id: the provider's id of the account holder.
        restrictions: the provider's names of the restrictions that are in effect; empty if there are none.
        raw: the provider's complete object for this account, as a typed view.
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
    """One balance of an account. Balances are never merged. All amounts are in `asset` and in the unit `unit`.

    Attributes:
        provider: the provider's name.
        connection: the name of the connection through which the balance was read.
        account_id: the `id` of the account.
        asset: the code of the currency or token.
        network: the blockchain of a token.
        country: the country in which the asset is held.
        unit: MAJOR, or AS_SENT if the provider does not state the unit.
        available: the amount that can be withdrawn.
        cash: the cash by trade date; a negative amount is owed.
        settled_cash: the cash that has settled.
        equity: the cash plus the market values of long and short positions.
        buying_power: the amount that is available for new positions.
        long_market_value: the market value of the long positions.
        short_market_value: the market value of the short positions; negative or zero.
        initial_margin: the equity required to open the current positions.
        maintenance_margin: the equity required to keep the current positions.
        raw: the provider's complete object for this balance, as a typed view.
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
    """The terms of an option, from its OSI symbol.

    Attributes:
        underlying: the root symbol.
        expiry: the expiration date.
        right: CALL or PUT.
        strike: the strike price of one share, in the currency of the option.
    """

    underlying: str
    expiry: date
    right: OptionRight
    strike: Decimal


class Position(Record, frozen=True, eq=False):
    """A holding of one instrument in one account. Amounts are in `currency`.

    Attributes:
        provider: the provider's name.
        connection: the name of the connection through which the position was read.
        account_id: the `id` of the account.
        symbol: the symbol of the instrument; an OSI symbol for options.
        instrument_id: the provider's id of the instrument.
        instrument_type: the type of the instrument; UNKNOWN for a type that this version does not know.
        native_instrument_type: the provider's value of `instrument_type`.
        side: LONG or SHORT, as stated by the provider or by the sign of the quantity; None if neither states it.
        quantity: the number of shares, contracts or coins; negative for a short position.
        available_quantity: the quantity that can be sold or closed, with the sign that the provider sends.
        average_price: the average price at which one share, contract or coin was opened.
        price: the current price of one share, contract or coin.
        cost_basis: the total cost of the position; negative for a short position.
        market_value: the market value as stated by the provider; negative for a short position.
        unrealized_pnl: the profit since the position was opened; negative for a loss.
        unrealized_pnl_ratio: `unrealized_pnl` as a factor of the cost: 0.05 is five percent.
        currency: the code of the currency of all amounts.
        option: the terms of an option; None if `symbol` is not an OSI symbol.
        raw: the provider's complete object for this position, as a typed view.
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
class Failure(PydanticSchema):
    """A listing or a row that a snapshot could not read.

    Attributes:
        connection: the name of the connection.
        operation: `"accounts"`, `"balances"` or `"positions"`.
        account_id: the `id` of the account; None if the list of accounts could not be read.
        error: the error that was raised.
        row: the JSON value of a quarantined row, one that violates the contract; None if the whole listing failed.
    """

    connection: str
    operation: str
    account_id: str | None
    error: ProviderError
    row: object = field(default=None, repr=lambda row: repr(row) if row is None else f"<{describe_shape(row)}>")


TABLES: Final[Mapping[str, type[Any]]] = {
    "accounts": Account,
    "balances": Balance,
    "positions": Position,
    "failures": Failure,
}
"""The tables of a snapshot, in order, with the models of their rows."""
