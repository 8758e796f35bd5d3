"""`onefolio diff`: compare snapshots with each other or with your own books."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from onefolio_runtime import escape_controls

from .._core.errors import ComparisonError, ConfigurationError
from .output import encode_html
from .pair_options import PairOption
from .tables import TableSpec, print_tables, print_text, read_cell

if TYPE_CHECKING:
    from ..reconciliation import Books, Reconciliation

_TOLERANCE = PairOption("--tolerance", "[COLUMN=]AMOUNT", "market_value=0.01")
# The difference follows from a and b.
_DROPPABLE = ("table", "difference", "why")
_COLUMN = PairOption("--column", "OURS=THEIRS", "symbol=Ticker")


class DiffFormat(StrEnum):
    """The output format of a reconciliation."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


class BooksTable(StrEnum):
    """The records in books."""

    POSITIONS = "positions"
    BALANCES = "balances"


def diff(
    a: Annotated[
        str, typer.Argument(metavar="A", help="Folder, DuckDB file, postgresql:// database, .json or .csv file.")
    ],
    b: Annotated[str, typer.Argument(metavar="B", help="The same, to compare A with.")],
    format: Annotated[DiffFormat, typer.Option("--format", "-f", help="Output format.")] = DiffFormat.TABLE,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(metavar=_TOLERANCE.form, help="Allowed difference of figures, of all columns or of one."),
    ] = None,
    field: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Compare only this column.")] = None,
    connection: Annotated[
        list[str] | None,
        typer.Option("--connection", "-c", metavar="NAME", help="Compare only this connection. Repeatable."),
    ] = None,
    table: Annotated[
        BooksTable | None, typer.Option(help="Records in the books (default: detected from the columns).")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar=_COLUMN.form, help="Name of a column in the books.")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(metavar="THEIRS", help="Ignore this column of the books.")] = None,
) -> None:
    """Compare two snapshots, or a snapshot and your own books.

    Breaks are rows that appeared, vanished or changed from A to B, and rows
    that one side could not read.

    A folder or database is represented by its latest snapshot, or by the
    latest of a day: snapshots@2026-11-20. A .csv file contains books.

    Exit codes: 0 no breaks, 1 breaks, 2 not compared.
    """
    from ..reconciliation import Books, compare

    names = _COLUMN.parse(column)

    def open_side(place: str) -> str | Books:
        if not _is_books(place):
            return place
        return Books(path=Path(place), table=table and table.value, columns=names, ignore=ignore or ())

    if (table or names or ignore) and not (_is_books(a) or _is_books(b)):
        raise ConfigurationError("--table, --column and --ignore apply to books, but neither A nor B is a .csv file")
    tolerances = _parse_tolerance(tolerance or ())
    result = compare(open_side(a), open_side(b), tolerance=tolerances, fields=field, connection=connection or None)
    _check_compared(result, field)
    match format:
        case DiffFormat.TABLE:
            _print_table(result)
        case DiffFormat.JSON:
            print(result.to_json())
        case DiffFormat.CSV:
            print(result.to_csv(), end="")
        case DiffFormat.HTML:
            print(encode_html(result.to_html()))
    raise typer.Exit(1 if result.breaks else 0)


def _check_compared(result: Reconciliation, fields: Sequence[str] | None) -> None:
    """Check that at least one row was compared, or that there are breaks.

    Raises:
        ComparisonError: Nothing was compared, so the result does not show that the sides agree.
    """
    compared = any(number for table, number in result.compared.items() if not fields or result.fields[table])
    if not compared and not result.breaks:
        raise ComparisonError(
            f"nothing was compared: {result.a} and {result.b} have no row with the requested tables, columns and "
            "connections. Take a snapshot that has positions or balances"
        )


def _is_books(place: str) -> bool:
    return place.lower().endswith(".csv")


def _parse_tolerance(values: Sequence[str]) -> Decimal | dict[str, Decimal]:
    """Return one tolerance for all figures, or tolerances by column."""
    if len(values) == 1 and "=" not in values[0]:
        return _TOLERANCE.parse_decimal(values[0], values[0])
    return _TOLERANCE.parse_decimals(values)


def _print_table(result: Reconciliation) -> None:
    columns = ("kind", "table", "connection", "account_id", "what", "field", "a", "b", "difference", "why")
    rows = [
        [(each.connection or each.provider) if name == "connection" else read_cell(each, name) for name in columns]
        for each in result.breaks
    ]
    print_text(f"a  {escape_controls(result.a)}\nb  {escape_controls(result.b)}\n")
    if rows:
        print_tables(TableSpec("Breaks", columns, rows, _DROPPABLE, wrapped="why"))
    print_text(f"{result.summary()}.")
