"""Alpaca: one account per key with its balances in the same response, and positions as a bare list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any, cast

from onefolio_clients.alpaca import CONTRACT, SERVERS, Credentials, operations
from onefolio_clients.alpaca import models as api

from ..adapter import (
    Account,
    AccountStatus,
    Balance,
    Connection,
    DriftCallback,
    ErrorDetails,
    InstrumentType,
    Position,
    PositionBuilder,
    RateLimit,
    Resource,
    Side,
    hide_arguments,
    negative_magnitude,
    parse_reset_time,
)

_RATE_LIMIT = RateLimit(requests=200, seconds=60)
_STATUS = {
    "ACTIVE": AccountStatus.ACTIVE,
    "ONBOARDING": AccountStatus.PENDING,
    "SUBMITTED": AccountStatus.PENDING,
    "APPROVAL_PENDING": AccountStatus.PENDING,
    "APPROVED": AccountStatus.PENDING,
    "ACCOUNT_UPDATED": AccountStatus.PENDING,
    "ACTION_REQUIRED": AccountStatus.PENDING,
    "LIMITED": AccountStatus.RESTRICTED,
    "PAPER_ONLY": AccountStatus.RESTRICTED,
    "INACTIVE": AccountStatus.INACTIVE,
    "ACCOUNT_CLOSED": AccountStatus.CLOSED,
    "ACCOUNT_CLOSED_PENDING": AccountStatus.CLOSED,
    "SUBMISSION_FAILED": AccountStatus.REJECTED,
    "REJECTED": AccountStatus.REJECTED,
}
_INSTRUMENT_TYPE = {
    "us_equity": InstrumentType.EQUITY,
    "us_option": InstrumentType.OPTION,
    "ipo": InstrumentType.EQUITY,
    "global_equity": InstrumentType.EQUITY,
    "us_index": InstrumentType.INDEX,
}
_SIDE = {"long": Side.LONG, "short": Side.SHORT}
_RESTRICTIONS = ("account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user")


class Alpaca(Connection):
    """A connection to Alpaca's Trading API.

    Args:
        key_id: sent as `APCA-API-KEY-ID`.
        secret_key: sent as `APCA-API-SECRET-KEY`.
        environment: `"paper"` or `"live"`.
        base_url: another server; overrides `environment`.
        name: the connection's name; by default `"alpaca"`.
        rate_limit: limit of these keys; by default the documented 200 requests a minute. None for no limit.

    Raises:
        ConfigurationError: an argument is missing or wrong; see `Connection`.
    """

    provider = "alpaca"
    title = "Alpaca"
    contract = CONTRACT
    environments = SERVERS
    credentials_type = Credentials
    variables = {"key_id": "APCA_API_KEY_ID", "secret_key": "APCA_API_SECRET_KEY"}
    base_url_variable = "APCA_API_BASE_URL"
    balances_with_accounts = True

    @hide_arguments
    def __init__(
        self,
        *,
        key_id: str,
        secret_key: str,
        environment: str = "paper",
        base_url: str | None = None,
        name: str | None = None,
        rate_limit: RateLimit | None = _RATE_LIMIT,
    ) -> None:
        keys = {"key_id": key_id, "secret_key": secret_key}
        super().__init__(keys, environment=environment, base_url=base_url, name=name, rate_limit=rate_limit)

    def accounts(self) -> Resource[api.Account, Account]:
        return Resource("accounts", lambda _: operations.get_account(), api.Account, self._account)

    def positions(self, account: Account) -> Resource[api.Position, Position]:
        # The figures are in the account's currency; `usd` has those in US dollars if that is another currency.
        parse = partial(self._positions, PositionBuilder(account, pointer="/qty"), account.currency)
        return Resource.in_columns(
            "positions", lambda _: operations.get_positions(), api.Position, api.PositionColumns, parse
        )

    def read_error(self, body: Any) -> ErrorDetails | None:
        match body:
            # An error may have a message alone, and an account that gains a message still has its id.
            case {"message": str(message)} if "id" not in body:
                return ErrorDetails(str(body["code"]) if "code" in body else None, message)
        return None

    def retry_after(self, headers: Mapping[str, str], now: float) -> float | None:
        wait = super().retry_after(headers, now)
        return parse_reset_time(headers.get("x-ratelimit-reset", ""), now) if wait is None else wait

    def _account(self, row: api.Account) -> Account:
        return Account(
            provider=self.provider,
            connection=self.name,
            id=row["id"],
            number=row.account_number,
            status=_STATUS.get(row.status, AccountStatus.UNKNOWN),
            native_status=str(row.status),
            currency=row.currency,
            opened=row.created_at and row.created_at.astimezone(UTC).date(),
            restrictions=frozenset(flag for flag in _RESTRICTIONS if getattr(row, flag)),
            raw=row,
        )

    def balances_of(self, account: Account, note: DriftCallback) -> list[Balance]:
        row = cast("api.Account", account.raw)
        balance = Balance(
            provider=self.provider,
            connection=self.name,
            account_id=account.id,
            asset=row.currency,
            available=row.cash_withdrawable,
            cash=row.cash,
            equity=row.equity,
            buying_power=row.buying_power,
            long_market_value=row.long_market_value,
            short_market_value=negative_magnitude(row.short_market_value),
            initial_margin=row.initial_margin,
            maintenance_margin=row.maintenance_margin,
            raw=row,
        )
        return [balance]

    def _positions(self, builder: PositionBuilder, currency: str | None, rows: api.PositionColumns) -> list[Position]:
        classes = rows.asset_class
        return builder.build_all(
            symbol=rows.symbol,
            side=[_SIDE.get(side) for side in rows.side],
            quantity=rows.qty,
            instrument_id=rows.asset_id,
            instrument_type=[_INSTRUMENT_TYPE.get(each) or _new_type(each) for each in classes],
            native_instrument_type=classes,
            available_quantity=rows.qty_available,
            average_price=rows.avg_entry_price,
            price=rows.current_price,
            cost_basis=rows.cost_basis,
            market_value=rows.market_value,
            unrealized_pnl=rows.unrealized_pl,
            unrealized_pnl_ratio=rows.unrealized_plpc,
            currency=currency,
            raw=rows.models,
        )


def _new_type(asset_class: str) -> InstrumentType:
    return InstrumentType.CRYPTO if asset_class.startswith("crypto") else InstrumentType.UNKNOWN
