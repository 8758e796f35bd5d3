"""Read a user's own books from a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path

from attrs import field, frozen

from .._core.errors import ComparisonError
from .._core.files import open_regular
from .._models.columns import columns
from .._models.records import TABLES
from .datasets import COMPARED, Dataset, Row, Value, figures, parse_figure, translate_file_errors

_KEYS = {"positions": ("symbol", "instrument_id"), "balances": ("asset",)}
"""Books have at least one of these columns."""


@frozen(kw_only=True)
class Books:
    """A user's own books: a CSV file in UTF-8 with a header and commas.

    The columns are those of `onefolio positions --format csv` or `onefolio balances --format csv`. `account_id` is
    required, as is `symbol` or `instrument_id` for positions and `asset` for balances. Other columns are optional.

    Args:
        path: the path of the file.
        table: `"positions"` or `"balances"`. By default, books with a column `asset` contain balances.
        columns: the names of columns that differ, by onefolio's name: `{"quantity": "Qty"}`.
        ignore: the names of columns in the file that are not compared.
    """

    path: Path = field(converter=Path)
    table: str | None = None
    columns: Mapping[str, str] = field(factory=dict)
    ignore: Sequence[str] = ()


def read_books(books: Books) -> Dataset:
    """Read books.

    Raises:
        ComparisonError: The file cannot be read, lacks a column, or has an unknown column or an invalid value.
    """
    path = books.path
    lines = _read_lines(path)
    if not lines:
        raise ComparisonError(f"{path} is empty. The first line must contain the names of the columns")
    _, header = lines[0]
    names = _column_names(books, header)
    table = _table(books, names)
    _check_columns(books, table, header, names)
    rows = [_row(f"{path}, line {number}", table, header, names, line) for number, line in lines[1:] if any(line)]
    return Dataset(str(path), {table: rows}, {table: [name for name in names if name is not None]})


def _read_lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the cells of each record without surrounding whitespace, and the number of its first line."""
    lines, end = [], 0
    with translate_file_errors(path), TextIOWrapper(open_regular(path), encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        for line in reader:
            lines.append((end + 1, [cell.strip() for cell in line]))
            end = reader.line_num
    return lines


def _column_names(books: Books, header: Sequence[str]) -> list[str | None]:
    """Return onefolio's name of each column in the file; None for a column that is not compared.

    Raises:
        ComparisonError: The file is not separated by commas, a column is missing, or two have the same name.
    """
    path = books.path
    if len(header) == 1 and (separator := re.search(r"[;\t|]", header[0])):
        raise ComparisonError(f"{path}: the columns are separated by {separator[0]!r}. Save the file with commas")
    renamed = {theirs: ours for ours, theirs in books.columns.items()}
    if len(renamed) < len(books.columns) or not renamed.keys().isdisjoint(books.ignore):
        mapped = ", ".join(books.columns.values())
        raise ComparisonError(f"{path}: a column is mapped twice, or is both mapped and ignored; mapped: {mapped}")
    for name in [*renamed, *books.ignore]:
        if name not in header:
            raise ComparisonError(f"{path} has no column {name!r}; available: {', '.join(header)}")
    names = [None if not theirs or theirs in books.ignore else renamed.get(theirs, theirs) for theirs in header]
    if duplicates := {name for name in names if name is not None and names.count(name) > 1}:
        raise ComparisonError(f"{path} has the column {', '.join(sorted(duplicates))} twice")
    return names


def _table(books: Books, names: Sequence[str | None]) -> str:
    table = books.table or ("balances" if "asset" in names else "positions")
    if table not in COMPARED:
        raise ComparisonError(f"books cannot contain {table!r}; available: {', '.join(COMPARED)}")
    return table


def _check_columns(books: Books, table: str, header: Sequence[str], names: Sequence[str | None]) -> None:
    """Check that the books have the required columns and no unknown ones.

    Raises:
        ComparisonError: A column is missing or unknown.
    """
    path, known, keys = books.path, list(columns(TABLES[table])), _KEYS[table]
    for name in books.columns:
        if name not in known:
            raise ComparisonError(f"{path}: {name!r} is not a column of {table}; available: {', '.join(known)}")
    if "account_id" not in names or not any(key in names for key in keys):
        raise ComparisonError(
            f"{path} has the columns {', '.join(header)}; books of {table} require account_id and "
            f"{' or '.join(keys)}. Map other names with --column account_id=NAME"
        )
    unknown = [theirs for theirs, name in zip(header, names, strict=True) if name is not None and name not in known]
    if unknown:
        raise ComparisonError(
            f"{path}: {', '.join(unknown)} is not a column of {table}. Map it (--column quantity={unknown[0]}) or "
            f"ignore it (--ignore {unknown[0]}); available: {', '.join(known)}"
        )


def _row(place: str, table: str, header: Sequence[str], names: Sequence[str | None], line: Sequence[str]) -> Row:
    """Convert a record to a row. An empty cell is None.

    Raises:
        ComparisonError: The number of cells is wrong, a value is invalid, or account_id is missing.
    """
    if len(line) != len(header):
        raise ComparisonError(f"{place}: {len(line)} cells, but the header has {len(header)}")
    row: dict[str, Value] = {}
    for theirs, name, cell in zip(header, names, line, strict=True):
        if cell and not theirs:
            raise ComparisonError(f"{place}: {cell[:40]!r} is in a column without a name")
        if name is not None:
            value = parse_figure(cell, f"{place}, {name}") if cell and name in figures(table) else cell
            row[name] = value if cell else None
    if row["account_id"] is None:
        raise ComparisonError(f"{place}: account_id is missing")
    return row
