"""Totals of balances. Totals never mix assets, and exclude amounts whose unit is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from .._core.decimals import exact_sum
from .._core.errors import ConfigurationError
from .._models.pydantic_schema import PydanticSchema
from .._models.records import Balance, Position, Unit
from .._tables.frames import SnapshotRows
from .exchange_rates import ExchangeRates
from .rows import rows_of

FIGURES = ("available", "cash", "settled_cash", "equity", "buying_power", "long_market_value", "short_market_value")
"""The figures of a balance that are added."""

TotalsBy: TypeAlias = Literal["asset", "provider", "connection", "account"]

OWNER = ("provider", "connection", "account_id")
"""The fields that identify the owner of a row, from the largest group to the smallest."""

_OWNER_FIELDS = {"provider": OWNER[:1], "connection": OWNER[:2], "account": OWNER}


@frozen
class Total(PydanticSchema):
    """The sum of balances in one asset, or one balance that cannot be added because its unit or asset is unknown.

    Attributes:
        provider: the provider of the balances; None if they may have different ones.
        connection: the connection of the balances; None if they may have different ones.
        account_id: the account of the balances; None if they may have different ones.
        asset: the code of the currency or token; None if the provider does not state it.
        unit: MAJOR for a sum, else the unit of the balance in `alone`.
        alone: the balance that cannot be added to others; None for a sum.
        balances: the number of balances.
        figures: the exact sum of each figure of a balance, by name; None if no balance states the figure.
        unstated: the number of balances that do not state a figure, by name.
        converted: the assets that were converted into `asset`, in alphabetical order.
    """

    provider: str | None
    connection: str | None
    account_id: str | None
    asset: str | None
    unit: Unit
    alone: Balance | None
    balances: int
    figures: dict[str, Decimal | None]
    unstated: dict[str, int]
    converted: tuple[str, ...]


def totals(
    balances: Iterable[Balance] | SnapshotRows,
    *,
    by: TotalsBy = "asset",
    rates: Mapping[str, Decimal] | None = None,
    into: str | None = None,
) -> list[Total]:
    """Add balances by asset. Each balance is in exactly one total.

    Args:
        balances: balances of any accounts, or a snapshot, whose balances are added.
        by: `"asset"` (the default) for one total per asset, or `"provider"`, `"connection"` or `"account"` for one
            total per asset in each of these.
        rates: the price of one unit of each asset in `into`. An asset without a rate is not converted.
        into: the asset into which amounts are converted.

    Returns:
        The sums in alphabetical order, then the balances that cannot be added, in the order of `balances`.

    Raises:
        ConfigurationError: `balances` has other objects, `by` has another value, only one of `rates` and `into` is
            given, or a rate is not a finite Decimal above zero.
    """
    if by not in get_args(TotalsBy):
        raise ConfigurationError(f"by={by!r} is unknown; available: {', '.join(get_args(TotalsBy))}")
    exchange_rates = ExchangeRates(rates, into)
    groups: dict[tuple[str, ...], list[Balance]] = {}
    alone = []
    for balance in rows_of(balances, "balances"):
        if balance.unit is Unit.MAJOR and balance.asset:
            groups.setdefault((*owner(balance, by), exchange_rates.target(balance.asset)), []).append(balance)
        else:
            alone.append(balance)
    return [
        *(_sum(groups[key], key[-1], key[:-1], exchange_rates) for key in sorted(groups)),
        *(_sum([each], each.asset, owner(each, "account"), exchange_rates, alone=each) for each in alone),
    ]


def owner(row: Balance | Position, by: str) -> tuple[str, ...]:
    """Return the values of the owner fields of a row down to the level `by`; an empty tuple for any other value."""
    return tuple(getattr(row, name) for name in _OWNER_FIELDS.get(by, ()))


def owner_fields(owner: tuple[str, ...]) -> dict[str, Any]:
    """Return the values of `owner` by field name, with None for the fields below its level."""
    return dict(zip_longest(OWNER, owner))


def _sum(
    group: list[Balance],
    asset: str | None,
    group_owner: tuple[str, ...],
    exchange_rates: ExchangeRates,
    alone: Balance | None = None,
) -> Total:
    def stated(name: str) -> list[Decimal]:
        values = [(value, each.asset) for each in group if (value := getattr(each, name)) is not None]
        return [value if alone or own is None else exchange_rates.convert(value, own) for value, own in values]

    figures = {name: stated(name) for name in FIGURES}
    return Total(
        **owner_fields(group_owner),
        asset=asset,
        unit=group[0].unit,
        alone=alone,
        balances=len(group),
        figures={name: exact_sum(values) if values else None for name, values in figures.items()},
        unstated={name: len(group) - len(values) for name, values in figures.items()},
        converted=tuple(sorted({each.asset for each in group if each.asset and each.asset != asset})),
    )
