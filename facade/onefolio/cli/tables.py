"""Render tables as text."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from attrs import frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from onefolio_runtime import replace_controls

from .._models.records import Unit

PIPED_WIDTH = 1000
"""Characters per line if the output is not a terminal."""

HIGHLIGHT = "bold yellow"
"""The style of a highlighted value."""

MAX_ID_LENGTH = 12
"""Characters of an account's id; a longer id is shortened, except in the table of accounts."""

_SPACING = 3
"""Spaces between two columns."""

_Lines: TypeAlias = list[tuple[str, ...]]
"""The lines of a row. A value with line breaks takes several."""


class TableSpec(NamedTuple):
    """The content of a table.

    Attributes:
        title: the line above the table.
        columns: the names of the columns.
        rows: a value for each column.
        droppable: the columns to leave out if the terminal is too narrow; the first one is left out first.
        highlights: the columns to highlight, by the index of the row.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    droppable: Sequence[str] = ()
    highlights: Mapping[int, Collection[str]] = {}


class PartialSum(NamedTuple):
    """A sum, and the number of missing values.

    Attributes:
        value: the sum of the values that are stated; None if no value is stated.
        missing: the number of values that are not stated.
    """

    value: Decimal | None
    missing: int


def print_tables(*tables: TableSpec) -> None:
    """Print tables, without the droppable columns that do not fit the terminal."""
    console = create_console()
    width = console.width if sys.stdout.isatty() else PIPED_WIDTH
    for spec in tables:
        # A table may be wider than the terminal, because a truncated figure would be misread.
        console.print(render_table(spec, width), soft_wrap=True)


def create_console() -> Console:
    """Create the console for tables. It interprets no markup, since cells contain strings from providers."""
    return Console(highlight=False, markup=False, emoji=False)


def render_table(spec: TableSpec, width: int) -> Text:
    """Render a table in the style of rich, whose own tables are too slow for thousands of rows.

    Args:
        spec: the content.
        width: the width in characters that the table should not exceed.
    """
    rows = [_split_lines(row) for row in spec.rows]
    columns = _fit_columns(spec, rows, width)
    text = Text(no_wrap=True, overflow="ignore", end="")
    text.append(f"{spec.title}\n", "bold")
    _append_line(text, [(column.align(_format_heading(column.name)), "bold") for column in columns])
    text.append("─" * _measure([column.width for column in columns]) + "\n")
    for index, lines in enumerate(rows):
        highlights = spec.highlights.get(index, ())
        for line in lines:
            _append_line(text, [column.render(line, highlights) for column in columns])
    if not rows:
        text.append("none\n", "dim italic")
    return text


def read_cell(row: Any, name: str) -> Any:
    """Return a field of a row; a string in one line, so that a provider cannot add lines that look like rows."""
    value = getattr(row, name)
    return replace_controls(value) if type(value) is str else value


def format_cell(row: Any, name: str) -> Any:
    """Return a field of a row; shorten a long account id, which is complete in the table of accounts only."""
    value = read_cell(row, name)
    return f"{value[:4]}…{value[-6:]}" if name == "account_id" and value and len(value) > MAX_ID_LENGTH else value


@frozen
class _Column:
    """A column of a rendered table."""

    index: int
    name: str
    width: int
    is_numeric: bool

    def align(self, text: str) -> str:
        """Pad a string to the width of the column; figures are aligned to the right."""
        padding = " " * (self.width - cell_len(text))
        return padding + text if self.is_numeric else text + padding

    def render(self, line: tuple[str, ...], highlights: Collection[str]) -> tuple[str, str]:
        """Return the cell of a line, and its style."""
        return self.align(line[self.index]), HIGHLIGHT if self.name in highlights else ""


def _split_lines(row: Sequence[Any]) -> _Lines:
    return list(zip_longest(*(_format_value(value).split("\n") for value in row), fillvalue=""))


def _fit_columns(spec: TableSpec, rows: Sequence[_Lines], width: int) -> list[_Column]:
    """Return the columns that have a value, without droppable ones as long as the table is too wide."""
    cells = zip(*(line for lines in rows for line in lines), strict=True)
    longest = [max(map(cell_len, column)) for column in cells] or [1] * len(spec.columns)
    widths = {
        name: max(length, len(_format_heading(name)))
        for name, length in zip(spec.columns, longest, strict=True)
        if length
    }
    droppable = [name for name in spec.droppable if name in widths]
    while _measure(widths.values()) > width and droppable:
        del widths[droppable.pop(0)]
    return [
        _Column(index, name, widths[name], any(isinstance(row[index], (Decimal, int, PartialSum)) for row in spec.rows))
        for index, name in enumerate(spec.columns)
        if name in widths
    ]


def _measure(widths: Collection[int]) -> int:
    return sum(widths) + _SPACING * (len(widths) - 1)


def _append_line(text: Text, cells: Sequence[tuple[str, str]]) -> None:
    """Append cells, each with its style, as a line."""
    spacing = " " * _SPACING
    # One call a line is much faster than one call a cell.
    if not any(style for _, style in cells):
        text.append(spacing.join(cell for cell, _ in cells).rstrip() + "\n")
        return
    for index, (cell, style) in enumerate(cells):
        text.append(spacing if index else "")
        text.append(cell, style)
    text.append("\n")


def _format_heading(name: str) -> str:
    return name.replace("account_id", "account").replace("_", " ")


def _format_value(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, ",f")
    if isinstance(value, PartialSum):
        is_partial = value.value is not None and value.missing
        return _format_value(value.value) + (f" ({value.missing} missing)" if is_partial else "")
    if isinstance(value, frozenset):
        return replace_controls(", ".join(sorted(value)))
    if isinstance(value, Unit):
        return "" if value is Unit.MAJOR else value.name.lower().replace("_", " ")
    text = "" if value is None else str(value)
    return text if text.isprintable() else "\n".join(map(replace_controls, text.split("\n")))
