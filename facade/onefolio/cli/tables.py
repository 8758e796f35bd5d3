"""Render tables as text that fits the terminal.

A terminal breaks a line that is too long at any character, and a figure with it. A table therefore leaves out columns,
and names them. If the remaining columns do not fit either, each row becomes a block with a line for each value.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple, Self, TypeAlias

from attrs import evolve, frozen
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from onefolio_runtime import replace_controls

from .._core.text import pluralize
from .._models.records import Failure, Unit
from .streams import as_written

PIPED_WIDTH = 1000
"""Characters per line if the output is not a terminal."""

HIGHLIGHT = "bold yellow"
"""The style of a highlighted value."""

MAX_ID_LENGTH = 12
"""Characters of an account's id; a longer id is shortened, except in the table of accounts."""

_SPACING = 3
"""Spaces between two columns."""

_NARROW_SPACING = 2
"""Spaces between two columns if the table is too wide otherwise."""

_MIN_WRAPPED_WIDTH = 24
"""Characters of a wrapped column; a table with less space leaves out other columns."""

_Lines: TypeAlias = list[tuple[str, ...]]
"""The lines of a row. A value with line breaks takes several."""


class TableSpec(NamedTuple):
    """The content of a table.

    Attributes:
        title: the line above the table.
        columns: the names of the columns.
        rows: a value for each column.
        droppable: the columns to leave out if the terminal is too narrow; the first one is left out first. A
            column with the last figure of a row is kept.
        highlights: the columns to highlight, by the index of the row.
        wrapped: the column of sentences, which are wrapped at words if the terminal is too narrow; None if there is no
            such column.
        empty: the line in place of the rows if there are none.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    droppable: Sequence[str] = ()
    highlights: Mapping[int, Collection[str]] = {}
    wrapped: str | None = None
    empty: str = "none"


class PartialSum(NamedTuple):
    """A sum, and the number of missing values.

    Attributes:
        value: the sum of the values that are stated; None if no value is stated.
        missing: the number of values that are not stated.
    """

    value: Decimal | None
    missing: int


def print_tables(*tables: TableSpec) -> None:
    """Print tables that fit the terminal. Columns that are left out are named below their table."""
    console = create_console()
    width = _find_width(console) or PIPED_WIDTH
    for spec in tables:
        layout = TableLayout.fit(spec, width)
        text, left_out = (layout.render(), layout.left_out) if layout.fits else _render_blocks(spec, width)
        names_columns = bool(left_out and spec.rows)
        console.print(text, soft_wrap=True, end="" if names_columns else "\n")
        if names_columns:
            print_text(f"Not shown at {width} columns: {', '.join(left_out)}. Use --format json for all.\n")


def print_text(text: str) -> None:
    """Print a message for people to standard output, wrapped at words on a terminal."""
    console = create_console()
    width = _find_width(console)
    lines = text.split("\n")
    for line in lines if width is None else [piece for each in lines for piece in _wrap(each, width)]:
        console.print(line, soft_wrap=True)


def create_console() -> Console:
    """Create the console for tables. It interprets no markup, since cells contain strings from providers."""
    return Console(highlight=False, markup=False, emoji=False)


def _find_width(console: Console) -> int | None:
    """Return the characters per line of the terminal; None for other output."""
    return console.width if sys.stdout.isatty() else None


def render_table(spec: TableSpec, width: int) -> Text:
    """Render a table in the style of rich, whose own tables are too slow for thousands of rows.

    Args:
        spec: the content.
        width: the width in characters that the table should not exceed.
    """
    return TableLayout.fit(spec, width).render()


def read_cell(row: Any, name: str) -> Any:
    """Return a field of a row; a string in one line, so that a provider cannot add lines that look like rows."""
    value = getattr(row, name)
    return replace_controls(value) if type(value) is str else value


def format_cell(row: Any, name: str) -> Any:
    """Return a field of a row; shorten a long account id, which is complete in the table of accounts only."""
    value = read_cell(row, name)
    return f"{value[:4]}…{value[-6:]}" if name == "account_id" and value and len(value) > MAX_ID_LENGTH else value


def select_failures(failures: Sequence[Failure], table: str) -> list[Failure]:
    """Return the failures because of which a table may lack rows: its own, and those of the list of accounts."""
    return [failure for failure in failures if failure.operation in (table, "accounts")]


def format_empty(failures: Sequence[Failure], table: str) -> str:
    """Return the line in place of the rows of an empty table, which is not empty if its rows could not be read."""
    found = select_failures(failures, table)
    return f"not read: {pluralize(len(found), 'failure')}" if found else "none"


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


@frozen
class TableLayout:
    """The columns of a table for a terminal.

    Attributes:
        spec: the content.
        rows: the lines of each row.
        columns: the columns that are shown.
        left_out: the headings of the columns that have values and are not shown.
        spacing: the number of spaces between two columns.
        width: the width of the terminal in characters.
    """

    spec: TableSpec
    rows: Sequence[_Lines]
    columns: Sequence[_Column]
    left_out: Sequence[str]
    spacing: int
    width: int

    @classmethod
    def fit(cls, spec: TableSpec, width: int) -> Self:
        """Choose the columns that fit a terminal: those that have a value, without droppable ones if necessary.

        Args:
            spec: the content.
            width: the width of the terminal in characters.
        """
        rows = [_split_lines(row) for row in spec.rows]
        columns = [column for column in _measure_columns(spec, rows) if column.width]
        if _measure(columns, _SPACING) <= width:
            return cls(spec, rows, columns, (), _SPACING, width)
        kept = _drop_columns(spec, rows, columns, width)
        wrapped = next((column for column in kept if column.name == spec.wrapped), None)
        if wrapped is not None and (excess := _measure(kept, _NARROW_SPACING) - width) > 0:
            narrow = evolve(wrapped, width=max(wrapped.width - excess, _MIN_WRAPPED_WIDTH))
            kept = [narrow if column is wrapped else column for column in kept]
            rows = [_wrap_column(lines, narrow) for lines in rows]
        names = {column.name for column in kept}
        left_out = [_format_heading(column.name) for column in columns if column.name not in names]
        return cls(spec, rows, kept, left_out, _NARROW_SPACING, width)

    @property
    def fits(self) -> bool:
        """Whether no line is longer than the terminal."""
        return _measure(self.columns, self.spacing) <= self.width

    def render(self) -> Text:
        """Render the table."""
        text = Text(no_wrap=True, overflow="ignore", end="")
        text.append(f"{self.spec.title}\n", "bold")
        headings = [(column.align(_format_heading(column.name)), "bold") for column in self.columns]
        _append_line(text, headings, self.spacing)
        text.append("─" * _measure(self.columns, self.spacing) + "\n")
        for index, lines in enumerate(self.rows):
            highlights = self.spec.highlights.get(index, ())
            for line in lines:
                _append_line(text, [column.render(line, highlights) for column in self.columns], self.spacing)
        if not self.rows:
            text.append(f"{self.spec.empty}\n", "dim italic")
        return text


def _split_lines(row: Sequence[Any]) -> _Lines:
    return list(zip_longest(*(_format_value(value).split("\n") for value in row), fillvalue=""))


def _measure_columns(spec: TableSpec, rows: Sequence[_Lines]) -> list[_Column]:
    """Return all columns; the width of one without a value is 0."""
    cells = zip(*(line for lines in rows for line in lines), strict=True)
    longest = [max(map(cell_len, column)) for column in cells] or [1] * len(spec.columns)
    return [
        _Column(
            index,
            name,
            max(length, len(_format_heading(name))) if length else 0,
            any(isinstance(row[index], (Decimal, int, PartialSum)) for row in spec.rows),
        )
        for index, (name, length) in enumerate(zip(spec.columns, longest, strict=True))
    ]


def _drop_columns(spec: TableSpec, rows: Sequence[_Lines], columns: Sequence[_Column], width: int) -> Sequence[_Column]:
    """Return the columns without droppable ones as long as the table is too wide."""
    kept = columns
    droppable = spec.droppable if spec.rows else [*spec.droppable, *reversed(spec.columns[1:])]
    for name in droppable:
        if _measure(kept, _NARROW_SPACING, spec.wrapped) <= width:
            break
        rest = [column for column in kept if column.name != name]
        if _count_rows_with_figures(rows, rest) == _count_rows_with_figures(rows, kept):
            kept = rest
    return kept


def _count_rows_with_figures(rows: Sequence[_Lines], columns: Sequence[_Column]) -> int:
    """Return the number of rows that have a figure in one of the columns."""
    indexes = [column.index for column in columns if column.is_numeric]
    return sum(any(lines[0][index] for index in indexes) for lines in rows)


def _measure(columns: Collection[_Column], spacing: int, wrapped: str | None = None) -> int:
    """Return the width of a table.

    Args:
        columns: its columns.
        spacing: the number of spaces between two columns.
        wrapped: the column that can be narrower; None if there is no such column.
    """
    widths = [min(each.width, _MIN_WRAPPED_WIDTH) if each.name == wrapped else each.width for each in columns]
    return sum(widths) + spacing * (len(widths) - 1)


def _wrap_column(lines: _Lines, column: _Column) -> _Lines:
    """Return the lines of a row with one column wrapped."""
    cells = list(zip(*lines, strict=True))
    cells[column.index] = tuple(piece for cell in cells[column.index] for piece in _wrap(cell, column.width))
    return list(zip_longest(*cells, fillvalue=""))


def _wrap(text: str, width: int) -> list[str]:
    """Wrap a line at words; a longer word is broken."""
    lines = Text(text).wrap(create_console(), width, overflow="fold")
    return [line.plain.rstrip() for line in lines] or [""]


def _render_blocks(spec: TableSpec, width: int) -> tuple[Text, list[str]]:
    """Render each row as a block, with a line for each value.

    Returns:
        The text, and the headings of figures that are longer than a line and therefore left out.
    """
    rows = [_split_lines(row) for row in spec.rows]
    columns = [column for column in _measure_columns(spec, rows) if column.width]
    labels = [_format_heading(column.name) for column in columns]
    label_width = max(map(len, labels), default=0)
    indent, available = " " * (label_width + _NARROW_SPACING), max(1, width - label_width - _NARROW_SPACING)
    text = Text(no_wrap=True, overflow="ignore", end="")
    text.append(f"{spec.title}\n", "bold")
    left_out: dict[str, None] = {}
    for lines in rows:
        text.append("─" * min(width, len(indent)) + "\n")
        values = list(zip(*lines, strict=True))
        for label, column in zip(labels, columns, strict=True):
            cells = [cell for cell in values[column.index] if cell]
            if column.is_numeric and max(map(cell_len, cells), default=0) > available:
                left_out[label] = None
                continue
            pieces = [piece for cell in cells for piece in _wrap(cell, available)]
            for number, piece in enumerate(pieces):
                text.append(indent if number else label.ljust(len(indent)), "bold")
                text.append(f"{piece}\n")
    if not rows:
        text.append(f"{spec.empty}\n", "dim italic")
    return text, [*left_out]


def _append_line(text: Text, cells: Sequence[tuple[str, str]], spaces: int) -> None:
    """Append cells, each with its style, as a line."""
    spacing = " " * spaces
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
    text = "" if value is None else as_written(str(value))
    return text if text.isprintable() else "\n".join(map(replace_controls, text.split("\n")))
