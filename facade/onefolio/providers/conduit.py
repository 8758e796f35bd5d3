"""Conduit: client accounts with their balances in one response; the API does not state the unit of amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, cast

from onefolio_clients.conduit import CONTRACT, SERVERS, Credentials, operations
from onefolio_clients.conduit import models as api

from ..adapter import (
    Account,
    Balance,
    ConfigurationError,
    Connection,
    Drift,
    DriftCallback,
    ErrorDetails,
    RateLimit,
    Resource,
    Unit,
    hide_arguments,
    minor_digits,
    shift_point,
)

_TOKEN_DIGITS = {"USDT": 6, "USDC": 6}
_TOKEN_NETWORKS = (None, "ethereum", "tron", "solana", "polygon", "base")
"""Networks on which these tokens have that many digits. Elsewhere they may have another or no fixed number."""


class Conduit(Connection):
    """A connection to Conduit's API.

    Args:
        api_key: sent as `X-API-Key`.
        api_secret: sent as `X-API-Secret`.
        environment: `"live"` or `"sandbox"`.
        base_url: another server; overrides `environment`.
        name: the connection's name; by default `"conduit"`.
        amount_unit: the unit of all amounts, if you know it: `"major"` (dollars) or `"minor"` (cents, a token's
            smallest unit). The API does not state it; by default amounts are passed on with the unit `AS_SENT`.
        rate_limit: limit of these keys; by default none, because none is published.

    Raises:
        ConfigurationError: an argument is missing or wrong; see `Connection`.
    """

    provider = "conduit"
    title = "Conduit"
    contract = CONTRACT
    environments = SERVERS
    credentials_type = Credentials
    variables = {"api_key": "CONDUIT_API_KEY", "api_secret": "CONDUIT_API_SECRET"}
    base_url_variable = "CONDUIT_BASE_URL"
    capabilities = frozenset(("accounts", "balances"))
    balances_with_accounts = True

    @hide_arguments
    def __init__(
        self,
        *,
        api_key: str,
        api_secret: str,
        environment: str = "live",
        base_url: str | None = None,
        name: str | None = None,
        amount_unit: Literal["major", "minor"] | None = None,
        rate_limit: RateLimit | None = None,
    ) -> None:
        keys = {"api_key": api_key, "api_secret": api_secret}
        super().__init__(keys, environment=environment, base_url=base_url, name=name, rate_limit=rate_limit)
        if amount_unit not in (None, "major", "minor"):
            raise ConfigurationError(f"{self.title}: amount_unit must be 'major', 'minor' or None, not {amount_unit!r}")
        self.amount_unit = amount_unit

    def accounts(self) -> Resource[api.ClientAccount, Account]:
        return Resource(
            "accounts",
            lambda _: operations.get_client_accounts(),
            api.ClientAccount,
            self._account,
            rows_path=("data",),
        )

    def balances_of(self, account: Account, note: DriftCallback) -> list[Balance]:
        row = cast("api.ClientAccount", account.raw)
        return [
            self._balance(held, account, f"/balances/available/{index}/amount", note)
            for index, held in enumerate(row.balances.available)
        ]

    def read_error(self, body: Any) -> ErrorDetails | None:
        match body:
            case {"errors": [{"code": str(code), "detail": str(detail)}, *_]}:
                return ErrorDetails(code, detail)
        return None

    def _account(self, row: api.ClientAccount) -> Account:
        return Account(
            provider=self.provider,
            connection=self.name,
            id=row.account_id,
            name=row.business_legal_name,
            holder_id=row.id,
            raw=row,
        )

    def _balance(self, held: api.AssetAmount, account: Account, pointer: str, note: DriftCallback) -> Balance:
        asset = str(held.asset)
        network = None if held.network is None else str(held.network)
        amount, unit = self._amount(held.amount, _minor_digits(asset, network), pointer, note)
        return Balance(
            provider=self.provider,
            connection=self.name,
            account_id=account.id,
            asset=asset,
            network=network,
            country=held.country,
            unit=unit,
            available=amount,
            raw=held,
        )

    def _amount(
        self, amount: Decimal | None, digits: int | None, pointer: str, note: DriftCallback
    ) -> tuple[Decimal | None, Unit]:
        """Return an amount in the user's unit, and the unit; AS_SENT if the amount cannot be converted."""
        if self.amount_unit is None:
            return amount, Unit.AS_SENT
        if self.amount_unit == "major" or amount is None:
            return amount, Unit.MAJOR
        if digits is None:
            note(Drift(pointer, "unknown value", "an amount of an asset without a known minor unit"))
            return amount, Unit.AS_SENT
        if not isinstance(exponent := amount.as_tuple().exponent, int) or exponent < 0:
            note(Drift(pointer, "unknown value", "an amount in minor units with a fraction"))
            return amount, Unit.AS_SENT
        return shift_point(amount, -digits), Unit.MAJOR


def _minor_digits(asset: str, network: str | None) -> int | None:
    if asset in _TOKEN_DIGITS:
        return _TOKEN_DIGITS[asset] if network in _TOKEN_NETWORKS else None
    return minor_digits(asset)
