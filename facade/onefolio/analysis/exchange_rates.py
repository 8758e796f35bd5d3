"""Convert amounts with exchange rates that the user supplies."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from .._core.decimals import exact_product
from .._core.errors import ConfigurationError

_PLACES = 38
"""Maximum number of digits of a rate before and after the decimal point. Within it, all products are exact."""


class ExchangeRates:
    """Exchange rates into one asset.

    Args:
        rates: the price of one unit of each asset in `into`.
        into: the asset into which amounts are converted.

    Raises:
        ConfigurationError: Only one of the two is given, or a rate is not a finite Decimal above zero.
    """

    def __init__(self, rates: Mapping[str, Decimal] | None, into: str | None) -> None:
        if (rates is None) is not (into is None):
            missing = "into" if into is None else "rates"
            raise ConfigurationError(f"{missing}= is missing. Pass rates= and into= together, or neither")
        if into == "":
            raise ConfigurationError("into= is empty. Pass the code of an asset, such as 'USD'")
        self._into = into
        self._rates = dict(rates or {})
        for asset, rate in self._rates.items():
            _check_rate(asset, rate)
        if (own := self._rates.get(into or "", 1)) != 1:
            raise ConfigurationError(f"the rate of {into} is {own}, but {into} is the asset of into=. Leave it out")

    def target(self, asset: str) -> str:
        """Return the asset into which an amount is converted: `into` if the asset has a rate, else the asset itself."""
        return self._into if self._into is not None and asset in self._rates else asset

    def convert(self, value: Decimal, asset: str) -> Decimal:
        """Convert an amount of an asset to `target(asset)` exactly."""
        return exact_product(value, self._rates[asset]) if asset in self._rates else value


def _check_rate(asset: str, rate: object) -> None:
    if not isinstance(rate, Decimal):
        raise ConfigurationError(
            f"the rate of {asset} is of type {type(rate).__name__}. Pass a Decimal, such as Decimal('1.08')"
        )
    if not rate.is_finite() or rate <= 0:
        raise ConfigurationError(f"the rate of {asset} is {rate}. Pass a finite number above zero")
    exponent = rate.as_tuple().exponent
    assert isinstance(exponent, int)  # noqa: S101  # only NaN and infinities have another exponent
    if rate.adjusted() >= _PLACES or exponent < -_PLACES:
        raise ConfigurationError(
            f"the rate of {asset} is {rate}. Pass a number with at most {_PLACES} digits before and after the point"
        )
