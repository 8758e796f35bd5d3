"""Totals by asset that never lie: nothing is added across assets or to an amount whose unit is unknown."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from attrs import frozen

from ._exact import total
from ._models import Balance, Unit

FIGURES = ("available", "cash", "settled_cash", "equity", "buying_power", "long_market_value", "short_market_value")
"""The figures of a balance that are totalled."""


@frozen
class Total:
    """The sum of one asset's balances, or a single balance whose unit its provider does not state.

    Attributes:
        asset: currency or token code; None where a provider did not say.
        unit: MAJOR for a sum. A balance as sent (AS_SENT) stands by itself and is in no sum.
        alone: the balance that stands by itself; None for a sum.
        balances: how many balances were added.
        figures: by the name of a balance's figure, the exact sum of those stated; None where none was.
        unstated: by the same names, how many of the balances do not state the figure.
    """

    asset: str | None
    unit: Unit
    alone: Balance | None
    balances: int
    figures: dict[str, Decimal | None]
    unstated: dict[str, int]


def totals(balances: Iterable[Balance]) -> list[Total]:
    """Return the sums by asset, in alphabetical order, then the balances as sent, in the order given."""
    sums: dict[str, list[Balance]] = {}
    alone = []
    for balance in balances:
        if balance.unit is Unit.MAJOR:
            sums.setdefault(balance.asset or "", []).append(balance)
        else:
            alone.append(balance)
    return [_total(sums[asset]) for asset in sorted(sums)] + [_total([balance], alone=balance) for balance in alone]


def _total(group: list[Balance], alone: Balance | None = None) -> Total:
    stated = {name: [value for each in group if (value := getattr(each, name)) is not None] for name in FIGURES}
    return Total(
        asset=group[0].asset,
        unit=group[0].unit,
        alone=alone,
        balances=len(group),
        figures={name: total(values) if values else None for name, values in stated.items()},
        unstated={name: len(group) - len(values) for name, values in stated.items()},
    )
