"""Exposure that never lies: no value is added to one whose currency is unknown or another one."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from decimal import Decimal
from typing import Literal, TypeAlias, get_args

from attrs import frozen

from .._core.decimals import exact_sum
from .._core.errors import ConfigurationError
from .._models.records import InstrumentType, Option, Position
from .exchange_rates import ExchangeRates
from .totals import owner, owner_names

FIGURES = ("quantity", "long", "short", "net", "gross")
"""The figures of an exposure; all but the first are market values."""

ExposureBy: TypeAlias = Literal["instrument", "instrument_type", "currency", "provider", "connection", "account"]


@frozen
class Exposure:
    """What positions come to in one currency, or a single position that can be added to no other.

    Attributes:
        provider: whose positions they are; None where they may be of several.
        connection: through which connection they came; None where it may be several.
        account_id: of which account; None where it may be several.
        instrument_type: of all of them; None where there may be several.
        symbol: of the one instrument they are of, an option's without blanks; None where there may be several.
        option: what the symbol of an option says.
        currency: of the market values; None where nobody said.
        alone: the position that stands by itself, because nobody said its currency or, by instrument, nothing tells
            which it is of; None for a sum.
        positions: how many positions were added.
        figures: exact sums of what is stated, None where nothing is: `quantity`, None also where the positions are of
            several instruments; and of the market values `long`, those above zero, `short`, those below zero, `net`,
            both of them, and `gross`, long less short.
        unstated: by the same names, how many of the positions do not state the figure.
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
    positions: Iterable[Position],
    *,
    by: ExposureBy = "instrument",
    rates: Mapping[str, Decimal] | None = None,
    into: str | None = None,
    currencies: Mapping[str, str] | None = None,
) -> list[Exposure]:
    """Return what positions come to, by currency in each group, then the positions that stand by themselves.

    Two positions are of the same instrument where type and symbol are the same, and for a type that this version does
    not know, the provider's own word for it; the blanks in an option's symbol do not count. No symbol is guessed to
    mean another one.

    Args:
        positions: of any accounts.
        by: `"instrument"`, `"instrument_type"`, `"currency"`, `"provider"`, `"connection"` or `"account"`.
        rates: what one unit of a currency is worth in `into`. A currency without a rate keeps lines of its own.
        into: the currency to convert into.
        currencies: the currency of the positions that do not state one, by the name of a connection or a provider; the
            connection's comes first.

    Returns:
        The sums in alphabetical order, then the positions that stand by themselves, in the order given.

    Raises:
        ConfigurationError: `by` is another word, a currency is no text, `rates` comes without `into` or the other way
            round, or a rate is no finite Decimal above zero.
    """
    if by not in get_args(ExposureBy):
        raise ConfigurationError(f"by is one of {', '.join(get_args(ExposureBy))}, not {by!r}")
    stated = dict(currencies or {})
    for name, code in stated.items():
        if not (isinstance(code, str) and code):
            raise ConfigurationError(f"the currency of {name} is a code, such as 'USD', not {code!r}")
    worth = ExchangeRates(rates, into)
    groups: dict[tuple[Hashable, ...], list[_Held]] = {}
    alone = []
    for position in positions:
        currency = position.currency or stated.get(position.connection) or stated.get(position.provider)
        instrument = _instrument(position)
        held = _Held(position, instrument, currency)
        if currency is None or (by == "instrument" and instrument is None):
            alone.append(held)
        else:
            key = (*_group(position, instrument, by), worth.unit(currency))
            groups.setdefault(key, []).append(held)
    sums = [_exposure(group, by, worth, str(key[-1])) for key, group in groups.items()]
    return [
        *sorted(sums, key=_order),
        *(_exposure([held], "account", worth, held.currency, alone=held.position) for held in alone),
    ]


@frozen
class _Held:
    """A position, what it is of, and the currency it is valued in as far as anybody knows."""

    position: Position
    instrument: Hashable
    currency: str | None


def _instrument(position: Position) -> Hashable:
    """Return what two positions have in common that are of the same instrument; None where nothing tells."""
    if not position.symbol:
        return None
    word = position.native_instrument_type if position.instrument_type is InstrumentType.UNKNOWN else None
    return position.instrument_type, word, position.option or position.symbol


def _group(position: Position, instrument: Hashable, by: ExposureBy) -> tuple[Hashable, ...]:
    if by == "instrument":
        return (instrument,)
    return (position.instrument_type,) if by == "instrument_type" else owner(position, by)


def _exposure(
    group: list[_Held], by: ExposureBy, worth: ExchangeRates, currency: str | None, alone: Position | None = None
) -> Exposure:
    first = group[0].position
    quantities = [each.position.quantity for each in group if each.position.quantity is not None]
    of_one = alone is not None or (group[0].instrument is not None and len({each.instrument for each in group}) == 1)
    values = [_value(each, worth, alone) for each in group]
    figures = {"quantity": exact_sum(quantities) if quantities and of_one else None}
    figures |= _market_values([value for value in values if value is not None])
    unvalued = values.count(None)
    by_type = alone is not None or by in ("instrument", "instrument_type")
    by_symbol = alone is not None or by == "instrument"
    return Exposure(
        **owner_names(owner(first, by)),
        instrument_type=first.instrument_type if by_type else None,
        symbol=_symbol(first) if by_symbol else None,
        option=first.option if by_symbol else None,
        currency=currency,
        alone=alone,
        positions=len(group),
        figures=figures,
        unstated=dict.fromkeys(FIGURES, unvalued) | {"quantity": len(group) - len(quantities)},
        converted=tuple(sorted({each.currency for each in group if each.currency and each.currency != currency})),
    )


def _value(held: _Held, worth: ExchangeRates, alone: Position | None) -> Decimal | None:
    """Return a market value in the currency of its line."""
    value = held.position.market_value
    return value if value is None or held.currency is None or alone else worth.worth(value, held.currency)


def _market_values(values: list[Decimal]) -> dict[str, Decimal | None]:
    if not values:
        return {"long": None, "short": None, "net": None, "gross": None}
    long = exact_sum([value for value in values if value > 0])
    short = exact_sum([value for value in values if value < 0])
    return {"long": long, "short": short, "net": exact_sum([long, short]), "gross": exact_sum([long, short.copy_abs()])}


def _symbol(position: Position) -> str | None:
    return position.symbol if position.option is None or position.symbol is None else position.symbol.replace(" ", "")


def _order(line: Exposure) -> tuple[str, ...]:
    kind = line.instrument_type or ""
    owners = (line.provider or "", line.connection or "", line.account_id or "")
    return (*owners, line.symbol or "", kind, line.currency or "")
