"""What the reconciliation of two sides comes to."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Final

import attrs

from .._core.decimals import exact_difference
from .._core.errors import ComparisonError
from .._core.text import pluralize
from .._models.columns import columns
from .._models.jsonable import to_jsonable
from .._models.option_symbols import SHORTEST, parse_option_symbol
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot
from ..analysis.totals import OWNER
from .datasets import COMPARED, Books, Dataset, Row, Unread, Value, figures, open_dataset

_KEYS: Final = {"positions": ("symbol",), "balances": ("asset", "network", "country")}
"""What tells the rows of one account apart; for positions the instrument's id, where both sides have it."""

_NONE: Final = Decimal(0)


class BreakKind(StrEnum):
    """What is wrong between two sides."""

    APPEARED = "appeared"
    """Only the second side has the row."""
    VANISHED = "vanished"
    """Only the first side has it."""
    CHANGED = "changed"
    """Both have it, with another value."""
    UNREAD = "unread"
    """A side could not read it, so nothing can be said."""


@attrs.frozen
class Break:
    """One thing that the two sides do not agree on.

    Attributes:
        kind: what is wrong.
        table: `"positions"` or `"balances"`; where accounts were not read, None: it is everything of the connection.
        provider: None where the books do not say.
        connection: the same.
        account_id: None where it is everything of the connection.
        what: the position's symbol, or the balance's asset and network.
        field: which column; of a row that only one side has, its first figure.
        a: its value on the first side.
        b: its value on the second.
        difference: `b` minus `a`, exact, where both are figures.
        why: of what was not read, the error.
    """

    kind: BreakKind
    table: str | None
    provider: str | None
    connection: str | None
    account_id: str | None
    what: str | None = None
    field: str | None = None
    a: Value = None
    b: Value = None
    difference: Decimal | None = None
    why: str | None = None


@attrs.frozen
class Reconciliation:
    """Two sides, compared.

    Attributes:
        a: where the first side is from.
        b: where the second is from.
        compared: by table, how many rows stand on both sides.
        fields: by table, the columns that were compared.
        breaks: what they do not agree on, in the order of the tables and of the first side.
    """

    a: str
    b: str
    compared: Mapping[str, int]
    fields: Mapping[str, Sequence[str]]
    breaks: Sequence[Break]

    def counts(self) -> dict[BreakKind, int]:
        """Return the number of breaks of each kind."""
        found = Counter(each.kind for each in self.breaks)
        return {kind: found[kind] for kind in BreakKind}

    def summary(self) -> str:
        """Return in a line what it comes to."""
        rows = ", ".join(pluralize(number, table.removesuffix("s")) for table, number in self.compared.items())
        found = ", ".join(f"{number} {kind}" for kind, number in self.counts().items() if number)
        return f"{rows} on both sides; {found or 'no break'}"

    def to_json(self) -> str:
        """Return it as one JSON object; figures are texts."""
        return json.dumps({**to_jsonable(self), "counts": to_jsonable(self.counts())}, indent=2, ensure_ascii=False)

    def to_csv(self) -> str:
        """Return the breaks as CSV, a line each, with a header."""
        text = io.StringIO()
        writer = csv.DictWriter(text, [field.name for field in attrs.fields(Break)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(to_jsonable(each) for each in self.breaks)
        return text.getvalue()

    def to_html(self) -> str:
        """Return it as one page that needs nothing beside it.

        Raises:
            ConfigurationError: the template engine is not installed.
        """
        from .._core.html import render_page

        tables: dict[str, list[Break]] = {}
        for each in self.breaks:
            tables.setdefault(each.table or "accounts", []).append(each)
        return render_page("diff", found=self, tables=tables, show=to_jsonable)


def compare(
    a: Snapshot | Books | str | Path,
    b: Snapshot | Books | str | Path,
    *,
    tolerance: Decimal | Mapping[str, Decimal] = _NONE,
    fields: Iterable[str] | None = None,
    connection: str | None = None,
) -> Reconciliation:
    """Compare two snapshots, or a snapshot with a firm's own books.

    Rows belong together by provider, connection and account, as far as both sides state them, and then by the
    instrument's id or symbol, or by asset, network and country. Every other column that both have is compared.

    Args:
        a: a snapshot, `Books`, or a place: a store such as `"out"`, `"out.duckdb"` or `"out@2026-11-20"` (the latest
            snapshot of that day), a `.json` file that `onefolio snapshot --format json` printed, or a `.csv` of books.
        b: the same.
        tolerance: by how much figures may differ, in their own unit: one for all, or one by column.
        fields: the columns to compare; by default all.
        connection: compare the rows of this connection only.

    Raises:
        ComparisonError: a side cannot be read, or they have nothing in common; a column or the connection is unknown.
        ConfigurationError: a package is not installed.
    """
    sides = (open_dataset(a), open_dataset(b))
    tables = [table for table in COMPARED if all(table in side.tables for side in sides)]
    if not tables:
        raise ComparisonError(f"{sides[0].name} and {sides[1].name} have no table in common, so nothing was compared")
    wanted = None if fields is None else list(fields)
    limits = tolerance if isinstance(tolerance, Mapping) else dict.fromkeys(_figures_of(tables), tolerance)
    _check(tables, wanted, limits)
    _check_connection(sides, connection)
    unread = [
        _unread_of([*side.unread, *_absent(side, other)], tables, connection) for side, other in (sides, sides[::-1])
    ]
    hidden: Counter[Unread] = Counter()
    compared: dict[str, int] = {}
    by_table: dict[str, Sequence[str]] = {}
    breaks: list[Break] = []
    matchings = {table: _Matching(table, sides, wanted, limits) for table in tables}
    for name in wanted or ():
        if not any(name in matching.both for matching in matchings.values()):
            raise ComparisonError(f"{sides[0].name} and {sides[1].name} do not both have {name!r}: it was not compared")
    for table, matching in matchings.items():
        by_table[table], compared[table] = matching.fields, 0
        for was, is_ in matching.pairs(connection):
            if was is not None and is_ is not None:
                compared[table] += 1
                breaks += matching.changes(was, is_)
                continue
            kind, alone, other = (BreakKind.VANISHED, was, 1) if was is not None else (BreakKind.APPEARED, is_, 0)
            reasons = [each for each in unread[other] if each.covers(table, alone or {})]
            if reasons:
                hidden[reasons[0]] += 1
            else:
                breaks.append(matching.alone(alone or {}, kind))
    for number, each in enumerate(unread):
        breaks += [_not_read(one, number, hidden[one]) for one in each]
    return Reconciliation(sides[0].name, sides[1].name, compared, by_table, breaks)


class _Matching:
    """How the rows of one table of two sides are brought together.

    Args:
        table: which.
        sides: both.
        wanted: the columns to compare; None for all that both have.
        limits: by how much figures may differ, by column.

    Attributes:
        both: the columns that both sides have.
        fields: those of them that are compared.

    Raises:
        ComparisonError: there is nothing to know a row by.
    """

    def __init__(
        self, table: str, sides: tuple[Dataset, Dataset], wanted: Sequence[str] | None, limits: Mapping[str, Decimal]
    ) -> None:
        self._table = table
        self._sides = sides
        self._limits = limits
        self._figures = figures(table)
        self.both = both = [name for name in sides[0].columns[table] if name in sides[1].columns[table]]
        self._owners = [name for name in OWNER if name in both]
        keys = ("instrument_id",) if self._have_ids(both) else _KEYS[table]
        self._keys = [name for name in keys if name in both]
        if not self._keys:
            raise ComparisonError(f"{sides[0].name} and {sides[1].name} know the {table} by different columns")
        known = {*self._owners, *self._keys}
        self.fields = [name for name in both if name not in known and (wanted is None or name in wanted)]

    def pairs(self, connection: str | None) -> Iterator[tuple[Row | None, Row | None]]:
        """Yield the rows that belong together, and those that only one side has."""
        first, second = (self._grouped(side.tables[self._table], connection) for side in self._sides)
        for key, rows in first.items():
            yield from self._paired(rows, second.pop(key, []))
        for rows in second.values():
            yield from ((None, row) for row in rows)

    def changes(self, a: Row, b: Row) -> Iterator[Break]:
        """Yield how two rows that belong together differ."""
        for name in self.fields:
            if not self._same(name, a[name], b[name]):
                yield self._break(BreakKind.CHANGED, a, name, (a[name], b[name]))

    def alone(self, row: Row, kind: BreakKind) -> Break:
        """Return a row that only one side has, with its first figure."""
        name = next((each for each in row if each in self._figures and row[each] is not None), None)
        value = None if name is None else row[name]
        values = (None, value) if kind is BreakKind.APPEARED else (value, None)
        return self._break(kind, row, name, values)

    def _have_ids(self, both: Sequence[str]) -> bool:
        return "instrument_id" in both and all(
            "symbol" not in both or row["instrument_id"] is not None
            for side in self._sides
            for row in side.tables[self._table]
        )

    def _break(self, kind: BreakKind, row: Row, field: str | None, values: tuple[Value, Value]) -> Break:
        provider, connection, account_id = (_text(row.get(name)) for name in OWNER)
        names = ("symbol",) if self._table == "positions" else ("asset", "network")
        what = " ".join(filter(None, (_text(row.get(name)) for name in names))) or _text(row.get("instrument_id"))
        a, b = values
        gap = exact_difference(b, a) if isinstance(a, Decimal) and isinstance(b, Decimal) else None
        return Break(kind, self._table, provider, connection, account_id, what, field, a, b, gap)

    def _grouped(self, rows: Sequence[Row], connection: str | None) -> dict[Hashable, list[Row]]:
        found: dict[Hashable, list[Row]] = {}
        for row in rows:
            if connection is None or row.get("connection") in (None, connection):
                found.setdefault(self._key(row), []).append(row)
        return found

    def _key(self, row: Row) -> Hashable:
        return tuple(_canonical(row[name]) for name in (*self._owners, *self._keys))

    def _paired(self, first: list[Row], second: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
        """Yield rows of one key in pairs: the equal ones first, then in the order they came."""
        if len(first) == len(second) == 1:
            yield first[0], second[0]
            return
        equal: dict[Hashable, list[Row]] = {}
        for row in reversed(second):
            equal.setdefault(self._values(row), []).append(row)
        first_left = []
        for row in first:
            if twins := equal.get(self._values(row)):
                yield row, twins.pop()
            else:
                first_left.append(row)
        alone = {id(row) for rows in equal.values() for row in rows}
        second_left, left = [row for row in second if id(row) in alone], []
        candidates = second_left if any(self._limits.values()) else []
        for row in first_left:
            near = next((each for each in candidates if self._are_same(row, each)), None)
            if near is None:
                left.append(row)
            else:
                second_left.remove(near)
                yield row, near
        yield from zip_longest(left, second_left)

    def _values(self, row: Row) -> Hashable:
        return tuple(_canonical(row[name]) for name in self.fields)

    def _are_same(self, a: Row, b: Row) -> bool:
        return all(self._same(name, a[name], b[name]) for name in self.fields)

    def _same(self, name: str, a: Value, b: Value) -> bool:
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return a == b or exact_difference(b, a).copy_abs() <= self._limits.get(name, _NONE)
        return _canonical(a) == _canonical(b)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _absent(side: Dataset, other: Dataset) -> list[Unread]:
    """Return the connections whose rows only the other side has: of a snapshot nobody can say that they vanished."""
    if side.connections is None:
        return []
    why = "there is nothing of this connection: it was not asked for, has another name, or no account any more"
    return [Unread(name, None, None, why) for name in sorted(_named(other) - side.connections)]


def _named(side: Dataset) -> set[str]:
    return {str(row["connection"]) for rows in side.tables.values() for row in rows if row.get("connection")}


def _unread_of(unread: Iterable[Unread], tables: Sequence[str], connection: str | None) -> list[Unread]:
    return [
        each
        for each in unread
        if (each.table is None or each.table in tables) and connection in (None, each.connection)
    ]


def _not_read(unread: Unread, side: int, hidden: int) -> Break:
    what = f"{pluralize(hidden, 'row')} on the other side" if hidden else None
    a, b = ("not read", None) if side == 0 else (None, "not read")
    whose = (None, unread.connection, unread.account_id)
    return Break(BreakKind.UNREAD, unread.table, *whose, what, a=a, b=b, why=unread.why)


def _check_connection(sides: Iterable[Dataset], connection: str | None) -> None:
    """Refuse a connection that neither side has: nothing would be compared, and no break found.

    Raises:
        ComparisonError: it is one.
    """
    known = set[str]().union(*(_named(side) | (side.connections or set()) for side in sides))
    if connection is not None and connection not in known:
        there = f"there are {', '.join(sorted(known))}" if known else "neither states any"
        raise ComparisonError(f"there is no connection {connection!r} on either side; {there}")


def _figures_of(tables: Iterable[str]) -> set[str]:
    return {name for table in tables for name in figures(table)}


def _check(tables: Sequence[str], fields: Sequence[str] | None, limits: Mapping[str, Decimal]) -> None:
    """Refuse columns that no table has, and tolerances that are none.

    Raises:
        ComparisonError: there is one.
    """
    known = {name for table in tables for name in columns(TABLES[table])}
    for name in fields or ():
        if name not in known:
            raise ComparisonError(f"there is no column {name!r} to compare; there are {', '.join(sorted(known))}")
    exact = _figures_of(tables)
    for name, limit in limits.items():
        if name not in exact:
            raise ComparisonError(
                f"{name!r} is no figure, so it has no tolerance; figures are {', '.join(sorted(exact))}"
            )
        if not isinstance(limit, Decimal) or not limit.is_finite() or limit < 0:
            raise ComparisonError(f"the tolerance of {name} has to be a decimal of zero or more, not {limit!r}")


def _canonical(value: Value) -> Value:
    """Return a text without blanks around it, and an option's symbol without those that some write within."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    return text.replace(" ", "") if len(text) >= SHORTEST and parse_option_symbol(text) is not None else text
