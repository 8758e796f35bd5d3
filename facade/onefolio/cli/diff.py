"""`onefolio diff`: two snapshots, or one and a firm's own books, reconciled."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._core.errors import ConfigurationError
from .tables import TableSpec, print_tables

if TYPE_CHECKING:
    from ..reconciliation import Reconciliation


class DiffFormat(StrEnum):
    """How a reconciliation is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


class BooksTable(StrEnum):
    """What books hold."""

    POSITIONS = "positions"
    BALANCES = "balances"


def diff(
    a: Annotated[str, typer.Argument(metavar="A", help="A store (FOLDER, FILE.duckdb, …@TIME), a .json or a .csv.")],
    b: Annotated[str, typer.Argument(metavar="B", help="The same: what A is held against.")],
    format: Annotated[DiffFormat, typer.Option("--format", "-f", help="How to print.")] = DiffFormat.TABLE,
    tolerance: Annotated[
        list[str] | None,
        typer.Option(metavar="[COLUMN=]AMOUNT", help="By how much figures may differ: all of them, or one column's."),
    ] = None,
    field: Annotated[list[str] | None, typer.Option(metavar="COLUMN", help="Compare this column only.")] = None,
    connection: Annotated[
        str | None, typer.Option("--connection", "-c", metavar="NAME", help="Compare one connection only.")
    ] = None,
    table: Annotated[BooksTable | None, typer.Option(help="What the books hold; by default their columns say.")] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="OURS=THEIRS", help="What a column is called in the books.")
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="THEIRS", help="A column of the books to leave out.")
    ] = None,
) -> None:
    """Reconcile two snapshots, or one with a firm's own books: 0 no break, 1 breaks, 2 not compared.

    Positions and balances that appeared, vanished or changed from A to B, and what either could not read. A store
    gives its latest snapshot; `out@2026-11-20` the latest of that day.
    """
    from ..reconciliation import Books, compare

    renamed = dict(_pair(each, "--column OURS=THEIRS") for each in column or ())

    def side(place: str) -> str | Books:
        if not place.lower().endswith(".csv"):
            return place
        return Books(path=Path(place), table=table and table.value, columns=renamed, ignore=ignore or ())

    if (table or renamed or ignore) and not any(place.lower().endswith(".csv") for place in (a, b)):
        raise ConfigurationError("--table, --column and --ignore are about books, and neither A nor B is a .csv")
    found = compare(side(a), side(b), tolerance=_tolerance(tolerance or ()), fields=field, connection=connection)
    match format:
        case DiffFormat.TABLE:
            _print_table(found)
        case DiffFormat.JSON:
            print(found.to_json())
        case DiffFormat.CSV:
            print(found.to_csv(), end="")
        case DiffFormat.HTML:
            print(found.to_html())
    raise typer.Exit(1 if found.breaks else 0)


def _print_table(found: Reconciliation) -> None:
    columns = ("kind", "table", "connection", "account_id", "what", "field", "a", "b", "difference", "why")
    rows = [
        [getattr(each, name) or (each.provider if name == "connection" else getattr(each, name)) for name in columns]
        for each in found.breaks
    ]
    print(f"a  {found.a}\nb  {found.b}\n")
    if rows:
        print_tables(TableSpec("Breaks", columns, rows, ("table",)))
    print(f"{found.summary()}.")


def _tolerance(stated: Sequence[str]) -> Decimal | dict[str, Decimal]:
    """Return one tolerance for all figures, or one by column."""
    if len(stated) == 1 and "=" not in stated[0]:
        return _amount(stated[0])
    return {name: _amount(amount) for name, amount in (_pair(each, "--tolerance COLUMN=AMOUNT") for each in stated)}


def _pair(text: str, form: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found or not name or not value:
        raise ConfigurationError(f"{text!r} is not of the form {form}")
    return name, value


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ConfigurationError(f"--tolerance: {text!r} is no decimal number") from None
