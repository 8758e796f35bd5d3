"""Build the tables of totals and exposure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .._models.records import Failure
from ..analysis import exposure as _exposure
from ..analysis import totals as _totals
from ..analysis.exposure import Exposure
from ..analysis.totals import OWNER, Total
from .tables import PartialSum, TableSpec, format_cell, format_empty

FIGURES: dict[type[Any], tuple[str, ...]] = {Total: _totals.FIGURES, Exposure: _exposure.FIGURES}
"""The figures of each model."""

# A column that distinguishes two lines must not be in here.
_DROPPABLE = (
    *("converted", "settled_cash", "buying_power", "long_market_value", "short_market_value", "instrument_type"),
    *("gross", "positions", "balances", "short", "long", "cash", "available", "quantity", "market_value", "net"),
)


def build_totals_tables(lines: Sequence[Total], failures: Sequence[Failure], by: str = "asset") -> list[TableSpec]:
    """Build the table of totals, and a table of the excluded balances if there are any."""
    tables = [_build_sums("Totals", by, lines, ("asset", "balances"), format_empty(failures, "balances"))]
    if alone := [line.alone for line in lines if line.alone is not None]:
        names = ("connection", "account_id", "asset", "network", *_totals.FIGURES)
        title = "Unit or asset unknown; excluded from totals"
        tables.append(TableSpec(title, names, [_format_cells(each, names) for each in alone], _DROPPABLE))
    return tables


def build_exposure_tables(lines: Sequence[Exposure], by: str, failures: Sequence[Failure] = ()) -> list[TableSpec]:
    """Build the table of exposures, and a table of the excluded positions if there are any."""
    names = ("symbol", "instrument_type", "currency", "positions")
    tables = [_build_sums("Exposure", by, lines, names, format_empty(failures, "positions"))]
    if alone := [line for line in lines if line.alone is not None]:
        owner = ("connection", "account_id", "symbol", "instrument_type", "currency")
        figures = ("quantity", "market_value")
        rows = [[*_format_cells(line, owner), *_format_cells(line.alone, figures)] for line in alone]
        title = "Currency or symbol unknown; excluded from exposure"
        tables.append(TableSpec(title, (*owner, *figures), rows, _DROPPABLE))
    return tables


def _build_sums(title: str, by: str, lines: Sequence[Any], names: tuple[str, ...], empty: str) -> TableSpec:
    figures = FIGURES[type(lines[0])] if lines else ()
    rows = [
        [
            *_format_cells(line, (*OWNER, *names)),
            *(PartialSum(line.figures[name], line.unstated[name]) for name in figures),
            ", ".join(line.converted),
        ]
        for line in lines
        if line.alone is None
    ]
    droppable = [name for name in _DROPPABLE if name != by]
    if by in ("connection", "account"):
        droppable.insert(0, "provider")
    columns = (*OWNER, *names, *figures, "converted")
    return TableSpec(f"{title} by {by.replace('_', ' ')}", columns, rows, droppable, empty=empty)


def _format_cells(row: Any, names: Iterable[str]) -> list[Any]:
    return [format_cell(row, name) for name in names]
