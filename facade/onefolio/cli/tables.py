"""Tables for people: drawn as texts, as wide as the terminal or as wide as they are."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from .._models.records import Unit

PIPED_WIDTH = 1000
"""Columns that a table may take where no terminal limits it."""

HIGHLIGHT = "bold yellow"
"""How a value looks that stands out."""

MAX_ID_LENGTH = 12
"""Characters beyond which an account's id is shortened where it only refers to an account."""

_SPACING = 3
"""Columns between two columns of a table."""


class TableSpec(NamedTuple):
    """A table for people.

    Attributes:
        title: what stands above it.
        columns: their names.
        rows: a value for every column.
        droppable: columns to do without where the terminal is too narrow, the first of them first.
        highlights: by the number of a row, the columns whose values stand out.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    droppable: Sequence[str] = ()
    highlights: Mapping[int, Collection[str]] = {}


class PartialSum(NamedTuple):
    """A sum, and how many of what was added do not state the figure."""

    value: Decimal | None
    unstated: int


def print_tables(*tables: TableSpec) -> None:
    """Print tables for people, with as many of their columns as the terminal has room for."""
    console = create_console()
    room = console.width if sys.stdout.isatty() else PIPED_WIDTH
    for spec in tables:
        # Wider than the terminal if need be: a figure that is cut off would be misread.
        console.print(render_table(spec, room), soft_wrap=True)


def create_console() -> Console:
    """Return what tables are printed on: as they are, for what a provider sent is no markup."""
    return Console(highlight=False, markup=False, emoji=False)


def render_table(spec: TableSpec, room: int) -> Text:
    """Return a table as a text, with as many of its columns as there is room for.

    It looks as rich's own tables do, which take half a millisecond a row.
    """
    rows = [list(zip_longest(*(_format_value(value).split("\n") for value in row), fillvalue="")) for row in spec.rows]
    texts = zip(*(line for row in rows for line in row), strict=True)
    needed = [max(map(cell_len, column)) for column in texts] or [1] * len(spec.columns)
    widths = {
        name: max(width, len(_format_heading(name))) for name, width in zip(spec.columns, needed, strict=True) if width
    }
    droppable = [name for name in spec.droppable if name in widths]
    while (width := sum(widths.values()) + _SPACING * (len(widths) - 1)) > room and droppable:
        del widths[droppable.pop(0)]
    columns = [_create_column(spec, number, widths[name]) for number, name in enumerate(spec.columns) if name in widths]
    text = Text(no_wrap=True, overflow="ignore", end="")
    text.append(f"{spec.title}\n", "bold")
    _append_line(text, [(column.align(_format_heading(column.name)), "bold") for column in columns])
    text.append("─" * width + "\n")
    for number, row in enumerate(rows):
        highlights = spec.highlights.get(number, ())
        for line in row:
            cells = [
                (column.align(line[column.number]), HIGHLIGHT if column.name in highlights else "")
                for column in columns
            ]
            _append_line(text, cells)
    if not rows:
        text.append("none\n", "dim italic")
    return text


class _Column(NamedTuple):
    """One column of a table that is drawn."""

    number: int
    name: str
    width: int
    right: bool

    def align(self, text: str) -> str:
        """Return a text with the blanks around it that fill the column."""
        blanks = " " * (self.width - cell_len(text))
        return blanks + text if self.right else text + blanks


def _create_column(spec: TableSpec, number: int, width: int) -> _Column:
    right = any(isinstance(row[number], (Decimal, int, PartialSum)) for row in spec.rows)
    return _Column(number, spec.columns[number], width, right)


def _append_line(text: Text, cells: Sequence[tuple[str, str]]) -> None:
    """Add a line to a text: its cells and their styles."""
    between = " " * _SPACING
    if not any(style for _, style in cells):
        text.append(between.join(cell for cell, _ in cells).rstrip() + "\n")
        return
    for number, (cell, style) in enumerate(cells):
        text.append(between if number else "")
        text.append(cell, style)
    text.append("\n")


def format_cell(row: Any, name: str) -> Any:
    """Return a field for people: an account's long id is whole in the table of accounts, and short elsewhere."""
    value = getattr(row, name)
    return f"{value[:4]}…{value[-6:]}" if name == "account_id" and value and len(value) > MAX_ID_LENGTH else value


def _format_heading(name: str) -> str:
    return name.replace("account_id", "account").replace("_", " ")


def _format_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, ",f")
    if isinstance(value, PartialSum):
        # Where nobody states the figure, there is no sum that lacks anything.
        known = value.value is None or not value.unstated
        return _format_value(value.value) + ("" if known else f" ({value.unstated} unstated)")
    if isinstance(value, frozenset):
        return ", ".join(sorted(value))
    if isinstance(value, Unit):
        return "" if value is Unit.MAJOR else value.name.lower().replace("_", " ")
    return "" if value is None else replace_controls(str(value))


def replace_controls(text: str) -> str:
    """Return a text that commands nothing to a terminal, whatever a provider sent."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)
