"""Rates that a user gives, and the one asset that they lead to. Without them nothing is added across assets."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .._core.decimals import exact_product
from .._core.errors import ConfigurationError

_PLACES = 38
"""Digits of a rate before and after its point: as many decimals as an amount has, and products stay exact."""


class ExchangeRates:
    """What one unit of an asset is worth in another one.

    Args:
        rates: by asset, the worth of one unit in `into`.
        into: the asset that amounts are converted into.

    Raises:
        ConfigurationError: one is given without the other, or a rate is no finite Decimal above zero.
    """

    def __init__(self, rates: Mapping[str, Decimal] | None, into: str | None) -> None:
        if (rates is None) is not (into is None):
            raise ConfigurationError(
                "rates= and into= belong together: what one unit of an asset is worth, and in what"
            )
        if into == "":
            raise ConfigurationError("into= is the code of an asset, such as 'USD', not an empty text")
        self._into = into
        self._rates = dict(rates or {})
        for asset, rate in self._rates.items():
            _check(asset, rate)
        if self._rates.get(into or "", 1) != 1:
            raise ConfigurationError(f"the rate of {into} is 1: everything is converted into it")

    def unit(self, asset: str) -> str:
        """Return what an amount of the asset is counted in: `into` where there is a rate, else the asset itself."""
        return self._into if self._into is not None and asset in self._rates else asset

    def worth(self, value: Decimal, asset: str) -> Decimal:
        """Return an amount of the asset, exactly, in `unit(asset)`."""
        return exact_product(value, self._rates[asset]) if asset in self._rates else value


def _check(asset: str, rate: object) -> None:
    if not isinstance(rate, Decimal):
        raise ConfigurationError(
            f"the rate of {asset} is a Decimal made of a text, such as Decimal('1.08'), not a {type(rate).__name__}"
        )
    if not rate.is_finite() or rate <= 0:
        raise ConfigurationError(f"the rate of {asset} is finite and above zero, not {rate}")
    exponent = rate.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  # it is finite
    if rate.adjusted() >= _PLACES or exponent < -_PLACES:
        raise ConfigurationError(f"the rate of {asset} has more than {_PLACES} digits before or after its point")
