"""What is printed: tables for people, JSON and CSV for programs. No figure is ever a float."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from .._core.text import pluralize
from .._models.columns import columns, flatten
from .._models.jsonable import to_jsonable
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot
from ..analysis.totals import totals
from .sums import FIGURES, build_totals_tables
from .tables import TableSpec, format_cell, print_tables


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class Table(StrEnum):
    """The tables of a snapshot."""

    ACCOUNTS = "accounts"
    BALANCES = "balances"
    POSITIONS = "positions"
    FAILURES = "failures"


TABLE_COLUMNS: dict[Table, tuple[str, ...]] = {
    Table.ACCOUNTS: ("connection", "id", "name", "number", "status", "kind", "currency", "opened", "restrictions"),
    Table.BALANCES: (
        *("connection", "account_id", "asset", "network", "unit", "available", "cash", "equity", "buying_power"),
        *("long_market_value", "short_market_value"),
    ),
    Table.POSITIONS: (
        *("connection", "account_id", "symbol", "instrument_type", "side", "quantity", "average_price", "price"),
        *("market_value", "unrealized_pnl"),
    ),
    Table.FAILURES: ("connection", "operation", "account_id", "error"),
}
"""What a table for people shows; JSON and CSV have it all."""

DROPPABLE = (
    *("restrictions", "opened", "currency", "settled_cash", "buying_power", "average_price", "instrument_type"),
    *("kind", "number", "unrealized_pnl", "price", "long_market_value", "short_market_value", "network", "name"),
)
"""What a narrow terminal does without, the first of these first."""


def print_rows(rows: Sequence[Any], table: Table, format: Format) -> None:
    """Print the rows of one table."""
    if format is Format.JSON:
        print_json(rows)
    elif format is Format.CSV:
        print_csv(rows, TABLES[table])
    else:
        print_tables(build_table(rows, table))


def print_snapshot(snapshot: Snapshot, format: Format) -> None:
    """Print a whole snapshot; a table for people has the totals by asset, too."""
    if format is Format.JSON:
        print_json({table.value: getattr(snapshot, table) for table in Table})
        return
    tables = [build_table(getattr(snapshot, table), table) for table in Table if table is not Table.FAILURES]
    tables += build_totals_tables(totals(snapshot.balances))
    if snapshot.failures:
        tables.append(build_table(snapshot.failures, Table.FAILURES))
    print_tables(*tables)
    print(format_summary(snapshot))


def format_summary(snapshot: Snapshot) -> str:
    """Return when a snapshot was taken, and whether it is all there."""
    found = "complete" if snapshot.complete else f"NOT complete: {pluralize(len(snapshot.failures), 'failure')}"
    return f"Taken at {snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC, {found}."


def build_table(rows: Sequence[Any], table: Table) -> TableSpec:
    """Return the table of accounts, balances, positions or failures."""
    names = TABLE_COLUMNS[table]
    return TableSpec(
        table.value.capitalize(), names, [[format_cell(row, name) for name in names] for row in rows], DROPPABLE
    )


def print_json(value: Any) -> None:
    """Print models, or what holds them, as JSON."""
    print(json.dumps(to_jsonable(value), indent=2))


def print_csv(rows: Iterable[Any], model: type[Any]) -> None:
    """Print rows of a model as CSV, with a line of names."""
    writer = csv.DictWriter(sys.stdout, list_csv_columns(model), lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(to_csv_row, rows))


def list_csv_columns(model: type[Any]) -> list[str]:
    """Return the columns of a model's rows; the figures of a sum stand beside the rest."""
    names: list[str] = []
    for name in columns(model):
        if name == "figures":
            names += FIGURES[model]
        elif name == "unstated":
            names += [f"{each}_unstated" for each in FIGURES[model]]
        else:
            names.append(name)
    return names


def to_csv_row(row: Any) -> dict[str, Any]:
    """Return a model as a row of those columns."""
    found = to_jsonable(row)
    figures, unstated = found.pop("figures", {}), found.pop("unstated", {})
    if "alone" in found:
        found["alone"] = "false" if found["alone"] is None else "true"
    return {**flatten(found), **figures, **{f"{name}_unstated": number for name, number in unstated.items()}}
