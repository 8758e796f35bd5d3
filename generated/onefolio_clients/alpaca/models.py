"""Typed views of the JSON that the API sends. Generated from the spec's component schemas; do not edit."""

from __future__ import annotations

from datetime import date, datetime
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
    to_datetime,
    to_open_enum,
)

CONTRACT = Contract(__name__.rpartition(".")[0])
"""The spec, which every response is validated against."""


class AccountStatus(StrEnum):
    """The stage of the account's life. Other values may be added."""

    ONBOARDING = "ONBOARDING"
    SUBMISSION_FAILED = "SUBMISSION_FAILED"
    SUBMITTED = "SUBMITTED"
    ACCOUNT_UPDATED = "ACCOUNT_UPDATED"
    APPROVAL_PENDING = "APPROVAL_PENDING"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    APPROVED = "APPROVED"
    ACTION_REQUIRED = "ACTION_REQUIRED"
    LIMITED = "LIMITED"
    PAPER_ONLY = "PAPER_ONLY"
    INACTIVE = "INACTIVE"
    ACCOUNT_CLOSED_PENDING = "ACCOUNT_CLOSED_PENDING"
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED"


class AssetClass(StrEnum):
    """The kind of asset; `ipo` is an indication of interest in shares before their listing. Other values may be
    added.
    """

    US_EQUITY = "us_equity"
    US_OPTION = "us_option"
    CRYPTO = "crypto"
    CRYPTO_PERP = "crypto_perp"
    IPO = "ipo"
    GLOBAL_EQUITY = "global_equity"
    US_INDEX = "us_index"
    US_EQUITY_CHAIN = "us_equity_chain"
    TREASURY = "treasury"
    CORPORATE = "corporate"


class PositionSide(StrEnum):
    """The side of the position. Other values may be added."""

    LONG = "long"
    SHORT = "short"


class Account(Model):
    """A trading account. Only its id and status are present at every stage of its life."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Account"

    def __init__(
        self,
        *,
        id: UUID,
        status: AccountStatus | str,
        account_number: str | Unset | None = UNSET,
        crypto_status: AccountStatus | str | Unset | None = UNSET,
        crypto_tier: int | Unset | None = UNSET,
        currency: str | Unset | None = UNSET,
        admin_configurations: FreeObject | Unset | None = UNSET,
        user_configurations: FreeObject | Unset | None = UNSET,
        created_at: datetime | Unset | None = UNSET,
        account_blocked: bool | Unset | None = UNSET,
        trading_blocked: bool | Unset | None = UNSET,
        transfers_blocked: bool | Unset | None = UNSET,
        trade_suspended_by_user: bool | Unset | None = UNSET,
        shorting_enabled: bool | Unset | None = UNSET,
        pattern_day_trader: bool | Unset | None = UNSET,
        daytrade_count: int | Unset | None = UNSET,
        daytrading_buying_power: Decimal | Unset | None = UNSET,
        multiplier: Decimal | Unset | None = UNSET,
        cash: Decimal | Unset | None = UNSET,
        cash_withdrawable: Decimal | Unset | None = UNSET,
        cash_transferable: Decimal | Unset | None = UNSET,
        memoposts: Decimal | Unset | None = UNSET,
        clearing_broker: str | Unset | None = UNSET,
        equity: Decimal | Unset | None = UNSET,
        last_equity: Decimal | Unset | None = UNSET,
        portfolio_value: Decimal | Unset | None = UNSET,
        long_market_value: Decimal | Unset | None = UNSET,
        short_market_value: Decimal | Unset | None = UNSET,
        position_market_value: Decimal | Unset | None = UNSET,
        buying_power: Decimal | Unset | None = UNSET,
        effective_buying_power: Decimal | Unset | None = UNSET,
        regt_buying_power: Decimal | Unset | None = UNSET,
        options_buying_power: Decimal | Unset | None = UNSET,
        non_marginable_buying_power: Decimal | Unset | None = UNSET,
        bod_dtbp: Decimal | Unset | None = UNSET,
        initial_margin: Decimal | Unset | None = UNSET,
        maintenance_margin: Decimal | Unset | None = UNSET,
        last_maintenance_margin: Decimal | Unset | None = UNSET,
        last_cash: Decimal | Unset | None = UNSET,
        last_long_market_value: Decimal | Unset | None = UNSET,
        last_short_market_value: Decimal | Unset | None = UNSET,
        last_initial_margin: Decimal | Unset | None = UNSET,
        last_buying_power: Decimal | Unset | None = UNSET,
        last_regt_buying_power: Decimal | Unset | None = UNSET,
        last_options_buying_power: Decimal | Unset | None = UNSET,
        last_daytrading_buying_power: Decimal | Unset | None = UNSET,
        last_daytrade_count: int | Unset | None = UNSET,
        previous_close: datetime | Unset | None = UNSET,
        sma: Decimal | Unset | None = UNSET,
        accrued_fees: Decimal | Unset | None = UNSET,
        pending_reg_taf_fees: Decimal | Unset | None = UNSET,
        pending_transfer_in: Decimal | Unset | None = UNSET,
        pending_transfer_out: Decimal | Unset | None = UNSET,
        intraday_adjustments: Decimal | Unset | None = UNSET,
        balance_asof: date | Unset | None = UNSET,
        options_approved_level: int | Unset | None = UNSET,
        options_trading_level: int | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            id=id,
            status=status,
            account_number=account_number,
            crypto_status=crypto_status,
            crypto_tier=crypto_tier,
            currency=currency,
            admin_configurations=admin_configurations,
            user_configurations=user_configurations,
            created_at=created_at,
            account_blocked=account_blocked,
            trading_blocked=trading_blocked,
            transfers_blocked=transfers_blocked,
            trade_suspended_by_user=trade_suspended_by_user,
            shorting_enabled=shorting_enabled,
            pattern_day_trader=pattern_day_trader,
            daytrade_count=daytrade_count,
            daytrading_buying_power=daytrading_buying_power,
            multiplier=multiplier,
            cash=cash,
            cash_withdrawable=cash_withdrawable,
            cash_transferable=cash_transferable,
            memoposts=memoposts,
            clearing_broker=clearing_broker,
            equity=equity,
            last_equity=last_equity,
            portfolio_value=portfolio_value,
            long_market_value=long_market_value,
            short_market_value=short_market_value,
            position_market_value=position_market_value,
            buying_power=buying_power,
            effective_buying_power=effective_buying_power,
            regt_buying_power=regt_buying_power,
            options_buying_power=options_buying_power,
            non_marginable_buying_power=non_marginable_buying_power,
            bod_dtbp=bod_dtbp,
            initial_margin=initial_margin,
            maintenance_margin=maintenance_margin,
            last_maintenance_margin=last_maintenance_margin,
            last_cash=last_cash,
            last_long_market_value=last_long_market_value,
            last_short_market_value=last_short_market_value,
            last_initial_margin=last_initial_margin,
            last_buying_power=last_buying_power,
            last_regt_buying_power=last_regt_buying_power,
            last_options_buying_power=last_options_buying_power,
            last_daytrading_buying_power=last_daytrading_buying_power,
            last_daytrade_count=last_daytrade_count,
            previous_close=previous_close,
            sma=sma,
            accrued_fees=accrued_fees,
            pending_reg_taf_fees=pending_reg_taf_fees,
            pending_transfer_in=pending_transfer_in,
            pending_transfer_out=pending_transfer_out,
            intraday_adjustments=intraday_adjustments,
            balance_asof=balance_asof,
            options_approved_level=options_approved_level,
            options_trading_level=options_trading_level,
        )

    @property
    def id(self) -> UUID:
        """An identifier assigned by Alpaca."""
        value: Any = self._data["id"]
        return UUID(value)

    @property
    def status(self) -> AccountStatus | str:
        """The stage of the account's life. Other values may be added."""
        value: Any = self._data["status"]
        return to_open_enum(AccountStatus, value)

    @property
    def account_number(self) -> str | None:
        """The account number; null until the account is opened."""
        value: str | None = self._data.get("account_number")
        return value

    @property
    def crypto_status(self) -> AccountStatus | str | None:
        """An account status, or null if none applies."""
        value: Any = self._data.get("crypto_status")
        return None if value is None else to_open_enum(AccountStatus, value)

    @property
    def crypto_tier(self) -> int | None:
        """The tier of the account in crypto trading."""
        value: Any = self._data.get("crypto_tier")
        return None if value is None else int(value)

    @property
    def currency(self) -> str | None:
        """ISO 4217 code of the currency of the account's amounts."""
        value: str | None = self._data.get("currency")
        return value

    @property
    def admin_configurations(self) -> FreeObject | None:
        """Settings whose fields Alpaca does not document, or null."""
        value: Any = self._data.get("admin_configurations")
        return None if value is None else FreeObject.view(value)

    @property
    def user_configurations(self) -> FreeObject | None:
        """Settings whose fields Alpaca does not document, or null."""
        value: Any = self._data.get("user_configurations")
        return None if value is None else FreeObject.view(value)

    @property
    def created_at(self) -> datetime | None:
        """A moment, or null."""
        value: Any = self._data.get("created_at")
        return None if value is None else to_datetime(value)

    @property
    def account_blocked(self) -> bool | None:
        """True if the account is blocked."""
        value: bool | None = self._data.get("account_blocked")
        return value

    @property
    def trading_blocked(self) -> bool | None:
        """True if no order is accepted."""
        value: bool | None = self._data.get("trading_blocked")
        return value

    @property
    def transfers_blocked(self) -> bool | None:
        """True if transfers are blocked."""
        value: bool | None = self._data.get("transfers_blocked")
        return value

    @property
    def trade_suspended_by_user(self) -> bool | None:
        """True if the holder has suspended trading."""
        value: bool | None = self._data.get("trade_suspended_by_user")
        return value

    @property
    def shorting_enabled(self) -> bool | None:
        """True if the account may sell short."""
        value: bool | None = self._data.get("shorting_enabled")
        return value

    @property
    def pattern_day_trader(self) -> bool | None:
        """Marked as a pattern day trader. Not sent since July 2026."""
        value: bool | None = self._data.get("pattern_day_trader")
        return value

    @property
    def daytrade_count(self) -> int | None:
        """Day trades in the last five trading days. Not sent since July 2026."""
        value: Any = self._data.get("daytrade_count")
        return None if value is None else int(value)

    @property
    def daytrading_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("daytrading_buying_power")
        return None if value is None else Decimal(value)

    @property
    def multiplier(self) -> Decimal | None:
        """Buying power as a multiple of equity (1, 2 or 4), as a string or as a JSON number."""
        value: Any = self._data.get("multiplier")
        return None if value is None else Decimal(value)

    @property
    def cash(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("cash")
        return None if value is None else Decimal(value)

    @property
    def cash_withdrawable(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("cash_withdrawable")
        return None if value is None else Decimal(value)

    @property
    def cash_transferable(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("cash_transferable")
        return None if value is None else Decimal(value)

    @property
    def memoposts(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("memoposts")
        return None if value is None else Decimal(value)

    @property
    def clearing_broker(self) -> str | None:
        """The clearing broker; sent for accounts of the broker API."""
        value: str | None = self._data.get("clearing_broker")
        return value

    @property
    def equity(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("equity")
        return None if value is None else Decimal(value)

    @property
    def last_equity(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_equity")
        return None if value is None else Decimal(value)

    @property
    def portfolio_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("portfolio_value")
        return None if value is None else Decimal(value)

    @property
    def long_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("long_market_value")
        return None if value is None else Decimal(value)

    @property
    def short_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("short_market_value")
        return None if value is None else Decimal(value)

    @property
    def position_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("position_market_value")
        return None if value is None else Decimal(value)

    @property
    def buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("buying_power")
        return None if value is None else Decimal(value)

    @property
    def effective_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("effective_buying_power")
        return None if value is None else Decimal(value)

    @property
    def regt_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("regt_buying_power")
        return None if value is None else Decimal(value)

    @property
    def options_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("options_buying_power")
        return None if value is None else Decimal(value)

    @property
    def non_marginable_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("non_marginable_buying_power")
        return None if value is None else Decimal(value)

    @property
    def bod_dtbp(self) -> Decimal | None:
        """An amount in the account's currency sent as a string or as a JSON number."""
        value: Any = self._data.get("bod_dtbp")
        return None if value is None else Decimal(value)

    @property
    def initial_margin(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("initial_margin")
        return None if value is None else Decimal(value)

    @property
    def maintenance_margin(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("maintenance_margin")
        return None if value is None else Decimal(value)

    @property
    def last_maintenance_margin(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_maintenance_margin")
        return None if value is None else Decimal(value)

    @property
    def last_cash(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_cash")
        return None if value is None else Decimal(value)

    @property
    def last_long_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_long_market_value")
        return None if value is None else Decimal(value)

    @property
    def last_short_market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_short_market_value")
        return None if value is None else Decimal(value)

    @property
    def last_initial_margin(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_initial_margin")
        return None if value is None else Decimal(value)

    @property
    def last_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_buying_power")
        return None if value is None else Decimal(value)

    @property
    def last_regt_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_regt_buying_power")
        return None if value is None else Decimal(value)

    @property
    def last_options_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_options_buying_power")
        return None if value is None else Decimal(value)

    @property
    def last_daytrading_buying_power(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("last_daytrading_buying_power")
        return None if value is None else Decimal(value)

    @property
    def last_daytrade_count(self) -> int | None:
        """Day trades at the close of the previous trading day. Not sent since July 2026."""
        value: Any = self._data.get("last_daytrade_count")
        return None if value is None else int(value)

    @property
    def previous_close(self) -> datetime | None:
        """A moment, or null."""
        value: Any = self._data.get("previous_close")
        return None if value is None else to_datetime(value)

    @property
    def sma(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("sma")
        return None if value is None else Decimal(value)

    @property
    def accrued_fees(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("accrued_fees")
        return None if value is None else Decimal(value)

    @property
    def pending_reg_taf_fees(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("pending_reg_taf_fees")
        return None if value is None else Decimal(value)

    @property
    def pending_transfer_in(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("pending_transfer_in")
        return None if value is None else Decimal(value)

    @property
    def pending_transfer_out(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("pending_transfer_out")
        return None if value is None else Decimal(value)

    @property
    def intraday_adjustments(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("intraday_adjustments")
        return None if value is None else Decimal(value)

    @property
    def balance_asof(self) -> date | None:
        """A calendar day, or null."""
        value: Any = self._data.get("balance_asof")
        return None if value is None else date.fromisoformat(value)

    @property
    def options_approved_level(self) -> int | None:
        """A level of options trading, as a JSON number or as a string of digits, or null."""
        value: Any = self._data.get("options_approved_level")
        return None if value is None else int(value)

    @property
    def options_trading_level(self) -> int | None:
        """A level of options trading, as a JSON number or as a string of digits, or null."""
        value: Any = self._data.get("options_trading_level")
        return None if value is None else int(value)


class Error(Model):
    """The reason why a request failed."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Error"

    def __init__(
        self,
        *,
        message: str,
        code: int | Unset = UNSET,
    ) -> None:
        super().__init__(message=message, code=code)

    @property
    def message(self) -> str:
        """The reason in plain text."""
        value: str = self._data["message"]
        return value

    @property
    def code(self) -> int | None:
        """Alpaca's error number, which usually begins with the HTTP status. Absent from some errors."""
        value: Any = self._data.get("code")
        return None if value is None else int(value)


class FreeObject(Model):
    """Settings whose fields Alpaca does not document."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "FreeObject"


class Position(Model):
    """An open position in one asset."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "Position"

    def __init__(
        self,
        *,
        asset_id: UUID,
        symbol: str,
        exchange: str,
        asset_class: AssetClass | str,
        side: PositionSide | str,
        qty: Decimal,
        avg_entry_price: Decimal,
        current_price: Decimal | None,
        lastday_price: Decimal | None,
        change_today: Decimal | None,
        market_value: Decimal | None,
        cost_basis: Decimal,
        unrealized_pl: Decimal | None,
        unrealized_plpc: Decimal | None,
        unrealized_intraday_pl: Decimal | None,
        unrealized_intraday_plpc: Decimal | None,
        asset_marginable: bool | Unset | None = UNSET,
        qty_available: Decimal | Unset | None = UNSET,
        swap_rate: Decimal | Unset | None = UNSET,
        avg_entry_swap_rate: Decimal | Unset | None = UNSET,
        prev_swap_rate: Decimal | Unset | None = UNSET,
        usd: UsdValues | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            asset_id=asset_id,
            symbol=symbol,
            exchange=exchange,
            asset_class=asset_class,
            side=side,
            qty=qty,
            avg_entry_price=avg_entry_price,
            current_price=current_price,
            lastday_price=lastday_price,
            change_today=change_today,
            market_value=market_value,
            cost_basis=cost_basis,
            unrealized_pl=unrealized_pl,
            unrealized_plpc=unrealized_plpc,
            unrealized_intraday_pl=unrealized_intraday_pl,
            unrealized_intraday_plpc=unrealized_intraday_plpc,
            asset_marginable=asset_marginable,
            qty_available=qty_available,
            swap_rate=swap_rate,
            avg_entry_swap_rate=avg_entry_swap_rate,
            prev_swap_rate=prev_swap_rate,
            usd=usd,
        )

    @property
    def asset_id(self) -> UUID:
        """An identifier assigned by Alpaca."""
        value: Any = self._data["asset_id"]
        return UUID(value)

    @property
    def symbol(self) -> str:
        """Ticker, crypto pair, or OCC symbol of an option."""
        value: str = self._data["symbol"]
        return value

    @property
    def exchange(self) -> str:
        """The exchange of the asset; an empty string if it has none."""
        value: str = self._data["exchange"]
        return value

    @property
    def asset_class(self) -> AssetClass | str:
        """The kind of asset; `ipo` is an indication of interest in shares before their listing. Other values may
        be added.
        """
        value: Any = self._data["asset_class"]
        return to_open_enum(AssetClass, value)

    @property
    def side(self) -> PositionSide | str:
        """The side of the position. Other values may be added."""
        value: Any = self._data["side"]
        return to_open_enum(PositionSide, value)

    @property
    def qty(self) -> Decimal:
        """An exact number of shares, contracts or coins."""
        value: Any = self._data["qty"]
        return Decimal(value)

    @property
    def avg_entry_price(self) -> Decimal:
        """An exact price of one unit, in the account's currency."""
        value: Any = self._data["avg_entry_price"]
        return Decimal(value)

    @property
    def current_price(self) -> Decimal | None:
        """An exact price of one unit, or null."""
        value: Any = self._data["current_price"]
        return None if value is None else Decimal(value)

    @property
    def lastday_price(self) -> Decimal | None:
        """An exact price of one unit, or null."""
        value: Any = self._data["lastday_price"]
        return None if value is None else Decimal(value)

    @property
    def change_today(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data["change_today"]
        return None if value is None else Decimal(value)

    @property
    def market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data["market_value"]
        return None if value is None else Decimal(value)

    @property
    def cost_basis(self) -> Decimal:
        """An exact amount in the account's currency, negative below zero."""
        value: Any = self._data["cost_basis"]
        return Decimal(value)

    @property
    def unrealized_pl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data["unrealized_pl"]
        return None if value is None else Decimal(value)

    @property
    def unrealized_plpc(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data["unrealized_plpc"]
        return None if value is None else Decimal(value)

    @property
    def unrealized_intraday_pl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data["unrealized_intraday_pl"]
        return None if value is None else Decimal(value)

    @property
    def unrealized_intraday_plpc(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data["unrealized_intraday_plpc"]
        return None if value is None else Decimal(value)

    @property
    def asset_marginable(self) -> bool | None:
        """True if the asset can be bought on margin. Absent for shares before their listing."""
        value: bool | None = self._data.get("asset_marginable")
        return value

    @property
    def qty_available(self) -> Decimal | None:
        """An exact number of shares, contracts or coins, or null if unknown."""
        value: Any = self._data.get("qty_available")
        return None if value is None else Decimal(value)

    @property
    def swap_rate(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("swap_rate")
        return None if value is None else Decimal(value)

    @property
    def avg_entry_swap_rate(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("avg_entry_swap_rate")
        return None if value is None else Decimal(value)

    @property
    def prev_swap_rate(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("prev_swap_rate")
        return None if value is None else Decimal(value)

    @property
    def usd(self) -> UsdValues | None:
        """The figures in US dollars; only for accounts in another currency, in which all others are."""
        value: Any = self._data.get("usd")
        return None if value is None else UsdValues.view(value)


class PositionColumns(Columns[Position]):
    """Typed columns of many `Position` objects."""

    __slots__ = ()

    MODEL: ClassVar = Position

    @property
    def asset_id(self) -> list[str]:
        """Values of `asset_id`."""
        return [row["asset_id"] for row in self._rows]

    @property
    def symbol(self) -> list[str]:
        """Values of `symbol`."""
        return [row["symbol"] for row in self._rows]

    @property
    def exchange(self) -> list[str]:
        """Values of `exchange`."""
        return [row["exchange"] for row in self._rows]

    @property
    def asset_class(self) -> list[str]:
        """Values of `asset_class`."""
        return [row["asset_class"] for row in self._rows]

    @property
    def side(self) -> list[str]:
        """Values of `side`."""
        return [row["side"] for row in self._rows]

    @property
    def qty(self) -> list[Decimal]:
        """Values of `qty`."""
        return [Decimal(row["qty"]) for row in self._rows]

    @property
    def avg_entry_price(self) -> list[Decimal]:
        """Values of `avg_entry_price`."""
        return [Decimal(row["avg_entry_price"]) for row in self._rows]

    @property
    def current_price(self) -> list[Decimal | None]:
        """Values of `current_price`."""
        return [None if (value := row["current_price"]) is None else Decimal(value) for row in self._rows]

    @property
    def lastday_price(self) -> list[Decimal | None]:
        """Values of `lastday_price`."""
        return [None if (value := row["lastday_price"]) is None else Decimal(value) for row in self._rows]

    @property
    def change_today(self) -> list[Decimal | None]:
        """Values of `change_today`."""
        return [None if (value := row["change_today"]) is None else Decimal(value) for row in self._rows]

    @property
    def market_value(self) -> list[Decimal | None]:
        """Values of `market_value`."""
        return [None if (value := row["market_value"]) is None else Decimal(value) for row in self._rows]

    @property
    def cost_basis(self) -> list[Decimal]:
        """Values of `cost_basis`."""
        return [Decimal(row["cost_basis"]) for row in self._rows]

    @property
    def unrealized_pl(self) -> list[Decimal | None]:
        """Values of `unrealized_pl`."""
        return [None if (value := row["unrealized_pl"]) is None else Decimal(value) for row in self._rows]

    @property
    def unrealized_plpc(self) -> list[Decimal | None]:
        """Values of `unrealized_plpc`."""
        return [None if (value := row["unrealized_plpc"]) is None else Decimal(value) for row in self._rows]

    @property
    def unrealized_intraday_pl(self) -> list[Decimal | None]:
        """Values of `unrealized_intraday_pl`."""
        return [None if (value := row["unrealized_intraday_pl"]) is None else Decimal(value) for row in self._rows]

    @property
    def unrealized_intraday_plpc(self) -> list[Decimal | None]:
        """Values of `unrealized_intraday_plpc`."""
        return [None if (value := row["unrealized_intraday_plpc"]) is None else Decimal(value) for row in self._rows]

    @property
    def asset_marginable(self) -> list[bool | None]:
        """Values of `asset_marginable`."""
        return [row.get("asset_marginable") for row in self._rows]

    @property
    def qty_available(self) -> list[Decimal | None]:
        """Values of `qty_available`."""
        return [None if (value := row.get("qty_available")) is None else Decimal(value) for row in self._rows]

    @property
    def swap_rate(self) -> list[Decimal | None]:
        """Values of `swap_rate`."""
        return [None if (value := row.get("swap_rate")) is None else Decimal(value) for row in self._rows]

    @property
    def avg_entry_swap_rate(self) -> list[Decimal | None]:
        """Values of `avg_entry_swap_rate`."""
        return [None if (value := row.get("avg_entry_swap_rate")) is None else Decimal(value) for row in self._rows]

    @property
    def prev_swap_rate(self) -> list[Decimal | None]:
        """Values of `prev_swap_rate`."""
        return [None if (value := row.get("prev_swap_rate")) is None else Decimal(value) for row in self._rows]


class UsdValues(Model):
    """A position's figures in US dollars, under the names of the position's fields."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "UsdValues"

    def __init__(
        self,
        *,
        avg_entry_price: Decimal | Unset | None = UNSET,
        current_price: Decimal | Unset | None = UNSET,
        lastday_price: Decimal | Unset | None = UNSET,
        change_today: Decimal | Unset | None = UNSET,
        market_value: Decimal | Unset | None = UNSET,
        cost_basis: Decimal | Unset | None = UNSET,
        unrealized_pl: Decimal | Unset | None = UNSET,
        unrealized_plpc: Decimal | Unset | None = UNSET,
        unrealized_intraday_pl: Decimal | Unset | None = UNSET,
        unrealized_intraday_plpc: Decimal | Unset | None = UNSET,
    ) -> None:
        super().__init__(
            avg_entry_price=avg_entry_price,
            current_price=current_price,
            lastday_price=lastday_price,
            change_today=change_today,
            market_value=market_value,
            cost_basis=cost_basis,
            unrealized_pl=unrealized_pl,
            unrealized_plpc=unrealized_plpc,
            unrealized_intraday_pl=unrealized_intraday_pl,
            unrealized_intraday_plpc=unrealized_intraday_plpc,
        )

    @property
    def avg_entry_price(self) -> Decimal | None:
        """An exact price of one unit, or null."""
        value: Any = self._data.get("avg_entry_price")
        return None if value is None else Decimal(value)

    @property
    def current_price(self) -> Decimal | None:
        """An exact price of one unit, or null."""
        value: Any = self._data.get("current_price")
        return None if value is None else Decimal(value)

    @property
    def lastday_price(self) -> Decimal | None:
        """An exact price of one unit, or null."""
        value: Any = self._data.get("lastday_price")
        return None if value is None else Decimal(value)

    @property
    def change_today(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("change_today")
        return None if value is None else Decimal(value)

    @property
    def market_value(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("market_value")
        return None if value is None else Decimal(value)

    @property
    def cost_basis(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("cost_basis")
        return None if value is None else Decimal(value)

    @property
    def unrealized_pl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("unrealized_pl")
        return None if value is None else Decimal(value)

    @property
    def unrealized_plpc(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("unrealized_plpc")
        return None if value is None else Decimal(value)

    @property
    def unrealized_intraday_pl(self) -> Decimal | None:
        """An exact amount in the account's currency, or null."""
        value: Any = self._data.get("unrealized_intraday_pl")
        return None if value is None else Decimal(value)

    @property
    def unrealized_intraday_plpc(self) -> Decimal | None:
        """An exact factor of 1, or null."""
        value: Any = self._data.get("unrealized_intraday_plpc")
        return None if value is None else Decimal(value)
