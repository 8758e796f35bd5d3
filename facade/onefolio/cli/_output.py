"""What is printed: tables for people, JSON and CSV for programs. No figure is ever a float."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs
from rich import box
from rich.console import Console
from rich.table import Table as RichTable

from .._models import Account, Balance, Failure, Option, Position, Snapshot, Unit
from .._plain import plain
from .._totals import FIGURES, Total, totals

PIPED_WIDTH = 1000
"""Columns that a table may take where no terminal limits it."""


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


_MODELS: dict[Table, type[Any]] = {
    Table.ACCOUNTS: Account,
    Table.BALANCES: Balance,
    Table.POSITIONS: Position,
    Table.FAILURES: Failure,
}
_SHOWN: dict[Table, tuple[str, ...]] = {
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


def print_rows(rows: Sequence[Any], table: Table, format: Format) -> None:
    """Print the rows of one table."""
    if format is Format.JSON:
        print(json.dumps(plain(rows), indent=2))
    elif format is Format.CSV:
        _print_csv(rows, _MODELS[table])
    else:
        _console().print(_models_table(rows, table))


def print_snapshot(snapshot: Snapshot, format: Format) -> None:
    """Print a whole snapshot; a table for people has the totals by asset, too."""
    if format is Format.JSON:
        print(json.dumps({table.value: plain(getattr(snapshot, table)) for table in Table}, indent=2))
        return
    console = _console()
    for table in (Table.ACCOUNTS, Table.BALANCES, Table.POSITIONS):
        console.print(_models_table(getattr(snapshot, table), table))
    found = totals(snapshot.balances)
    sums = [each for each in found if each.alone is None]
    alone = [each.alone for each in found if each.alone is not None]
    console.print(_sums_table(sums))
    if alone:
        rows = [(each.connection, each.account_id, each.asset, each.network, each.available) for each in alone]
        title = "As sent: the provider does not state the unit, so these are in no total"
        console.print(_table(title, ("connection", "account_id", "asset", "network", "available"), rows))
    if snapshot.failures:
        console.print(_models_table(snapshot.failures, Table.FAILURES))
    console.print(f"\nTaken at {snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC, {_completeness(snapshot)}.")


def print_objects(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print a table of other values."""
    _console().print(_table(title, columns, rows))


def _completeness(snapshot: Snapshot) -> str:
    return "complete" if snapshot.complete else f"NOT complete: {len(snapshot.failures)} failures"


def _console() -> Console:
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, PIPED_WIDTH)
    return console


def _models_table(rows: Sequence[Any], table: Table) -> RichTable:
    names = _SHOWN[table]
    return _table(table.value.capitalize(), names, [[getattr(row, name) for name in names] for row in rows])


def _sums_table(sums: Sequence[Total]) -> RichTable:
    rows = [(each.asset, each.balances, *(_gap(each, name) for name in FIGURES)) for each in sums]
    return _table("Totals by asset", ("asset", "balances", *FIGURES), rows)


def _gap(total: Total, figure: str) -> str | Decimal | None:
    """Return a sum, and how many balances it leaves out because they do not state the figure."""
    value, unstated = total.figures[figure], total.unstated[figure]
    if value is None or not unstated:
        return value
    return f"{_text(value)} ({unstated} unstated)"


def _table(title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> RichTable:
    """Return a table of the columns that have a value in any row, figures to the right."""
    table = RichTable(title=f"\n{title}", title_justify="left", title_style="bold", caption_justify="left")
    table.box, table.show_edge = box.SIMPLE_HEAD, False
    shown = [number for number in range(len(columns)) if not rows or any(_text(row[number]) for row in rows)]
    for number in shown:
        figures = any(isinstance(row[number], (Decimal, int)) for row in rows)
        # Folded where the terminal is narrow: a figure that is cut off would be another figure.
        table.add_column(columns[number].replace("_", " "), justify="right" if figures else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(row[number]) for number in shown))
    if not rows:
        table.caption = "none"
    return table


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, ",f")
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, Unit):
        return "" if value is Unit.MAJOR else value.name.lower().replace("_", " ")
    return "" if value is None else str(value)


def _print_csv(rows: Sequence[Any], model: type[Any]) -> None:
    names = []
    for field in attrs.fields(model):
        if field.name == "option":
            names += [f"option_{each.name}" for each in attrs.fields(Option)]
        elif field.name != "raw":
            names.append(field.name)
    writer = csv.DictWriter(sys.stdout, names, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(_flat(plain(row)))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row whose every value is a text: a nested model's fields stand beside the others."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        if name == "option":
            flat |= {f"option_{key}": item for key, item in (value or {}).items()}
        elif isinstance(value, list):
            flat[name] = " ".join(value)
        elif isinstance(value, dict):
            flat[name] = json.dumps(value)
        else:
            flat[name] = value
    return flat
