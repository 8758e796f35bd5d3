"""Print records as tables, JSON or CSV. No figure is ever a float."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any

from .._core.csv_writer import csv_writer
from .._core.text import pluralize
from .._models.columns import columns, flatten
from .._models.jsonable import to_jsonable
from .._models.records import TABLES, Failure
from .._snapshots.snapshot import Snapshot
from ..analysis.totals import totals
from .sums import FIGURES, build_totals_tables
from .tables import TableSpec, format_cell, format_empty, print_tables, print_text, select_failures


class Format(StrEnum):
    """The output format of records."""

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
"""The columns of tables. JSON and CSV contain all fields."""

# Columns that distinguish two rows are not in here, and neither is the unit, which is part of an amount's meaning.
_DROPPABLE = (
    *("restrictions", "opened", "currency", "settled_cash", "buying_power", "average_price", "instrument_type"),
    *("kind", "number", "unrealized_pnl", "price", "long_market_value", "short_market_value", "name", "side"),
    *("cash", "available", "status", "quantity"),
)


def print_rows(snapshot: Snapshot, table: Table, format: Format) -> None:
    """Print one table of a snapshot; its failures if it has no row because of them."""
    rows = getattr(snapshot, table)
    if format is Format.TABLE:
        print_tables(build_table(rows, table, snapshot.failures))
        if not snapshot.complete:
            print_text(format_summary(snapshot))
    elif not rows and select_failures(snapshot.failures, table):
        print_failures(snapshot, format)
    elif format is Format.JSON:
        print_json(rows)
    else:
        print_csv(rows, TABLES[table])


def print_failures(snapshot: Snapshot, format: Format) -> None:
    """Print the failures of a snapshot in place of rows, in a form that no program takes for an empty list of rows."""
    if format is Format.JSON:
        print_json(describe_snapshot(snapshot, Table.FAILURES))
    else:
        print_csv(snapshot.failures, TABLES[Table.FAILURES])


def describe_snapshot(snapshot: Snapshot, *tables: Table) -> dict[str, Any]:
    """Return the JSON object of a snapshot with some of its tables."""
    state = {"taken_at": snapshot.taken_at, "complete": snapshot.complete}
    return {**state, **{table.value: getattr(snapshot, table) for table in tables}}


def print_snapshot(snapshot: Snapshot, format: Format) -> None:
    """Print all tables of a snapshot, as one JSON object or as tables with totals."""
    if format is Format.JSON:
        print_json(describe_snapshot(snapshot, *Table))
        return
    failures = snapshot.failures
    tables = [build_table(getattr(snapshot, table), table, failures) for table in Table if table is not Table.FAILURES]
    tables += build_totals_tables(totals(snapshot.balances), failures)
    if failures:
        tables.append(build_table(failures, Table.FAILURES))
    print_tables(*tables)
    print_text(format_summary(snapshot))


def format_summary(snapshot: Snapshot) -> str:
    """Format the time of a snapshot, and whether it is complete."""
    state = "complete" if snapshot.complete else f"INCOMPLETE: {pluralize(len(snapshot.failures), 'failure')}"
    return f"Taken at {snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC, {state}."


def build_table(rows: Sequence[Any], table: Table, failures: Sequence[Failure] = ()) -> TableSpec:
    """Build a table of accounts, balances, positions or failures.

    Args:
        rows: its rows.
        table: the kind of the rows.
        failures: the failures of the snapshot, because of which rows may be missing.
    """
    names = TABLE_COLUMNS[table]
    cells = [[format_cell(row, name) for name in names] for row in rows]
    return TableSpec(
        table.value.capitalize(), names, cells, _DROPPABLE, wrapped="error", empty=format_empty(failures, table)
    )


def print_json(value: Any) -> None:
    """Print models, or a container of models, as JSON."""
    print(json.dumps(to_jsonable(value), indent=2))


def encode_html(page: str) -> str:
    """Return an HTML page in ASCII, since the encoding of the output need not be the one that the page declares."""
    return page.encode("ascii", "xmlcharrefreplace").decode()


def print_csv(rows: Iterable[Any], model: type[Any]) -> None:
    """Print rows of a model as CSV with a header."""
    writer = csv_writer(sys.stdout, list_csv_columns(model))
    writer.writeheader()
    writer.writerows(map(to_csv_row, rows))


def list_csv_columns(model: type[Any]) -> list[str]:
    """Return the CSV columns of a model; each figure of a sum has a column."""
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
    """Convert a model to a row of its CSV columns."""
    fields = to_jsonable(row)
    figures, unstated = fields.pop("figures", {}), fields.pop("unstated", {})
    if "alone" in fields:
        fields["alone"] = "false" if fields["alone"] is None else "true"
    return {**flatten(fields), **figures, **{f"{name}_unstated": number for name, number in unstated.items()}}
