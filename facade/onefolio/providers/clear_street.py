"""Clear Street: many accounts a key, balances and positions by account, listings in pages."""

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
    ConfigurationError,
    Connection,
    ErrorDetails,
    InstrumentType,
    Position,
    PositionBuilder,
    RateLimit,
    Resource,
    Side,
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
        base_url: another server; wins over `environment`.
        name: the connection's name, by default `"clear_street"`.
        rate_limit: what is sent at most with this key; by default no limit, since none is published.

    Raises:
        ConfigurationError: as `Connection` does.
    """

    provider = "clear_street"
    title = "Clear Street"
    contract = CONTRACT
    environments = SERVERS
    credentials_type = Credentials
    variables = {"api_key": "CLEAR_STREET_API_KEY"}
    base_url_variable = "CLEAR_STREET_BASE_URL"

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
            rows=("data",),
            next_token=_NEXT,
            total=_TOTAL,
        )

    def balances(self, account: Account) -> Resource[api.Balances, Balance]:
        return Resource(
            "balances",
            lambda _: operations.get_account_balances(_number(account)),
            api.Balances,
            partial(self._balance, account),
            rows=("data",),
        )

    def positions(self, account: Account) -> Resource[api.Position, Position]:
        return Resource(
            "positions",
            lambda token: operations.get_account_positions(
                _number(account), page_token=UNSET if token is None else token
            ),
            api.Position,
            partial(self._position, PositionBuilder(account, pointer="/quantity")),
            rows=("data",),
            next_token=_NEXT,
            total=_TOTAL,
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
            # Its spec says that an absent or null one is zero.
            short_market_value=Decimal(0) if short is None else short,
            initial_margin=None if margin is None else margin.initial_margin_requirement,
            maintenance_margin=None if margin is None else margin.maintenance_margin_requirement,
            raw=row,
        )

    def _position(self, builder: PositionBuilder, row: api.Position) -> Position:
        kind = row["instrument_type"]
        word = row["position_type"]
        return builder.build(
            symbol=row.symbol,
            side=_SIDE.get(word) or _new_side(word),
            quantity=row.quantity,
            instrument_id=row["instrument_id"],
            instrument_type=_INSTRUMENT_TYPE.get(kind) or _new_type(kind),
            native_instrument_type=kind,
            available_quantity=row.available_quantity,
            average_price=row.avg_price,
            price=row.instrument_price,
            cost_basis=row.cost_basis,
            market_value=row.market_value,
            unrealized_pnl=row.unrealized_pnl,
            unrealized_pnl_ratio=None if (percent := row.unrealized_pnl_pct) is None else shift_point(percent, -2),
            raw=row,
        )


def _new_type(word: str) -> InstrumentType:
    return InstrumentType.EQUITY if word.endswith("STOCK") else InstrumentType.UNKNOWN


def _new_side(word: str) -> Side | None:
    return Side.LONG if word.startswith("LONG") else Side.SHORT if word.startswith("SHORT") else None


def _number(account: Account) -> int:
    """Return an account's id as the API wants it."""
    if not (account.id.isascii() and account.id.isdigit()):
        raise ConfigurationError(f"{ClearStreet.title}: an account's id is a number, not {account.id!r}")
    return int(account.id)
