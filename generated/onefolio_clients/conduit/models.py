"""Typed views of the JSON that the API sends. Generated from the spec's component schemas; do not edit."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from onefolio_runtime import (
    UNSET,
    Columns,
    Contract,
    Model,
    Unset,
    to_open_enum,
    to_optional_decimal,
)

CONTRACT = Contract(__name__.rpartition(".")[0])
"""The spec, which every response is validated against."""


class AssetCode(StrEnum):
    """ISO 4217 code of a currency, or the name of a stablecoin. Other values may be added."""

    USD = "USD"
    MXN = "MXN"
    BRL = "BRL"
    COP = "COP"
    EUR = "EUR"
    NGN = "NGN"
    ARS = "ARS"
    GBP = "GBP"
    AED = "AED"
    SGD = "SGD"
    HKD = "HKD"
    USDT = "USDT"
    USDC = "USDC"
    RLUSD = "RLUSD"


class NetworkName(StrEnum):
    """The blockchain that a stablecoin is held on. Other values may be added."""

    ETHEREUM = "ethereum"
    TRON = "tron"
    SOLANA = "solana"
    POLYGON = "polygon"
    BASE = "base"
    XRPL = "xrpl"


class AssetAmount(Model):
    """The amount of one asset on one network."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "AssetAmount"

    def __init__(
        self,
        *,
        asset: AssetCode | str,
        amount: Decimal | None,
        network: NetworkName | str | Unset = UNSET,
        country: str | Unset = UNSET,
    ) -> None:
        super().__init__(asset=asset, amount=amount, network=network, country=country)

    @property
    def asset(self) -> AssetCode | str:
        """ISO 4217 code of a currency, or the name of a stablecoin. Other values may be added."""
        value: Any = self._data["asset"]
        return to_open_enum(AssetCode, value)

    @property
    def amount(self) -> Decimal | None:
        """An exact amount, never negative, or an empty string for none. The unit (dollars or cents, coins or base
        units) is not stated by the API.
        """
        value: Any = self._data["amount"]
        return to_optional_decimal(value)

    @property
    def network(self) -> NetworkName | str | None:
        """The blockchain that a stablecoin is held on. Other values may be added."""
        value: Any = self._data.get("network")
        return None if value is None else to_open_enum(NetworkName, value)

    @property
    def country(self) -> str | None:
        """The country of the money, if the API names one."""
        value: str | None = self._data.get("country")
        return value


class AssetAmountColumns(Columns[AssetAmount]):
    """Typed columns of many `AssetAmount` objects."""

    __slots__ = ()

    MODEL: ClassVar = AssetAmount

    @property
    def asset(self) -> list[str]:
        """Values of `asset`."""
        return [row["asset"] for row in self._rows]

    @property
    def amount(self) -> list[Decimal | None]:
        """Values of `amount`."""
        return [None if (value := row["amount"]) is None else to_optional_decimal(value) for row in self._rows]

    @property
    def network(self) -> list[str | None]:
        """Values of `network`."""
        return [row.get("network") for row in self._rows]

    @property
    def country(self) -> list[str | None]:
        """Values of `country`."""
        return [row.get("country") for row in self._rows]


class AssetBalances(Model):
    """The balances of one account."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "AssetBalances"

    def __init__(
        self,
        *,
        available: list[AssetAmount],
    ) -> None:
        super().__init__(available=available)

    @property
    def available(self) -> list[AssetAmount]:
        """The available amounts, one entry for each asset, network and country."""
        value: Any = self._data["available"]
        return [AssetAmount.view(item) for item in value]


class ClientAccount(Model):
    """An account of a client and its balances."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ClientAccount"

    def __init__(
        self,
        *,
        id: str,
        account_id: str,
        balances: AssetBalances,
        business_legal_name: str | Unset = UNSET,
    ) -> None:
        super().__init__(id=id, accountId=account_id, balances=balances, businessLegalName=business_legal_name)

    @property
    def id(self) -> str:
        """Identifies a client."""
        value: str = self._data["id"]
        return value

    @property
    def account_id(self) -> str:
        """Identifies an account."""
        value: str = self._data["accountId"]
        return value

    @property
    def balances(self) -> AssetBalances:
        """The balances of one account."""
        value: Any = self._data["balances"]
        return AssetBalances.view(value)

    @property
    def business_legal_name(self) -> str | None:
        """The registered name of the client."""
        value: str | None = self._data.get("businessLegalName")
        return value


class ClientAccountColumns(Columns[ClientAccount]):
    """Typed columns of many `ClientAccount` objects."""

    __slots__ = ()

    MODEL: ClassVar = ClientAccount

    @property
    def id(self) -> list[str]:
        """Values of `id`."""
        return [row["id"] for row in self._rows]

    @property
    def account_id(self) -> list[str]:
        """Values of `accountId`."""
        return [row["accountId"] for row in self._rows]

    @property
    def business_legal_name(self) -> list[str | None]:
        """Values of `businessLegalName`."""
        return [row.get("businessLegalName") for row in self._rows]


class ClientAccountPage(Model):
    """The accounts and their totals."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ClientAccountPage"

    def __init__(
        self,
        *,
        data: list[ClientAccount],
        total_balances: TotalBalances,
        id: str | Unset = UNSET,
        client_id: str | Unset = UNSET,
        business_legal_name: str | Unset = UNSET,
        balances: AssetBalances | Unset = UNSET,
    ) -> None:
        super().__init__(
            data=data,
            totalBalances=total_balances,
            id=id,
            clientId=client_id,
            businessLegalName=business_legal_name,
            balances=balances,
        )

    @property
    def data(self) -> list[ClientAccount]:
        """One entry for each account."""
        value: Any = self._data["data"]
        return [ClientAccount.view(item) for item in value]

    @property
    def total_balances(self) -> TotalBalances:
        """The balances of all accounts together."""
        value: Any = self._data["totalBalances"]
        return TotalBalances.view(value)

    @property
    def id(self) -> str | None:
        """Identifies an account."""
        value: str | None = self._data.get("id")
        return value

    @property
    def client_id(self) -> str | None:
        """Identifies a client."""
        value: str | None = self._data.get("clientId")
        return value

    @property
    def business_legal_name(self) -> str | None:
        """Required by a literal reading of the published spec; not expected."""
        value: str | None = self._data.get("businessLegalName")
        return value

    @property
    def balances(self) -> AssetBalances | None:
        """The balances of one account."""
        value: Any = self._data.get("balances")
        return None if value is None else AssetBalances.view(value)


class ErrorItem(Model):
    """One reason why a request failed."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ErrorItem"

    def __init__(
        self,
        *,
        detail: str,
        code: str,
    ) -> None:
        super().__init__(detail=detail, code=code)

    @property
    def detail(self) -> str:
        """The reason in plain text."""
        value: str = self._data["detail"]
        return value

    @property
    def code(self) -> str:
        """The reason as a code."""
        value: str = self._data["code"]
        return value


class ErrorItemColumns(Columns[ErrorItem]):
    """Typed columns of many `ErrorItem` objects."""

    __slots__ = ()

    MODEL: ClassVar = ErrorItem

    @property
    def detail(self) -> list[str]:
        """Values of `detail`."""
        return [row["detail"] for row in self._rows]

    @property
    def code(self) -> list[str]:
        """Values of `code`."""
        return [row["code"] for row in self._rows]


class ErrorResponse(Model):
    """The reason why a request failed."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "ErrorResponse"

    def __init__(
        self,
        *,
        errors: list[ErrorItem],
    ) -> None:
        super().__init__(errors=errors)

    @property
    def errors(self) -> list[ErrorItem]:
        """The reasons, usually at least one."""
        value: Any = self._data["errors"]
        return [ErrorItem.view(item) for item in value]


class TotalBalances(Model):
    """The balances of all accounts together."""

    __slots__ = ()

    CONTRACT: ClassVar = CONTRACT
    SCHEMA: ClassVar = "TotalBalances"

    def __init__(
        self,
        *,
        available: list[AssetAmount],
    ) -> None:
        super().__init__(available=available)

    @property
    def available(self) -> list[AssetAmount]:
        """The available amounts, summed over the accounts."""
        value: Any = self._data["available"]
        return [AssetAmount.view(item) for item in value]
