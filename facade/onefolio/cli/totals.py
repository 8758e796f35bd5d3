"""`onefolio totals` and `onefolio exposure`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Annotated, Any, get_args

import typer

from .._core.errors import ConfigurationError
from .._core.text import pluralize
from .._snapshots.snapshot import Snapshot
from ..analysis.exposure import Exposure, ExposureBy, exposure
from ..analysis.totals import Total, TotalsBy, totals
from .output import Format, format_summary, print_csv, print_failures, print_json
from .pair_options import PairOption
from .reading import (
    ConnectionOption,
    FormatOption,
    complete_connection,
    exit_with_failures,
    read_settings,
    read_snapshot,
)
from .sums import build_exposure_tables, build_totals_tables
from .tables import TableSpec, print_tables, print_text

_RATE = PairOption("--rate", "CODE=NUMBER", "EUR=1.08")
_CURRENCY = PairOption("--currency", "NAME=CODE", "my_bank=USD")

RateOption = Annotated[
    list[str] | None,
    typer.Option(_RATE.name, metavar=_RATE.form, help="Exchange rate: the value of one CODE in --into. Repeatable."),
]

IntoOption = Annotated[
    str | None, typer.Option("--into", metavar="CODE", help="Convert amounts with a rate to this currency.")
]


def complete_currency() -> list[str]:
    """Return the completions of `--currency`."""
    return [f"{name}=" for name in complete_connection()]


def _format_choices(literal: Any) -> str:
    *names, last = get_args(literal)
    return f"{', '.join(names)} or {last}"


def print_totals(
    by: Annotated[
        TotalsBy, typer.Option("--by", metavar="GROUP", help=f"Group by {_format_choices(TotalsBy)}.")
    ] = "asset",
    rate: RateOption = None,
    into: IntoOption = None,
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Add balances by asset.

    Totals never mix assets, unless you pass exchange rates.

    Balances with an unknown unit or asset are excluded and listed separately.
    Each total states the number of missing values.
    """
    rates = _parse_rates(rate, into)
    snapshot = read_snapshot(connection, ("balances",))
    lines = totals(snapshot.balances, by=by, rates=rates, into=into)
    _print(lines, Total, build_totals_tables(lines, snapshot.failures, by), snapshot, format)


def print_exposure(
    by: Annotated[
        ExposureBy, typer.Option("--by", metavar="GROUP", help=f"Group by {_format_choices(ExposureBy)}.")
    ] = "instrument",
    currency: Annotated[
        list[str] | None,
        typer.Option(
            _CURRENCY.name,
            metavar=_CURRENCY.form,
            envvar="ONEFOLIO_CURRENCY",
            autocompletion=complete_currency,
            help="Currency of the positions of a connection or provider that do not state one. Repeatable.",
        ),
    ] = None,
    rate: RateOption = None,
    into: IntoOption = None,
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
) -> None:
    """Add positions by instrument: quantity, and long, short, net and gross value.

    Exposure never mixes currencies, unless you pass exchange rates.

    Some providers do not state the currency of a position. Such positions
    are excluded and listed separately, unless you pass --currency.
    """
    rates, currencies = _parse_rates(rate, into), _CURRENCY.parse(currency)
    settings = read_settings()
    _check_names(currencies, settings.connection_names())
    snapshot = read_snapshot(connection, ("positions",), settings)
    lines = exposure(snapshot.positions, by=by, rates=rates, into=into, currencies=currencies)
    tables = build_exposure_tables(lines, by, snapshot.failures)
    _print(lines, Exposure, tables, snapshot, format, _format_currency_hint(lines))


def _print(
    lines: Sequence[Any],
    model: type[Any],
    tables: Sequence[TableSpec],
    snapshot: Snapshot,
    format: Format,
    hint: str = "",
) -> None:
    if format is not Format.TABLE and not lines and snapshot.failures:
        print_failures(snapshot, format)
    elif format is Format.JSON:
        print_json(lines)
    elif format is Format.CSV:
        print_csv(lines, model)
    else:
        print_tables(*tables)
        print_text(format_summary(snapshot) + hint)
    exit_with_failures(snapshot.failures)


def _format_currency_hint(lines: Sequence[Exposure]) -> str:
    """Return a hint to pass `--currency` for positions without a currency; empty if there are no such positions."""
    connections = [line.connection for line in lines if line.currency is None]
    if not connections:
        return ""
    options = " ".join(f"--currency {name}=…" for name in dict.fromkeys(connections))
    return f"\n{pluralize(len(connections), 'position')} without a currency. If you know it, pass {options}"


def _parse_rates(values: list[str] | None, into: str | None) -> dict[str, Decimal] | None:
    if bool(values) is not bool(into):
        raise ConfigurationError("--rate and --into require each other, for example --rate EUR=1.08 --into USD")
    return _RATE.parse_decimals(values) if values else None


def _check_names(currencies: Collection[str], names: Collection[str]) -> None:
    for name in currencies:
        if name not in names:
            available = ", ".join(sorted(names))
            raise ConfigurationError(
                f"--currency {name}=…: unknown connection or provider {name!r}; available: {available}"
            )
