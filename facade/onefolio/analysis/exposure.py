"""Exposure of positions. An exposure never mixes currencies, and excludes positions whose currency is unknown."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from attrs import frozen

from .._core.decimals import exact_sum
from .._core.errors import ConfigurationError
from .._models.pydantic_schema import PydanticSchema
from .._models.records import InstrumentType, Option, Position
from .._tables.frames import SnapshotRows
from .exchange_rates import ExchangeRates
from .rows import rows_of
from .totals import owner, owner_fields

FIGURES = ("quantity", "long", "short", "net", "gross")
"""The figures of an exposure; all except `quantity` are market values."""

ExposureBy: TypeAlias = Literal["instrument", "instrument_type", "currency", "provider", "connection", "account"]


@frozen
class Exposure(PydanticSchema):
    """The sum of positions in one currency, or one position that cannot be added to others.

    A position cannot be added if its currency is unknown or, with `by="instrument"`, if it has no symbol.

    Attributes:
        provider: the provider of the positions; None if they may have different ones.
        connection: the connection of the positions; None if they may have different ones.
        account_id: the account of the positions; None if they may have different ones.
        instrument_type: the type of the instruments; None if they may have different ones.
        symbol: the symbol of the instrument, without spaces for an option; None if there may be several instruments.
        option: the terms of the option; None for other instruments or if there may be several.
        currency: the currency of the market values; None if it is unknown.
        alone: the position that cannot be added to others; None for a sum.
        positions: the number of positions.
        figures: the exact sum of each figure; None if no position states it. `quantity` is also None if the positions
            are of several instruments. `long` is the sum of the positive market values, `short` of the negative ones,
            `net` is `long + short`, and `gross` is `long - short`.
        unstated: the number of positions that do not state a figure, by the same names.
        converted: the currencies that were converted into `currency`, in alphabetical order.
    """

    provider: str | None
    connection: str | None
    account_id: str | None
    instrument_type: InstrumentType | None
    symbol: str | None
    option: Option | None
    currency: str | None
    alone: Position | None
    positions: int
    figures: dict[str, Decimal | None]
    unstated: dict[str, int]
    converted: tuple[str, ...]


def exposure(
    positions: Iterable[Position] | SnapshotRows,
    *,
    by: ExposureBy = "instrument",
    rates: Mapping[str, Decimal] | None = None,
    into: str | None = None,
    currencies: Mapping[str, str] | None = None,
) -> list[Exposure]:
    """Add the market values of positions by group and currency. Each position is in exactly one exposure.

    Two positions have the same instrument if their type and symbol are equal. For an UNKNOWN type the provider's type
    must be equal too. Spaces in an option symbol are ignored. Different symbols are never treated as one instrument.

    Args:
        positions: positions of any accounts, or a snapshot, whose positions are added.
        by: the group: `"instrument"` (the default), `"instrument_type"`, `"currency"`, `"provider"`, `"connection"` or
            `"account"`.
        rates: the price of one unit of each currency in `into`. A currency without a rate is not converted.
        into: the currency into which market values are converted.
        currencies: the currency of positions that do not state one, by name of a connection or provider. A connection
            takes precedence over its provider.

    Returns:
        The sums in alphabetical order, then the positions that cannot be added, in the order of `positions`.

    Raises:
        ConfigurationError: `positions` has other objects, `by` has another value, a currency is not a string, only one
            of `rates` and `into` is given, or a rate is not a finite Decimal above zero.
    """
    if by not in get_args(ExposureBy):
        raise ConfigurationError(f"by={by!r} is unknown; available: {', '.join(get_args(ExposureBy))}")
    currencies = _checked_currencies(currencies)
    exchange_rates = ExchangeRates(rates, into)
    groups: dict[tuple[Hashable, ...], list[_Holding]] = {}
    alone = []
    for position in rows_of(positions, "positions"):
        holding = _holding(position, currencies)
        if holding.currency is None or (by == "instrument" and holding.instrument is None):
            alone.append(holding)
        else:
            key = (*_group(holding, by), exchange_rates.target(holding.currency))
            groups.setdefault(key, []).append(holding)
    sums = [_sum(group, by, exchange_rates, str(key[-1])) for key, group in groups.items()]
    return [
        *sorted(sums, key=_sort_key),
        *(_sum([each], "account", exchange_rates, each.currency, alone=each.position) for each in alone),
    ]


@frozen
class _Holding:
    """A position with its instrument and currency.

    Attributes:
        position: the position.
        instrument: equal for positions of the same instrument; None if the position has no symbol.
        currency: the stated or supplied currency; None if it is unknown.
    """

    position: Position
    instrument: Hashable
    currency: str | None


def _checked_currencies(currencies: Mapping[str, str] | None) -> dict[str, str]:
    """Return the supplied currencies.

    Raises:
        ConfigurationError: A currency is empty or not a string.
    """
    for name, code in (currencies or {}).items():
        if not (isinstance(code, str) and code):
            raise ConfigurationError(f"the currency of {name} is {code!r}. Pass the code of a currency, such as 'USD'")
    return dict(currencies or {})


def _holding(position: Position, currencies: Mapping[str, str]) -> _Holding:
    currency = position.currency or currencies.get(position.connection) or currencies.get(position.provider)
    return _Holding(position, _instrument(position), currency)


def _instrument(position: Position) -> Hashable:
    if not position.symbol:
        return None
    native = position.native_instrument_type if position.instrument_type is InstrumentType.UNKNOWN else None
    return position.instrument_type, native, position.option or position.symbol


def _group(holding: _Holding, by: ExposureBy) -> tuple[Hashable, ...]:
    if by == "instrument":
        return (holding.instrument,)
    return (holding.position.instrument_type,) if by == "instrument_type" else owner(holding.position, by)


def _sum(
    group: list[_Holding],
    by: ExposureBy,
    exchange_rates: ExchangeRates,
    currency: str | None,
    alone: Position | None = None,
) -> Exposure:
    first = group[0].position
    has_type = alone is not None or by in ("instrument", "instrument_type")
    has_symbol = alone is not None or by == "instrument"
    values = [_value(each, exchange_rates, alone) for each in group]
    quantities = [each.position.quantity for each in group if each.position.quantity is not None]
    has_quantity = alone is not None or _has_one_instrument(group)
    return Exposure(
        **owner_fields(owner(first, by)),
        instrument_type=first.instrument_type if has_type else None,
        symbol=_symbol(first) if has_symbol else None,
        option=first.option if has_symbol else None,
        currency=currency,
        alone=alone,
        positions=len(group),
        figures={
            "quantity": exact_sum(quantities) if quantities and has_quantity else None,
            **_market_values([value for value in values if value is not None]),
        },
        unstated={**dict.fromkeys(FIGURES, values.count(None)), "quantity": len(group) - len(quantities)},
        converted=tuple(sorted({each.currency for each in group if each.currency and each.currency != currency})),
    )


def _has_one_instrument(group: list[_Holding]) -> bool:
    return group[0].instrument is not None and len({each.instrument for each in group}) == 1


def _value(holding: _Holding, exchange_rates: ExchangeRates, alone: Position | None) -> Decimal | None:
    """Return the market value of a holding in the currency of its exposure."""
    value = holding.position.market_value
    if value is None or holding.currency is None or alone:
        return value
    return exchange_rates.convert(value, holding.currency)


def _market_values(values: list[Decimal]) -> dict[str, Decimal | None]:
    if not values:
        return {"long": None, "short": None, "net": None, "gross": None}
    long = exact_sum([value for value in values if value > 0])
    short = exact_sum([value for value in values if value < 0])
    return {"long": long, "short": short, "net": exact_sum([long, short]), "gross": exact_sum([long, short.copy_abs()])}


def _symbol(position: Position) -> str | None:
    return position.symbol if position.option is None or position.symbol is None else position.symbol.replace(" ", "")


def _sort_key(line: Exposure) -> tuple[str, ...]:
    kind = line.instrument_type or ""
    owners = (line.provider or "", line.connection or "", line.account_id or "")
    return (*owners, line.symbol or "", kind, line.currency or "")
