"""What is printed: tables for people, JSON and CSV for programs. No figure is ever a float."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table as RichTable

from .._models import TABLES, Snapshot, Unit
from .._plain import columns, counted, flat, plain
from .._totals import FIGURES, Total, totals

PIPED_WIDTH = 1000
"""Columns that a table may take where no terminal limits it."""


GAP = 3
"""Columns between two columns of a table."""

LONG_ID = 12
"""Characters beyond which an account's id is shortened where it only refers to an account."""


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

_SPARE = (
    *("restrictions", "opened", "currency", "settled_cash", "buying_power", "average_price", "instrument_type"),
    *("kind", "number", "unrealized_pnl", "price", "long_market_value", "short_market_value", "network", "name"),
)
"""What a narrow terminal does without, the first of these first."""


def print_rows(rows: Sequence[Any], table: Table, format: Format) -> None:
    """Print the rows of one table."""
    if format is Format.JSON:
        print(json.dumps(plain(rows), indent=2))
    elif format is Format.CSV:
        _print_csv(rows, TABLES[table])
    else:
        print_sheets(_models_sheet(rows, table))


def print_snapshot(snapshot: Snapshot, format: Format) -> None:
    """Print a whole snapshot; a table for people has the totals by asset, too."""
    if format is Format.JSON:
        print(json.dumps({table.value: plain(getattr(snapshot, table)) for table in Table}, indent=2))
        return
    found = totals(snapshot.balances)
    sheets = [_models_sheet(getattr(snapshot, table), table) for table in Table if table is not Table.FAILURES]
    sheets.append(_sums_sheet([each for each in found if each.alone is None]))
    if alone := [each.alone for each in found if each.alone is not None]:
        rows = [(each.connection, each.account_id, each.asset, each.network, each.available) for each in alone]
        title = "As sent: the provider does not state the unit, so these are in no total"
        sheets.append(Sheet(title, ("connection", "account_id", "asset", "network", "available"), rows))
    if snapshot.failures:
        sheets.append(_models_sheet(snapshot.failures, Table.FAILURES))
    print_sheets(*sheets)
    print(f"Taken at {described(snapshot)}.")


class Sheet(NamedTuple):
    """A table for people.

    Attributes:
        title: what stands above it.
        columns: their names.
        rows: a value for every column.
        spare: columns to do without where the terminal is too narrow, the first of them first.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    spare: Sequence[str] = ()


def print_sheets(*sheets: Sheet) -> None:
    """Print tables for people, with as many of their columns as the terminal has room for."""
    console = Console(highlight=False, markup=False, emoji=False)
    room = console.width if console.is_terminal else PIPED_WIDTH
    for sheet in sheets:
        texts = [[_text(value) for value in row] for row in sheet.rows]
        widths = {
            name: max((cell_len(row[number]) for row in texts), default=0) for number, name in enumerate(sheet.columns)
        }
        shown = [name for name in sheet.columns if widths[name] or not texts]
        spare = [name for name in sheet.spare if name in shown]
        while (width := sum(max(widths[name], len(_heading(name))) + GAP for name in shown)) > room and spare:
            shown.remove(spare.pop(0))
        # Wider than the terminal if need be: a figure that is cut off would be misread.
        console.width = max(room, width)
        console.print(_rich_table(sheet, texts, shown), crop=False)
        console.print()


def described(snapshot: Snapshot) -> str:
    """Return when a snapshot was taken, and whether everything was read."""
    complete = "complete" if snapshot.complete else f"NOT complete: {counted(len(snapshot.failures), 'failure')}"
    return f"{snapshot.taken_at:%Y-%m-%d %H:%M:%S} UTC, {complete}"


def _models_sheet(rows: Sequence[Any], table: Table) -> Sheet:
    names = _SHOWN[table]
    return Sheet(table.value.capitalize(), names, [[_shown(row, name) for name in names] for row in rows], _SPARE)


def _shown(row: Any, name: str) -> Any:
    """Return a field for people: an account's long id is whole in the table of accounts, and short elsewhere."""
    value = getattr(row, name)
    return f"{value[:4]}…{value[-6:]}" if name == "account_id" and value and len(value) > LONG_ID else value


def _sums_sheet(sums: Sequence[Total]) -> Sheet:
    rows = [(each.asset, each.balances, *(_gap(each, name) for name in FIGURES)) for each in sums]
    return Sheet("Totals by asset", ("asset", "balances", *FIGURES), rows, _SPARE)


def _gap(total: Total, figure: str) -> str | Decimal | None:
    """Return a sum, and how many balances it leaves out because they do not state the figure."""
    value, unstated = total.figures[figure], total.unstated[figure]
    if value is None or not unstated:
        return value
    return f"{_text(value)} ({unstated} unstated)"


def _heading(name: str) -> str:
    return name.replace("account_id", "account").replace("_", " ")


def _rich_table(sheet: Sheet, texts: Sequence[Sequence[str]], shown: Sequence[str]) -> RichTable:
    table = RichTable(title=sheet.title, title_justify="left", title_style="bold", caption_justify="left")
    table.box, table.show_edge, table.pad_edge = box.SIMPLE_HEAD, False, False
    table.caption = None if texts else "none"
    numbers = [number for number, name in enumerate(sheet.columns) if name in shown]
    for number in numbers:
        figures = any(isinstance(row[number], (Decimal, int)) for row in sheet.rows)
        table.add_column(_heading(sheet.columns[number]), justify="right" if figures else "left", no_wrap=True)
    for row in texts:
        table.add_row(*(row[number] for number in numbers))
    return table


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, ",f")
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, Unit):
        return "" if value is Unit.MAJOR else value.name.lower().replace("_", " ")
    text = "" if value is None else str(value)
    # What a provider sent is no command to the terminal.
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _print_csv(rows: Sequence[Any], model: type[Any]) -> None:
    writer = csv.DictWriter(sys.stdout, columns(model), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(flat(plain(row)))
