"""`onefolio totals` and `onefolio exposure`: sums that lack nothing without saying so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, get_args

import typer

from .._core.errors import ConfigurationError
from .._core.text import pluralize
from .._snapshots.snapshot import Snapshot
from ..analysis.exposure import Exposure, ExposureBy, exposure
from ..analysis.totals import Total, TotalsBy, totals
from ..providers.registry import known
from .output import Format, format_summary, print_csv, print_json
from .reading import (
    ConnectionOption,
    FormatOption,
    complete_connection,
    exit_with_failures,
    open_folio,
    read_snapshot,
    take_snapshot,
)
from .sums import build_exposure_tables, build_totals_tables
from .tables import TableSpec, print_tables


def _format_choices(literal: Any) -> str:
    first, *others = get_args(literal)
    return f"{first.capitalize()}, {', '.join(others)}"


RateOption = Annotated[
    list[str] | None,
    typer.Option("--rate", metavar="CODE=NUMBER", help="What one unit is worth in --into; may be repeated."),
]

IntoOption = Annotated[str | None, typer.Option("--into", metavar="CODE", help="Convert what has a rate into this.")]


def complete_currency() -> list[str]:
    """Return the completions of `--currency`."""
    return [f"{name}=" for name in complete_connection()]


def print_totals(
    by: Annotated[
        TotalsBy,
        typer.Option("--by", metavar="WHAT", help=f"{_format_choices(TotalsBy)}; within the last three by asset, too."),
    ] = "asset",
    rate: RateOption = None,
    into: IntoOption = None,
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Print the sums of the balances, by asset. Nothing is added across assets unless you give the rates.

    A balance whose unit or asset its provider does not state is in no sum; where some balances do not state a figure,
    the sum says how many.
    """
    rates = _parse_rates(rate, into)
    taken = take_snapshot(connection, ("balances",))
    lines = totals(taken.balances, by=by, rates=rates, into=into)
    _print(lines, Total, build_totals_tables(lines, by), taken, format)


def print_exposure(
    by: Annotated[
        ExposureBy,
        typer.Option("--by", metavar="WHAT", help=f"{_format_choices(ExposureBy)}; within each by currency, too."),
    ] = "instrument",
    currency: Annotated[
        list[str] | None,
        typer.Option(
            "--currency",
            metavar="NAME=CODE",
            envvar="ONEFOLIO_CURRENCY",
            autocompletion=complete_currency,
            help="The currency that a connection's or provider's positions do not state; may be repeated.",
        ),
    ] = None,
    rate: RateOption = None,
    into: IntoOption = None,
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Print what the positions come to: quantity, long, short, net and gross market value.

    Providers seldom state the currency of a position. Such positions are in no sum, unless you state it for them.
    """
    rates, currencies = _parse_rates(rate, into), _parse_pairs("--currency", currency)
    with open_folio() as folio:
        _check_names(currencies, {*folio.connections, *known()})
        taken = read_snapshot(folio, connection, ("positions",))
    lines = exposure(taken.positions, by=by, rates=rates, into=into, currencies=currencies)
    _print(lines, Exposure, build_exposure_tables(lines, by), taken, format, _format_currency_hint(lines))


def _print(
    lines: Sequence[Any], model: type[Any], tables: Sequence[TableSpec], taken: Snapshot, format: Format, hint: str = ""
) -> None:
    if format is Format.JSON:
        print_json(lines)
    elif format is Format.CSV:
        print_csv(lines, model)
    else:
        print_tables(*tables)
        print(format_summary(taken) + hint)
    exit_with_failures(taken.failures)


def _format_currency_hint(lines: Sequence[Exposure]) -> str:
    """Return how to state the currencies that nobody states."""
    unsaid = [line.connection for line in lines if line.currency is None]
    if not unsaid:
        return ""
    options = " ".join(f"--currency {name}=…" for name in dict.fromkeys(unsaid))
    return f"\n{pluralize(len(unsaid), 'position')} without a currency; if you know it: {options}"


def _parse_rates(stated: list[str] | None, into: str | None) -> dict[str, Decimal] | None:
    if bool(stated) is not bool(into):
        raise ConfigurationError("--rate and --into belong together, such as --rate EUR=1.08 --into USD")
    return {code: _parse_rate(code, text) for code, text in _parse_pairs("--rate", stated).items()} if stated else None


def _parse_rate(code: str, text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ConfigurationError(f"--rate {code}={text}: the rate is a number, such as {code}=1.08") from None


def _parse_pairs(option: str, stated: list[str] | None) -> dict[str, str]:
    """Return what options of the form NAME=VALUE state.

    Raises:
        ConfigurationError: one is not of the form, or states a name again.
    """
    found: dict[str, str] = {}
    for each in stated or ():
        name, _, value = each.partition("=")
        if not (name and value):
            raise ConfigurationError(f"{option} {each}: it has to be a name, = and a value, without blanks")
        if name in found:
            raise ConfigurationError(f"{option} states {name} twice")
        found[name] = value
    return found


def _check_names(currencies: Collection[str], names: set[str]) -> None:
    for name in currencies:
        if name not in names:
            there = ", ".join(sorted(names))
            raise ConfigurationError(f"--currency {name}=…: no connection or provider has this name; there is {there}")
