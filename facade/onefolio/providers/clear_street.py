"""Clear Street: many accounts per key, balances and positions by account, lists in pages."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

from onefolio_clients.clear_street import CONTRACT, SERVERS, Credentials, operations
from onefolio_clients.clear_street import models as api

from ..adapter import (
    UNSET,
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    Connection,
    ErrorDetails,
    InstrumentType,
    Position,
    PositionBuilder,
    RateLimit,
    Resource,
    Side,
    account_number,
    hide_arguments,
    negative_magnitude,
    shift_point,
)

_STATUS = {
    "ACTIVE": AccountStatus.ACTIVE,
    "INACTIVE": AccountStatus.INACTIVE,
    "CLOSED": AccountStatus.CLOSED,
}
_KIND = {"CASH": AccountKind.CASH, "MARGIN": AccountKind.MARGIN, "OTHER": AccountKind.OTHER}
_INSTRUMENT_TYPE = {
    "COMMON_STOCK": InstrumentType.EQUITY,
    "PREFERRED_STOCK": InstrumentType.EQUITY,
    "OPTION": InstrumentType.OPTION,
    "CASH": InstrumentType.CASH,
    "INDEX": InstrumentType.INDEX,
}
_SIDE = {"LONG": Side.LONG, "SHORT": Side.SHORT, "LONG_CALL": Side.LONG, "SHORT_CALL": Side.SHORT}
_NEXT = ("metadata", "next_page_token")
_TOTAL = ("metadata", "total_items")


class ClearStreet(Connection):
    """A connection to Clear Street's API.

    Args:
        api_key: sent as the bearer token.
        environment: `"production"`.
        base_url: another server; overrides `environment`.
        name: the connection's name; by default `"clear_street"`.
        rate_limit: limit of this key; by default none, because none is published.

    Raises:
        ConfigurationError: an argument is missing or wrong; see `Connection`.
    """

    provider = "clear_street"
    title = "Clear Street"
    contract = CONTRACT
    environments = SERVERS
    credentials_type = Credentials
    variables = {"api_key": "CLEAR_STREET_API_KEY"}
    base_url_variable = "CLEAR_STREET_BASE_URL"

    @hide_arguments
    def __init__(
        self,
        *,
        api_key: str,
        environment: str = "production",
        base_url: str | None = None,
        name: str | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        keys = {"api_key": api_key}
        super().__init__(keys, environment=environment, base_url=base_url, name=name, rate_limit=rate_limit)

    def accounts(self) -> Resource[api.Account, Account]:
        return Resource(
            "accounts",
            lambda token: operations.get_accounts(page_token=UNSET if token is None else token),
            api.Account,
            self._account,
            rows_path=("data",),
            next_token=_NEXT,
            total=_TOTAL,
        )

    def balances(self, account: Account) -> Resource[api.Balances, Balance]:
        return Resource(
            "balances",
            lambda _: operations.get_account_balances(account_number(account)),
            api.Balances,
            partial(self._balance, account),
            rows_path=("data",),
            account_id=("account_id",),
        )

    def positions(self, account: Account) -> Resource[api.Position, Position]:
        return Resource.in_columns(
            "positions",
            lambda token: operations.get_account_positions(
                account_number(account), page_token=UNSET if token is None else token
            ),
            api.Position,
            api.PositionColumns,
            partial(self._positions, PositionBuilder(account, pointer="/quantity")),
            rows_path=("data",),
            next_token=_NEXT,
            total=_TOTAL,
            account_id=("account_id",),
        )

    def read_error(self, body: Any) -> ErrorDetails | None:
        match body:
            case {"error": {"code": code, "message": str(message)}}:
                metadata = body.get("metadata")
                request_id = metadata.get("request_id") if isinstance(metadata, dict) else None
                return ErrorDetails(str(code), message, request_id if isinstance(request_id, str) else None)
            case {"error": error} if error is not None:
                return ErrorDetails()
        return None

    def _account(self, row: api.Account) -> Account:
        return Account(
            provider=self.provider,
            connection=self.name,
            id=str(row.id),
            name=row.full_name,
            number=row.short_name,
            status=_STATUS.get(row.status, AccountStatus.UNKNOWN),
            native_status=str(row.status),
            kind=_KIND.get(row.subtype, AccountKind.UNKNOWN),
            opened=row.open_date,
            closed=row.close_date,
            holder_id=str(row.account_holder_entity_id),
            raw=row,
        )

    def _balance(self, account: Account, row: api.Balances) -> Balance:
        margin = row.margin_details
        short = negative_magnitude(row.short_market_value)
        return Balance(
            provider=self.provider,
            connection=self.name,
            account_id=account.id,
            asset=row.currency,
            available=row.withdrawable_cash,
            cash=row.trade_cash,
            settled_cash=row.settled_cash,
            equity=row.equity,
            buying_power=row.buying_power,
            long_market_value=row.long_market_value,
            # The spec says that an absent or null value is zero.
            short_market_value=Decimal(0) if short is None else short,
            initial_margin=None if margin is None else margin.initial_margin_requirement,
            maintenance_margin=None if margin is None else margin.maintenance_margin_requirement,
            raw=row,
        )

    def _positions(self, builder: PositionBuilder, rows: api.PositionColumns) -> list[Position]:
        types = rows.instrument_type
        percentages = rows.unrealized_pnl_pct
        return builder.build_all(
            symbol=rows.symbol,
            side=[_SIDE.get(each) or _new_side(each) for each in rows.position_type],
            quantity=rows.quantity,
            instrument_id=rows.instrument_id,
            instrument_type=[_INSTRUMENT_TYPE.get(each) or _new_type(each) for each in types],
            native_instrument_type=types,
            available_quantity=rows.available_quantity,
            average_price=rows.avg_price,
            price=rows.instrument_price,
            cost_basis=rows.cost_basis,
            market_value=rows.market_value,
            unrealized_pnl=rows.unrealized_pnl,
            unrealized_pnl_ratio=[None if each is None else shift_point(each, -2) for each in percentages],
            raw=rows.models,
        )


def _new_type(instrument_type: str) -> InstrumentType:
    return InstrumentType.EQUITY if instrument_type.endswith("STOCK") else InstrumentType.UNKNOWN


def _new_side(position_type: str) -> Side | None:
    if position_type.startswith("LONG"):
        return Side.LONG
    return Side.SHORT if position_type.startswith("SHORT") else None
