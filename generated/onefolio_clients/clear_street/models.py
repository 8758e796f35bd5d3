"""Typed views of the JSON that the API sends. Generated from the spec's component schemas; do not edit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from onefolio_runtime import (
    UNSET,
    Columns,
    Contract,
    Model,
    Unset,
    to_open_enum,
)

CONTRACT = Contract(__name__.rpartition(".")[0])
"""The spec, which every response is validated against."""


class AccountStatus(StrEnum):
    """Whether the account is in use. Other values may be added."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    CLOSED = "CLOSED"


class AccountSubtype(StrEnum):
    """Whether the account trades on cash or on margin. Other values may be added."""

    CASH = "CASH"
    MARGIN = "MARGIN"
    OTHER = "OTHER"


class AccountType(StrEnum):
    """Whose account it is. Other values may be added."""

    CUSTOMER = "CUSTOMER"
    OTHER = "OTHER"


class EntityKind(StrEnum):
    """Whether a person or a company holds the account. Other values may be added."""

    NATURAL_PERSON = "NATURAL_PERSON"
    LEGAL_ENTITY = "LEGAL_ENTITY"
    OTHER = "OTHER"


class InstrumentType(StrEnum):
    """The kind of instrument. Other values may be added."""

    COMMON_STOCK = "COMMON_STOCK"
    PREFERRED_STOCK = "PREFERRED_STOCK"
    INDEX = "INDEX"
    OPTION = "OPTION"
    CASH = "CASH"
    OTHER = "OTHER"


class MarginType(StrEnum):
    """The rules that margin is calculated by. Other values may be added."""

    OTHER = "OTHER"
    NONE = "NONE"
    PORTFOLIO_MARGIN = "PORTFOLIO_MARGIN"
    RISK_BASED_HAIRCUT_BROKER_DEALER = "RISK_BASED_HAIRCUT_BROKER_DEALER"
    REG_T = "REG_T"
    RISK_BASED_HAIRCUT_MARKET_MAKER = "RISK_BASED_HAIRCUT_MARKET_MAKER"
    CIRO = "CIRO"
    FUTURES_NLV = "FUTURES_NLV"
    FUTURES_TOT_EQ = "FUTURES_TOT_EQ"


class PositionType(StrEnum):
    """The side of the position. The values for options were used until 2026-06-29. Other values may be added."""

    LONG = "LONG"
    SHORT = "SHORT"
    LONG_CALL = "LONG_CALL"
    SHORT_CALL = "SHORT_CALL"


class Account(Model):
    """A trading account."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Account"

    def __init__(
        self,
        *,
        id: int,
        account_holder_entity_id: int,
        full_name: str,
        short_name: str,
        status: AccountStatus | str,
        subtype: AccountSubtype | str,
        type_: AccountType | str,
        open_date: date,
        account_holder_entity_kind: EntityKind | str | Unset | None = UNSET,
        close_date: date | Unset | None = UNSET,
        options_level: int | Unset | None = UNSET,
        country_of_tax_residency: str | Unset | None = UNSET,
        date_of_birth: date | Unset | None = UNSET,
        mailing_address: Address | Unset | None = UNSET,
        phone_number: str | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            id=id,
            account_holder_entity_id=account_holder_entity_id,
            full_name=full_name,
            short_name=short_name,
            status=status,
            subtype=subtype,
            type=type_,
            open_date=open_date,
            account_holder_entity_kind=account_holder_entity_kind,
            close_date=close_date,
            options_level=options_level,
            country_of_tax_residency=country_of_tax_residency,
            date_of_birth=date_of_birth,
            mailing_address=mailing_address,
            phone_number=phone_number,
        )

    @property
    def id(self) -> int:
        """Identifies an account."""
        value: Any = self._data["id"]
        return int(value)

    @property
    def account_holder_entity_id(self) -> int:
        """Identifies the person or company that holds accounts."""
        value: Any = self._data["account_holder_entity_id"]
        return int(value)

    @property
    def full_name(self) -> str:
        """The legal name of the account."""
        value: str = self._data["full_name"]
        return value

    @property
    def short_name(self) -> str:
        """The short name of the account."""
        value: str = self._data["short_name"]
        return value

    @property
    def status(self) -> AccountStatus | str:
        """Whether the account is in use. Other values may be added."""
        value: Any = self._data["status"]
        return to_open_enum(AccountStatus, value)

    @property
    def subtype(self) -> AccountSubtype | str:
        """Whether the account trades on cash or on margin. Other values may be added."""
        value: Any = self._data["subtype"]
        return to_open_enum(AccountSubtype, value)

    @property
    def type_(self) -> AccountType | str:
        """Whose account it is. Other values may be added."""
        value: Any = self._data["type"]
        return to_open_enum(AccountType, value)

    @property
    def open_date(self) -> date:
        """A calendar day."""
        value: Any = self._data["open_date"]
        return date.fromisoformat(value)

    @property
    def account_holder_entity_kind(self) -> EntityKind | str | None:
        """The field `account_holder_entity_kind`."""
        value: Any = self._data.get("account_holder_entity_kind")
        return None if value is None else to_open_enum(EntityKind, value)

    @property
    def close_date(self) -> date | None:
        """A calendar day, or null."""
        value: Any = self._data.get("close_date")
        return None if value is None else date.fromisoformat(value)

    @property
    def options_level(self) -> int | None:
        """The level of options trading; 0 is none."""
        value: Any = self._data.get("options_level")
        return None if value is None else int(value)

    @property
    def country_of_tax_residency(self) -> str | None:
        """The country in which the holder pays taxes; null without data."""
        value: str | None = self._data.get("country_of_tax_residency")
        return value

    @property
    def date_of_birth(self) -> date | None:
        """A calendar day, or null."""
        value: Any = self._data.get("date_of_birth")
        return None if value is None else date.fromisoformat(value)

    @property
    def mailing_address(self) -> Address | None:
        """The mailing address of the holder; null without data."""
        value: Any = self._data.get("mailing_address")
        return None if value is None else Address.view(value)

    @property
    def phone_number(self) -> str | None:
        """The phone number of the holder's primary contact; null without data."""
        value: str | None = self._data.get("phone_number")
        return value


class AccountColumns(Columns[Account]):
    """Typed columns of many `Account` objects."""

    __slots__ = ()

    MODEL: ClassVar = Account

    @property
    def id(self) -> list[int]:
        """Values of `id`."""
        return [int(row["id"]) for row in self._rows]

    @property
    def account_holder_entity_id(self) -> list[int]:
        """Values of `account_holder_entity_id`."""
        return [int(row["account_holder_entity_id"]) for row in self._rows]

    @property
    def full_name(self) -> list[str]:
        """Values of `full_name`."""
        return [row["full_name"] for row in self._rows]

    @property
    def short_name(self) -> list[str]:
        """Values of `short_name`."""
        return [row["short_name"] for row in self._rows]

    @property
    def status(self) -> list[str]:
        """Values of `status`."""
        return [row["status"] for row in self._rows]

    @property
    def subtype(self) -> list[str]:
        """Values of `subtype`."""
        return [row["subtype"] for row in self._rows]

    @property
    def type_(self) -> list[str]:
        """Values of `type`."""
        return [row["type"] for row in self._rows]

    @property
    def open_date(self) -> list[str]:
        """Values of `open_date`."""
        return [row["open_date"] for row in self._rows]

    @property
    def account_holder_entity_kind(self) -> list[str | None]:
        """Values of `account_holder_entity_kind`."""
        return [row.get("account_holder_entity_kind") for row in self._rows]

    @property
    def close_date(self) -> list[str | None]:
        """Values of `close_date`."""
        return [row.get("close_date") for row in self._rows]

    @property
    def options_level(self) -> list[int | None]:
        """Values of `options_level`."""
        return [None if (value := row.get("options_level")) is None else int(value) for row in self._rows]

    @property
    def country_of_tax_residency(self) -> list[str | None]:
        """Values of `country_of_tax_residency`."""
        return [row.get("country_of_tax_residency") for row in self._rows]

    @property
    def date_of_birth(self) -> list[str | None]:
        """Values of `date_of_birth`."""
        return [row.get("date_of_birth") for row in self._rows]

    @property
    def phone_number(self) -> list[str | None]:
        """Values of `phone_number`."""
        return [row.get("phone_number") for row in self._rows]


class AccountPage(Model):
    """A page of accounts."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "AccountPage"

    def __init__(
        self,
        *,
        data: list[Account],
        metadata: PageMetadata,
        error: ApiError | Unset | None = UNSET,
    ) -> None:
        super().__init__(data=data, metadata=metadata, error=error)

    @property
    def data(self) -> list[Account]:
        """One entry for each account."""
        value: Any = self._data["data"]
        return [Account.view(item) for item in value]

    @property
    def metadata(self) -> PageMetadata:
        """Information about a page."""
        value: Any = self._data["metadata"]
        return PageMetadata.view(value)

    @property
    def error(self) -> ApiError | None:
        """An error inside the envelope; null for a success."""
        value: Any = self._data.get("error")
        return None if value is None else ApiError.view(value)


class Address(Model):
    """A postal address."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Address"

    def __init__(
        self,
        *,
        line1: str,
        city: str,
        postal_code: str,
        country: str,
        line2: str | Unset | None = UNSET,
        state: str | Unset | None = UNSET,
    ) -> None:
        super().__init__(line1=line1, city=city, postal_code=postal_code, country=country, line2=line2, state=state)

    @property
    def line1(self) -> str:
        """The first line, usually the street and number."""
        value: str = self._data["line1"]
        return value

    @property
    def city(self) -> str:
        """The city."""
        value: str = self._data["city"]
        return value

    @property
    def postal_code(self) -> str:
        """The postal code."""
        value: str = self._data["postal_code"]
        return value

    @property
    def country(self) -> str:
        """The country."""
        value: str = self._data["country"]
        return value

    @property
    def line2(self) -> str | None:
        """The second line; absent or null if there is only one."""
        value: str | None = self._data.get("line2")
        return value

    @property
    def state(self) -> str | None:
        """The state or province; absent or null if it does not apply."""
        value: str | None = self._data.get("state")
        return value


class ApiError(Model):
    """The reason why a request failed."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ApiError"

    def __init__(
        self,
        *,
        code: int,
        message: str,
        details: list[ErrorDetail] | Unset | None = UNSET,
    ) -> None:
        super().__init__(code=code, message=message, details=details)

    @property
    def code(self) -> int:
        """The HTTP status of the error."""
        value: Any = self._data["code"]
        return int(value)

    @property
    def message(self) -> str:
        """The reason in plain text."""
        value: str = self._data["message"]
        return value

    @property
    def details(self) -> list[ErrorDetail] | None:
        """Details of the error."""
        value: Any = self._data.get("details")
        return None if value is None else [ErrorDetail.view(item) for item in value]


class Balances(Model):
    """The money of one account."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Balances"

    def __init__(
        self,
        *,
        account_id: int,
        currency: str,
        equity: Decimal,
        long_market_value: Decimal,
        trade_cash: Decimal,
        settled_cash: Decimal,
        unsettled_credits: Decimal,
        unsettled_debits: Decimal,
        withdrawable_cash: Decimal,
        buying_power: Decimal,
        open_order_adjustment: Decimal,
        daily_realized_pnl: Decimal,
        daily_unrealized_pnl: Decimal,
        margin_type: MarginType | str,
        sod: StartOfDay,
        short_market_value: Decimal | Unset | None = UNSET,
        daily_pnl: Decimal | Unset | None = UNSET,
        daily_total_pnl: Decimal | Unset | None = UNSET,
        daily_change: Decimal | Unset | None = UNSET,
        unrealized_pnl: Decimal | Unset | None = UNSET,
        margin_details: MarginDetails | Unset | None = UNSET,
        multiplier: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            account_id=account_id,
            currency=currency,
            equity=equity,
            long_market_value=long_market_value,
            trade_cash=trade_cash,
            settled_cash=settled_cash,
            unsettled_credits=unsettled_credits,
            unsettled_debits=unsettled_debits,
            withdrawable_cash=withdrawable_cash,
            buying_power=buying_power,
            open_order_adjustment=open_order_adjustment,
            daily_realized_pnl=daily_realized_pnl,
            daily_unrealized_pnl=daily_unrealized_pnl,
            margin_type=margin_type,
            sod=sod,
            short_market_value=short_market_value,
            daily_pnl=daily_pnl,
            daily_total_pnl=daily_total_pnl,
            daily_change=daily_change,
            unrealized_pnl=unrealized_pnl,
            margin_details=margin_details,
            multiplier=multiplier,
        )

    @property
    def account_id(self) -> int:
        """Identifies an account."""
        value: Any = self._data["account_id"]
        return int(value)

    @property
    def currency(self) -> str:
        """ISO 4217 code of the currency of every amount."""
        value: str = self._data["currency"]
        return value

    @property
    def equity(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["equity"]
        return Decimal(value)

    @property
    def long_market_value(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["long_market_value"]
        return Decimal(value)

    @property
    def trade_cash(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["trade_cash"]
        return Decimal(value)

    @property
    def settled_cash(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["settled_cash"]
        return Decimal(value)

    @property
    def unsettled_credits(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["unsettled_credits"]
        return Decimal(value)

    @property
    def unsettled_debits(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["unsettled_debits"]
        return Decimal(value)

    @property
    def withdrawable_cash(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["withdrawable_cash"]
        return Decimal(value)

    @property
    def buying_power(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["buying_power"]
        return Decimal(value)

    @property
    def open_order_adjustment(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["open_order_adjustment"]
        return Decimal(value)

    @property
    def daily_realized_pnl(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["daily_realized_pnl"]
        return Decimal(value)

    @property
    def daily_unrealized_pnl(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["daily_unrealized_pnl"]
        return Decimal(value)

    @property
    def margin_type(self) -> MarginType | str:
        """The rules that margin is calculated by. Other values may be added."""
        value: Any = self._data["margin_type"]
        return to_open_enum(MarginType, value)

    @property
    def sod(self) -> StartOfDay:
        """Figures at the start of the trading day."""
        value: Any = self._data["sod"]
        return StartOfDay.view(value)

    @property
    def short_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("short_market_value")
        return None if value is None else Decimal(value)

    @property
    def daily_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daily_pnl")
        return None if value is None else Decimal(value)

    @property
    def daily_total_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daily_total_pnl")
        return None if value is None else Decimal(value)

    @property
    def daily_change(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daily_change")
        return None if value is None else Decimal(value)

    @property
    def unrealized_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("unrealized_pnl")
        return None if value is None else Decimal(value)

    @property
    def margin_details(self) -> MarginDetails | None:
        """Only for margin accounts; absent or null if it does not apply."""
        value: Any = self._data.get("margin_details")
        return None if value is None else MarginDetails.view(value)

    @property
    def multiplier(self) -> Decimal | None:
        """An exact factor of 1, or null if none applies."""
        value: Any = self._data.get("multiplier")
        return None if value is None else Decimal(value)


class BalancesResponse(Model):
    """The balances of an account."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "BalancesResponse"

    def __init__(
        self,
        *,
        data: Balances,
        metadata: ResponseMetadata,
        error: ApiError | Unset | None = UNSET,
    ) -> None:
        super().__init__(data=data, metadata=metadata, error=error)

    @property
    def data(self) -> Balances:
        """The money of one account."""
        value: Any = self._data["data"]
        return Balances.view(value)

    @property
    def metadata(self) -> ResponseMetadata:
        """Information about a response."""
        value: Any = self._data["metadata"]
        return ResponseMetadata.view(value)

    @property
    def error(self) -> ApiError | None:
        """An error inside the envelope; null for a success."""
        value: Any = self._data.get("error")
        return None if value is None else ApiError.view(value)


class ErrorDetail(Model):
    """Details of an error, in a form that depends on the error."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ErrorDetail"


class ErrorResponse(Model):
    """The envelope of a failed request."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ErrorResponse"

    def __init__(
        self,
        *,
        error: ApiError,
        metadata: ResponseMetadata,
    ) -> None:
        super().__init__(error=error, metadata=metadata)

    @property
    def error(self) -> ApiError:
        """The reason why a request failed."""
        value: Any = self._data["error"]
        return ApiError.view(value)

    @property
    def metadata(self) -> ResponseMetadata:
        """Information about a response."""
        value: Any = self._data["metadata"]
        return ResponseMetadata.view(value)


class MarginContributor(Model):
    """One underlying and its share of the required margin."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "MarginContributor"

    def __init__(
        self,
        *,
        underlying_instrument_id: UUID,
        market_value: Decimal,
        initial_margin_requirement: Decimal,
        maintenance_margin_requirement: Decimal,
        overnight_margin_requirement: Decimal | Unset | None = UNSET,
        day_trade_buying_power_usage: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            underlying_instrument_id=underlying_instrument_id,
            market_value=market_value,
            initial_margin_requirement=initial_margin_requirement,
            maintenance_margin_requirement=maintenance_margin_requirement,
            overnight_margin_requirement=overnight_margin_requirement,
            day_trade_buying_power_usage=day_trade_buying_power_usage,
        )

    @property
    def underlying_instrument_id(self) -> UUID:
        """Identifies an instrument."""
        value: Any = self._data["underlying_instrument_id"]
        return UUID(value)

    @property
    def market_value(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["market_value"]
        return Decimal(value)

    @property
    def initial_margin_requirement(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["initial_margin_requirement"]
        return Decimal(value)

    @property
    def maintenance_margin_requirement(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["maintenance_margin_requirement"]
        return Decimal(value)

    @property
    def overnight_margin_requirement(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("overnight_margin_requirement")
        return None if value is None else Decimal(value)

    @property
    def day_trade_buying_power_usage(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("day_trade_buying_power_usage")
        return None if value is None else Decimal(value)


class MarginDetails(Model):
    """Requirements and the excess of equity over them; zero or positive unless stated otherwise."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "MarginDetails"

    def __init__(
        self,
        *,
        initial_margin_requirement: Decimal,
        initial_margin_excess: Decimal,
        maintenance_margin_requirement: Decimal,
        maintenance_margin_excess: Decimal,
        overnight_margin_requirement: Decimal | Unset | None = UNSET,
        overnight_margin_excess: Decimal | Unset | None = UNSET,
        intraday_details: MarginSession | Unset | None = UNSET,
        overnight_details: MarginSession | Unset | None = UNSET,
        top_contributors: list[MarginContributor] | Unset | None = UNSET,
        usage: MarginUsage | Unset | None = UNSET,
        pattern_day_trader: bool | Unset | None = UNSET,
        day_trade_count: int | Unset | None = UNSET,
        day_trade_buying_power_usage: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            initial_margin_requirement=initial_margin_requirement,
            initial_margin_excess=initial_margin_excess,
            maintenance_margin_requirement=maintenance_margin_requirement,
            maintenance_margin_excess=maintenance_margin_excess,
            overnight_margin_requirement=overnight_margin_requirement,
            overnight_margin_excess=overnight_margin_excess,
            intraday_details=intraday_details,
            overnight_details=overnight_details,
            top_contributors=top_contributors,
            usage=usage,
            pattern_day_trader=pattern_day_trader,
            day_trade_count=day_trade_count,
            day_trade_buying_power_usage=day_trade_buying_power_usage,
        )

    @property
    def initial_margin_requirement(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["initial_margin_requirement"]
        return Decimal(value)

    @property
    def initial_margin_excess(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["initial_margin_excess"]
        return Decimal(value)

    @property
    def maintenance_margin_requirement(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["maintenance_margin_requirement"]
        return Decimal(value)

    @property
    def maintenance_margin_excess(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["maintenance_margin_excess"]
        return Decimal(value)

    @property
    def overnight_margin_requirement(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("overnight_margin_requirement")
        return None if value is None else Decimal(value)

    @property
    def overnight_margin_excess(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("overnight_margin_excess")
        return None if value is None else Decimal(value)

    @property
    def intraday_details(self) -> MarginSession | None:
        """The session by day."""
        value: Any = self._data.get("intraday_details")
        return None if value is None else MarginSession.view(value)

    @property
    def overnight_details(self) -> MarginSession | None:
        """The session overnight."""
        value: Any = self._data.get("overnight_details")
        return None if value is None else MarginSession.view(value)

    @property
    def top_contributors(self) -> list[MarginContributor] | None:
        """The underlyings with the highest requirements; only on request."""
        value: Any = self._data.get("top_contributors")
        return None if value is None else [MarginContributor.view(item) for item in value]

    @property
    def usage(self) -> MarginUsage | None:
        """The use of margin; null without data."""
        value: Any = self._data.get("usage")
        return None if value is None else MarginUsage.view(value)

    @property
    def pattern_day_trader(self) -> bool | None:
        """Marked as a pattern day trader."""
        value: bool | None = self._data.get("pattern_day_trader")
        return value

    @property
    def day_trade_count(self) -> int | None:
        """Day trades counted under the pattern day trader rule."""
        value: Any = self._data.get("day_trade_count")
        return None if value is None else int(value)

    @property
    def day_trade_buying_power_usage(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("day_trade_buying_power_usage")
        return None if value is None else Decimal(value)


class MarginSession(Model):
    """Buying power in one trading session."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "MarginSession"

    def __init__(
        self,
        *,
        buying_power: Decimal,
        multiplier: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(buying_power=buying_power, multiplier=multiplier)

    @property
    def buying_power(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["buying_power"]
        return Decimal(value)

    @property
    def multiplier(self) -> Decimal | None:
        """An exact factor of 1, or null if none applies."""
        value: Any = self._data.get("multiplier")
        return None if value is None else Decimal(value)


class MarginUsage(Model):
    """The use of margin."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "MarginUsage"

    def __init__(
        self,
        *,
        total: Decimal,
        used: Decimal,
    ) -> None:
        super().__init__(total=total, used=used)

    @property
    def total(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["total"]
        return Decimal(value)

    @property
    def used(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["used"]
        return Decimal(value)


class PageMetadata(Model):
    """Information about a page."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "PageMetadata"

    def __init__(
        self,
        *,
        request_id: str,
        next_page_token: str | Unset | None = UNSET,
        previous_page_token: str | Unset | None = UNSET,
        page_number: int | Unset | None = UNSET,
        total_items: int | Unset | None = UNSET,
        total_pages: int | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            request_id=request_id,
            next_page_token=next_page_token,
            previous_page_token=previous_page_token,
            page_number=page_number,
            total_items=total_items,
            total_pages=total_pages,
        )

    @property
    def request_id(self) -> str:
        """Identifies this request in questions to Clear Street."""
        value: str = self._data["request_id"]
        return value

    @property
    def next_page_token(self) -> str | None:
        """The `page_token` of the next page; absent or null on the last."""
        value: str | None = self._data.get("next_page_token")
        return value

    @property
    def previous_page_token(self) -> str | None:
        """The `page_token` of the page before; absent or null on the first."""
        value: str | None = self._data.get("previous_page_token")
        return value

    @property
    def page_number(self) -> int | None:
        """This page, counted from 1."""
        value: Any = self._data.get("page_number")
        return None if value is None else int(value)

    @property
    def total_items(self) -> int | None:
        """Rows on all pages."""
        value: Any = self._data.get("total_items")
        return None if value is None else int(value)

    @property
    def total_pages(self) -> int | None:
        """The number of pages."""
        value: Any = self._data.get("total_pages")
        return None if value is None else int(value)


class Position(Model):
    """The holding of one instrument in an account."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Position"

    def __init__(
        self,
        *,
        account_id: int,
        instrument_id: UUID,
        instrument_type: InstrumentType | str,
        symbol: str,
        position_type: PositionType | str,
        quantity: Decimal,
        available_quantity: Decimal,
        market_value: Decimal,
        underlying_instrument_id: UUID | Unset | None = UNSET,
        underlying_instrument_type: InstrumentType | str | Unset | None = UNSET,
        cost_basis: Decimal | Unset | None = UNSET,
        avg_price: Decimal | Unset | None = UNSET,
        instrument_price: Decimal | Unset | None = UNSET,
        closing_price: Decimal | Unset | None = UNSET,
        closing_price_date: date | Unset | None = UNSET,
        unrealized_pnl: Decimal | Unset | None = UNSET,
        unrealized_pnl_pct: Decimal | Unset | None = UNSET,
        daily_realized_pnl: Decimal | Unset | None = UNSET,
        daily_unrealized_pnl: Decimal | Unset | None = UNSET,
        daily_unrealized_pnl_pct: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            account_id=account_id,
            instrument_id=instrument_id,
            instrument_type=instrument_type,
            symbol=symbol,
            position_type=position_type,
            quantity=quantity,
            available_quantity=available_quantity,
            market_value=market_value,
            underlying_instrument_id=underlying_instrument_id,
            underlying_instrument_type=underlying_instrument_type,
            cost_basis=cost_basis,
            avg_price=avg_price,
            instrument_price=instrument_price,
            closing_price=closing_price,
            closing_price_date=closing_price_date,
            unrealized_pnl=unrealized_pnl,
            unrealized_pnl_pct=unrealized_pnl_pct,
            daily_realized_pnl=daily_realized_pnl,
            daily_unrealized_pnl=daily_unrealized_pnl,
            daily_unrealized_pnl_pct=daily_unrealized_pnl_pct,
        )

    @property
    def account_id(self) -> int:
        """Identifies an account."""
        value: Any = self._data["account_id"]
        return int(value)

    @property
    def instrument_id(self) -> UUID:
        """Identifies an instrument."""
        value: Any = self._data["instrument_id"]
        return UUID(value)

    @property
    def instrument_type(self) -> InstrumentType | str:
        """The kind of instrument. Other values may be added."""
        value: Any = self._data["instrument_type"]
        return to_open_enum(InstrumentType, value)

    @property
    def symbol(self) -> str:
        """Ticker, or OSI symbol of an option."""
        value: str = self._data["symbol"]
        return value

    @property
    def position_type(self) -> PositionType | str:
        """The side of the position. The values for options were used until 2026-06-29. Other values may be added."""
        value: Any = self._data["position_type"]
        return to_open_enum(PositionType, value)

    @property
    def quantity(self) -> Decimal:
        """An exact number of shares or contracts."""
        value: Any = self._data["quantity"]
        return Decimal(value)

    @property
    def available_quantity(self) -> Decimal:
        """An exact number of shares or contracts."""
        value: Any = self._data["available_quantity"]
        return Decimal(value)

    @property
    def market_value(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["market_value"]
        return Decimal(value)

    @property
    def underlying_instrument_id(self) -> UUID | None:
        """Identifies an instrument; null if none applies."""
        value: Any = self._data.get("underlying_instrument_id")
        return None if value is None else UUID(value)

    @property
    def underlying_instrument_type(self) -> InstrumentType | str | None:
        """The kind of the underlying; absent or null for other instruments."""
        value: Any = self._data.get("underlying_instrument_type")
        return None if value is None else to_open_enum(InstrumentType, value)

    @property
    def cost_basis(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("cost_basis")
        return None if value is None else Decimal(value)

    @property
    def avg_price(self) -> Decimal | None:
        """An exact price of one share or of one unit of a contract; null without data."""
        value: Any = self._data.get("avg_price")
        return None if value is None else Decimal(value)

    @property
    def instrument_price(self) -> Decimal | None:
        """An exact price of one share or of one unit of a contract; null without data."""
        value: Any = self._data.get("instrument_price")
        return None if value is None else Decimal(value)

    @property
    def closing_price(self) -> Decimal | None:
        """An exact price of one share or of one unit of a contract; null without data."""
        value: Any = self._data.get("closing_price")
        return None if value is None else Decimal(value)

    @property
    def closing_price_date(self) -> date | None:
        """A calendar day, or null."""
        value: Any = self._data.get("closing_price_date")
        return None if value is None else date.fromisoformat(value)

    @property
    def unrealized_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("unrealized_pnl")
        return None if value is None else Decimal(value)

    @property
    def unrealized_pnl_pct(self) -> Decimal | None:
        """An exact percentage; null without data."""
        value: Any = self._data.get("unrealized_pnl_pct")
        return None if value is None else Decimal(value)

    @property
    def daily_realized_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daily_realized_pnl")
        return None if value is None else Decimal(value)

    @property
    def daily_unrealized_pnl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daily_unrealized_pnl")
        return None if value is None else Decimal(value)

    @property
    def daily_unrealized_pnl_pct(self) -> Decimal | None:
        """An exact percentage; null without data."""
        value: Any = self._data.get("daily_unrealized_pnl_pct")
        return None if value is None else Decimal(value)


class PositionColumns(Columns[Position]):
    """Typed columns of many `Position` objects."""

    __slots__ = ()

    MODEL: ClassVar = Position

    @property
    def account_id(self) -> list[int]:
        """Values of `account_id`."""
        return [int(row["account_id"]) for row in self._rows]

    @property
    def instrument_id(self) -> list[str]:
        """Values of `instrument_id`."""
        return [row["instrument_id"] for row in self._rows]

    @property
    def instrument_type(self) -> list[str]:
        """Values of `instrument_type`."""
        return [row["instrument_type"] for row in self._rows]

    @property
    def symbol(self) -> list[str]:
        """Values of `symbol`."""
        return [row["symbol"] for row in self._rows]

    @property
    def position_type(self) -> list[str]:
        """Values of `position_type`."""
        return [row["position_type"] for row in self._rows]

    @property
    def quantity(self) -> list[Decimal]:
        """Values of `quantity`."""
        return [Decimal(row["quantity"]) for row in self._rows]

    @property
    def available_quantity(self) -> list[Decimal]:
        """Values of `available_quantity`."""
        return [Decimal(row["available_quantity"]) for row in self._rows]

    @property
    def market_value(self) -> list[Decimal]:
        """Values of `market_value`."""
        return [Decimal(row["market_value"]) for row in self._rows]

    @property
    def underlying_instrument_id(self) -> list[str | None]:
        """Values of `underlying_instrument_id`."""
        return [row.get("underlying_instrument_id") for row in self._rows]

    @property
    def underlying_instrument_type(self) -> list[str | None]:
        """Values of `underlying_instrument_type`."""
        return [row.get("underlying_instrument_type") for row in self._rows]

    @property
    def cost_basis(self) -> list[Decimal | None]:
        """Values of `cost_basis`."""
        return [None if (value := row.get("cost_basis")) is None else Decimal(value) for row in self._rows]

    @property
    def avg_price(self) -> list[Decimal | None]:
        """Values of `avg_price`."""
        return [None if (value := row.get("avg_price")) is None else Decimal(value) for row in self._rows]

    @property
    def instrument_price(self) -> list[Decimal | None]:
        """Values of `instrument_price`."""
        return [None if (value := row.get("instrument_price")) is None else Decimal(value) for row in self._rows]

    @property
    def closing_price(self) -> list[Decimal | None]:
        """Values of `closing_price`."""
        return [None if (value := row.get("closing_price")) is None else Decimal(value) for row in self._rows]

    @property
    def closing_price_date(self) -> list[str | None]:
        """Values of `closing_price_date`."""
        return [row.get("closing_price_date") for row in self._rows]

    @property
    def unrealized_pnl(self) -> list[Decimal | None]:
        """Values of `unrealized_pnl`."""
        return [None if (value := row.get("unrealized_pnl")) is None else Decimal(value) for row in self._rows]

    @property
    def unrealized_pnl_pct(self) -> list[Decimal | None]:
        """Values of `unrealized_pnl_pct`."""
        return [None if (value := row.get("unrealized_pnl_pct")) is None else Decimal(value) for row in self._rows]

    @property
    def daily_realized_pnl(self) -> list[Decimal | None]:
        """Values of `daily_realized_pnl`."""
        return [None if (value := row.get("daily_realized_pnl")) is None else Decimal(value) for row in self._rows]

    @property
    def daily_unrealized_pnl(self) -> list[Decimal | None]:
        """Values of `daily_unrealized_pnl`."""
        return [None if (value := row.get("daily_unrealized_pnl")) is None else Decimal(value) for row in self._rows]

    @property
    def daily_unrealized_pnl_pct(self) -> list[Decimal | None]:
        """Values of `daily_unrealized_pnl_pct`."""
        return [
            None if (value := row.get("daily_unrealized_pnl_pct")) is None else Decimal(value) for row in self._rows
        ]


class PositionPage(Model):
    """A page of positions."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "PositionPage"

    def __init__(
        self,
        *,
        data: list[Position],
        metadata: PageMetadata,
        error: ApiError | Unset | None = UNSET,
    ) -> None:
        super().__init__(data=data, metadata=metadata, error=error)

    @property
    def data(self) -> list[Position]:
        """One entry for each position."""
        value: Any = self._data["data"]
        return [Position.view(item) for item in value]

    @property
    def metadata(self) -> PageMetadata:
        """Information about a page."""
        value: Any = self._data["metadata"]
        return PageMetadata.view(value)

    @property
    def error(self) -> ApiError | None:
        """An error inside the envelope; null for a success."""
        value: Any = self._data.get("error")
        return None if value is None else ApiError.view(value)


class ResponseMetadata(Model):
    """Information about a response."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ResponseMetadata"

    def __init__(
        self,
        *,
        request_id: str,
    ) -> None:
        super().__init__(request_id=request_id)

    @property
    def request_id(self) -> str:
        """Identifies this request in questions to Clear Street."""
        value: str = self._data["request_id"]
        return value


class StartOfDay(Model):
    """Figures at the start of the trading day."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "StartOfDay"

    def __init__(
        self,
        *,
        buying_power: Decimal,
        equity: Decimal,
        long_market_value: Decimal,
        asof: date | Unset | None = UNSET,
        short_market_value: Decimal | Unset | None = UNSET,
        trade_cash: Decimal | Unset | None = UNSET,
        maintenance_margin_excess: Decimal | Unset | None = UNSET,
        maintenance_margin_requirement: Decimal | Unset | None = UNSET,
        day_trade_buying_power: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            buying_power=buying_power,
            equity=equity,
            long_market_value=long_market_value,
            asof=asof,
            short_market_value=short_market_value,
            trade_cash=trade_cash,
            maintenance_margin_excess=maintenance_margin_excess,
            maintenance_margin_requirement=maintenance_margin_requirement,
            day_trade_buying_power=day_trade_buying_power,
        )

    @property
    def buying_power(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["buying_power"]
        return Decimal(value)

    @property
    def equity(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["equity"]
        return Decimal(value)

    @property
    def long_market_value(self) -> Decimal:
        """An exact amount in the account's currency."""
        value: Any = self._data["long_market_value"]
        return Decimal(value)

    @property
    def asof(self) -> date | None:
        """A calendar day, or null."""
        value: Any = self._data.get("asof")
        return None if value is None else date.fromisoformat(value)

    @property
    def short_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("short_market_value")
        return None if value is None else Decimal(value)

    @property
    def trade_cash(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("trade_cash")
        return None if value is None else Decimal(value)

    @property
    def maintenance_margin_excess(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("maintenance_margin_excess")
        return None if value is None else Decimal(value)

    @property
    def maintenance_margin_requirement(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("maintenance_margin_requirement")
        return None if value is None else Decimal(value)

    @property
    def day_trade_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("day_trade_buying_power")
        return None if value is None else Decimal(value)
