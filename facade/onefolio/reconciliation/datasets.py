"""One side of a reconciliation, wherever it is from: rows of plain values, and what could not be read."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from onefolio_runtime import decimal_text

from .._core.errors import ComparisonError, StoreError
from .._core.strict_json import reject_duplicate_names
from .._models.columns import Column, columns, flatten
from .._models.jsonable import to_jsonable
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot

if TYPE_CHECKING:
    import pyarrow as pa

Value: TypeAlias = Decimal | str | None

Row: TypeAlias = Mapping[str, Value]

COMPARED: Final = ("positions", "balances")
"""The tables that are reconciled."""

_MOST_DIGITS: Final = 400
"""Of a figure that is compared; no provider's has more than 116."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


@frozen
class Unread:
    """What a side says that it could not read.

    Attributes:
        connection: whose.
        table: what; None where the accounts themselves were not read, so nothing was.
        account_id: of which account; None for all of the connection's.
        why: the error.
    """

    connection: str
    table: str | None
    account_id: str | None
    why: str

    def covers(self, table: str, row: Row) -> bool:
        """Tell whether a row of a table may be among what was not read."""
        return (
            self.table in (None, table)
            and row.get("connection") in (None, self.connection)
            and self.account_id in (None, row.get("account_id"))
        )


@frozen
class Dataset:
    """One side of a reconciliation.

    Attributes:
        name: where it is from.
        tables: the rows of each table that it has.
        columns: the columns that it has of each.
        unread: what it could not read.
        connections: those that a snapshot has something of; None of books.
    """

    name: str
    tables: Mapping[str, Sequence[Row]]
    columns: Mapping[str, Sequence[str]]
    unread: Sequence[Unread] = ()
    connections: frozenset[str] | None = None


@frozen(kw_only=True)
class Books:
    """A firm's own books: a CSV file with a header, in UTF-8.

    Its columns are those of `onefolio positions --format csv` or `onefolio balances --format csv`, as many as it has;
    `account_id` and, for positions, `symbol` or `instrument_id`, for balances `asset`, must be there.

    Args:
        path: the file.
        table: `"positions"` or `"balances"`; by default what its columns say.
        columns: what its columns are called where they have other names, by onefolio's name: `{"quantity": "Qty"}`.
        ignore: columns of the file that are not compared.
    """

    path: Path = field(converter=Path)
    table: str | None = None
    columns: Mapping[str, str] = field(factory=dict)
    ignore: Sequence[str] = ()


def open_dataset(source: Dataset | Snapshot | Books | str | Path) -> Dataset:
    """Return one side of a reconciliation.

    Args:
        source: a snapshot; books; or the place of either: a `.csv` file (books), a `.json` file (what
            `onefolio snapshot --format json` prints), or a store, `@` and the beginning of a time behind it to choose
            one of its snapshots.

    Raises:
        ComparisonError: it cannot be read, or has not the columns that it needs.
        ConfigurationError: a package is not installed.
    """
    match source:
        case Snapshot():
            return _of_snapshot(source)
        case Books():
            return _of_books(source)
    place, when = _split(os.path.expanduser(str(source)))
    suffix = Path(place).suffix.lower()
    if suffix == ".csv":
        return _of_books(Books(path=Path(place)))
    return _of_json(Path(place)) if suffix == ".json" else _of_store(place, when)


def figures(table: str) -> frozenset[str]:
    """Return which columns of a table are figures."""
    return frozenset(name for name, column in columns(TABLES[table]).items() if column.is_figure)


def _split(source: str) -> tuple[str, str | None]:
    """Return a place and, behind its last `@`, a time; a path or an address may have one of its own."""
    place, found, when = source.rpartition("@")
    if not found or "://" in source or os.path.exists(source) or not re.fullmatch(r"[0-9T: .+Z-]*", when):
        return source, None
    return place, when or None


def _of_snapshot(snapshot: Snapshot) -> Dataset:
    return _whole(f"the snapshot of {snapshot.taken_at.isoformat()}", _printed(to_jsonable(snapshot)))


def _printed(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of a plain snapshot, with rows as they are in CSV."""
    return {**tables, **{table: [flatten(row) for row in tables[table]] for table in COMPARED}}


def _of_json(path: Path) -> Dataset:
    with _readable(path):
        value = json.loads(path.read_bytes(), parse_float=Decimal, object_pairs_hook=reject_duplicate_names)
    if not isinstance(value, dict) or not all(_is_rows(value.get(table)) for table in TABLES):
        raise ComparisonError(
            f"{path} is no snapshot: it has to be one object of four arrays of objects, {', '.join(TABLES)}, as "
            "`onefolio snapshot --format json` prints it"
        )
    try:
        return _whole(str(path), _printed(value))
    except (AttributeError, KeyError, TypeError) as error:
        raise ComparisonError(f"{path} is no snapshot: a row of it is malformed ({error!r})") from None


def _of_store(place: str, when: str | None) -> Dataset:
    from ..stores.opening import open_store

    try:
        store = open_store(place)
        taken_at = store.find(when)
        tables = store.read(taken_at)
    except StoreError as error:
        raise ComparisonError(str(error)) from None
    rows = {table: _stored_rows(table, tables[table]) for table in COMPARED}
    failures = tables.failures.select(["connection", "operation", "account_id", "message"]).to_pylist()
    told = [{**row, "error": {"message": row["message"]}} for row in failures]
    accounts = tables.accounts.select(["connection"]).to_pylist()
    return _whole(f"{store.name}, {taken_at.isoformat()}", {"accounts": accounts, **rows, "failures": told})


def _stored_rows(table: str, stored: pa.Table) -> list[dict[str, Any]]:
    """Return rows as they are printed: figures by the text that is kept beside them."""
    import pyarrow as pa

    names = columns(TABLES[table])
    texts = [stored[f"{name}_text" if column.is_figure else name].cast(pa.string()) for name, column in names.items()]
    return pa.table(texts, list(names)).to_pylist()


def _whole(name: str, tables: Mapping[str, Any]) -> Dataset:
    """Return a side that has every column, of rows of texts, and what is in its table of failures."""
    stated = {table: columns(TABLES[table]) for table in COMPARED}
    typed = {
        table: [_typed(row, names, f"{name}: {table}, row {number}") for number, row in enumerate(tables[table], 1)]
        for table, names in stated.items()
    }
    unread = [_unread(row, f"{name}: failures, row {number}") for number, row in enumerate(tables["failures"], 1)]
    found = {str(row["connection"]) for rows in (tables["accounts"], *typed.values()) for row in rows}
    found |= {each.connection for each in unread}
    return Dataset(name, typed, {table: list(names) for table, names in stated.items()}, unread, frozenset(found))


def _typed(row: Mapping[str, Any], names: Mapping[str, Column], place: str) -> Row:
    """Return the columns of a row, figures as decimals."""
    found: dict[str, Value] = {}
    for name, column in names.items():
        value = row.get(name)
        if value is None:
            if name not in row and not name.startswith("option_"):
                raise ComparisonError(f"{place}: there is no {name}; what is not known is null")
            found[name] = None
        elif column.is_figure and type(value) in (str, int, Decimal):
            found[name] = _number(value if type(value) is str else decimal_text(Decimal(value)), f"{place}, {name}")
        elif column.is_figure or type(value) is not str:
            raise ComparisonError(
                f"{place}, {name}: {str(value)[:40]} is no {'figure' if column.is_figure else 'text'}"
            )
        else:
            found[name] = value
    return found


def _unread(row: Mapping[str, Any], place: str) -> Unread:
    table, connection, account_id = row["operation"], row["connection"], row["account_id"]
    if type(table) is not str or type(connection) is not str or type(account_id) not in (str, NoneType):
        raise ComparisonError(f"{place}: operation and connection have to be texts, account_id a text or null")
    return Unread(connection, table if table in COMPARED else None, account_id, str(row["error"]["message"]))


def _of_books(books: Books) -> Dataset:
    path = books.path
    lines, end = [], 0
    with _readable(path), path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        for line in reader:
            lines.append((end + 1, [cell.strip() for cell in line]))
            end = reader.line_num
    if not lines:
        raise ComparisonError(f"{path} is empty: its first line has to name its columns")
    theirs = lines[0][1]
    table, names = _columns_of(books, theirs)
    figured = figures(table)
    rows = []
    for number, line in lines[1:]:
        if not any(line):
            continue
        if len(line) != len(theirs):
            raise ComparisonError(f"{path}, line {number}: {len(line)} cells, and its header has {len(theirs)}")
        row: dict[str, Value] = {}
        for their, name, cell in zip(theirs, names, line, strict=True):
            if cell and not their:
                raise ComparisonError(f"{path}, line {number}: {cell[:40]!r} stands in a column without a name")
            if name is not None:
                place = f"{path}, line {number}, {name}"
                row[name] = (_number(cell, place) if name in figured else cell) if cell else None
        if row["account_id"] is None:
            raise ComparisonError(f"{path}, line {number}: there is no account_id")
        rows.append(row)
    return Dataset(str(path), {table: rows}, {table: [name for name in names if name is not None]})


def _columns_of(books: Books, theirs: Sequence[str]) -> tuple[str, list[str | None]]:
    """Return which table books are of, and what each of their columns is called here; None for those not compared."""
    path = books.path
    if len(theirs) == 1 and (found := re.search(r"[;\t|]", theirs[0])):
        raise ComparisonError(f"{path}: its columns are separated by {found[0]!r}; save it with commas")
    ours = {their: our for our, their in books.columns.items()}
    if len(ours) < len(books.columns) or not ours.keys().isdisjoint(books.ignore):
        raise ComparisonError(
            f"{path}: of a column of it, two things are said ({_listed(list(books.columns.values()))})"
        )
    for name in [*ours, *books.ignore]:
        if name not in theirs:
            raise ComparisonError(f"{path} has no column {name!r}; it has {_listed(theirs)}")
    names = [None if not their or their in books.ignore else ours.get(their, their) for their in theirs]
    twice = {name for name in names if name is not None and names.count(name) > 1}
    if twice:
        raise ComparisonError(f"{path} has the column {_listed(sorted(twice))} twice")
    table = books.table or ("balances" if "asset" in names else "positions")
    if table not in COMPARED:
        raise ComparisonError(f"books are of {' or '.join(COMPARED)}, not of {table!r}")
    known = list(columns(TABLES[table]))
    for our in books.columns:
        if our not in known:
            raise ComparisonError(f"{path}: {our!r} is no column of {table}; the columns are {_listed(known)}")
    unknown = [their for their, name in zip(theirs, names, strict=True) if name is not None and name not in known]
    keys = ("asset",) if table == "balances" else ("symbol", "instrument_id")
    if "account_id" not in names or not any(key in names for key in keys):
        raise ComparisonError(
            f"{path} has {_listed(theirs)}; books of {table} need account_id and {' or '.join(keys)}. What they are "
            "called there can be said: --column account_id=NAME"
        )
    if unknown:
        raise ComparisonError(
            f"{path}: {_listed(unknown)} is no column of {table}. Say which it is (--column quantity={unknown[0]}) or "
            f"leave it out (--ignore {unknown[0]}); the columns are {_listed(known)}"
        )
    return table, names


def _number(text: str, place: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ComparisonError(f"{place}: {text[:40]!r} is no plain decimal number such as -1234.50")
    if len(text) > _MOST_DIGITS:
        raise ComparisonError(f"{place}: {text[:40]}… has more than {_MOST_DIGITS} digits")
    return Decimal(text)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ComparisonError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ComparisonError(f"{path} is no UTF-8 text; save it as CSV UTF-8") from None
    except RecursionError:
        raise ComparisonError(f"{path} cannot be read: it is nested too deeply") from None
    except (csv.Error, ValueError) as error:
        raise ComparisonError(f"{path} cannot be read: {error}") from None


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
