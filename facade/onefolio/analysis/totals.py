"""Totals by asset that never lie: nothing is added across assets or to an amount whose unit is unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any, Literal, TypeAlias, get_args

from attrs import frozen

from .._core.decimals import exact_sum
from .._core.errors import ConfigurationError
from .._models.records import Balance, Position, Unit
from .exchange_rates import ExchangeRates

FIGURES = ("available", "cash", "settled_cash", "equity", "buying_power", "long_market_value", "short_market_value")
"""The figures of a balance that are totalled."""

TotalsBy: TypeAlias = Literal["asset", "provider", "connection", "account"]

OWNER = ("provider", "connection", "account_id")
"""What tells whose a row is, from the whole to the part."""

_OWNER_FIELDS = {"provider": OWNER[:1], "connection": OWNER[:2], "account": OWNER}


@frozen
class Total:
    """The sum of one asset's balances, or a single balance whose unit or asset its provider does not state.

    Attributes:
        provider: whose balances they are; None where they may be of several.
        connection: through which connection they came; None where it may be several.
        account_id: of which account; None where it may be several.
        asset: currency or token code; None where a provider did not say.
        unit: MAJOR for a sum. A balance as sent (AS_SENT) stands by itself and is in no sum.
        alone: the balance that stands by itself; None for a sum.
        balances: how many balances were added.
        figures: by the name of a balance's figure, the exact sum of those stated; None where none was.
        unstated: by the same names, how many of the balances do not state the figure.
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
    balances: Iterable[Balance],
    *,
    by: TotalsBy = "asset",
    rates: Mapping[str, Decimal] | None = None,
    into: str | None = None,
) -> list[Total]:
    """Return the sums by asset, in alphabetical order, then the balances that stand by themselves, as given.

    Args:
        balances: of any accounts.
        by: `"asset"`; or `"provider"`, `"connection"` or `"account"`, by asset in each of them.
        rates: what one unit of an asset is worth in `into`. An asset without a rate keeps a line of its own.
        into: the asset to convert into.

    Raises:
        ConfigurationError: `by` is another word, `rates` comes without `into` or the other way round, or a rate is no
            finite Decimal above zero.
    """
    if by not in get_args(TotalsBy):
        raise ConfigurationError(f"by is one of {', '.join(get_args(TotalsBy))}, not {by!r}")
    worth = ExchangeRates(rates, into)
    sums: dict[tuple[str, ...], list[Balance]] = {}
    alone = []
    for balance in balances:
        if balance.unit is Unit.MAJOR and balance.asset:
            sums.setdefault((*owner(balance, by), worth.unit(balance.asset)), []).append(balance)
        else:
            alone.append(balance)
    return [
        *(_total(sums[key], key[-1], key[:-1], worth) for key in sorted(sums)),
        *(_total([balance], balance.asset, owner(balance, "account"), worth, alone=balance) for balance in alone),
    ]


def owner(row: Balance | Position, by: str) -> tuple[str, ...]:
    """Return whose a row is, as exactly as `by` asks for: provider, connection, account."""
    return tuple(getattr(row, name) for name in _OWNER_FIELDS.get(by, ()))


def owner_names(owners: tuple[str, ...]) -> dict[str, Any]:
    """Return by name whose a line is; None where it may be of several."""
    return dict(zip_longest(OWNER, owners))


def _total(
    group: list[Balance], asset: str | None, owners: tuple[str, ...], worth: ExchangeRates, alone: Balance | None = None
) -> Total:
    def stated(name: str) -> list[Decimal]:
        found = [(value, each.asset) for each in group if (value := getattr(each, name)) is not None]
        return [value if alone or of is None else worth.worth(value, of) for value, of in found]

    values = {name: stated(name) for name in FIGURES}
    return Total(
        **owner_names(owners),
        asset=asset,
        unit=group[0].unit,
        alone=alone,
        balances=len(group),
        figures={name: exact_sum(found) if found else None for name, found in values.items()},
        unstated={name: len(group) - len(found) for name, found in values.items()},
        converted=tuple(sorted({each.asset for each in group if each.asset and each.asset != asset})),
    )
