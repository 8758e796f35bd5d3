"""Compare two datasets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

from onefolio_runtime import hide_arguments

from .._core.errors import ComparisonError
from .._core.text import pluralize
from .._models.columns import columns
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot
from .books import Books
from .breaks import Break, BreakKind, Reconciliation
from .datasets import COMPARED, Dataset, Unread, figures
from .matching import RowMatcher
from .opening import open_dataset

_Datasets: TypeAlias = tuple[Dataset, Dataset]


@hide_arguments
def compare(
    a: Snapshot | Books | str | Path,
    b: Snapshot | Books | str | Path,
    *,
    tolerance: Decimal | Mapping[str, Decimal] = Decimal(0),
    fields: Iterable[str] | None = None,
    connection: str | Collection[str] | None = None,
) -> Reconciliation:
    """Compare two snapshots, or a snapshot with your own books.

    Rows are matched by provider, connection and account, as far as both sides state them. Positions are then matched by
    instrument id or symbol, and balances by asset, network and country. All other common columns are compared.

    Args:
        a: the first side: a snapshot, `Books`, or a path. A path is a store such as `"out"`, `"out.duckdb"` or
            `"out@2026-11-20"` (the latest snapshot of that day), a `.json` file with the output of `onefolio snapshot
            --format json`, or a `.csv` file with books.
        b: the second side, in the same forms.
        tolerance: the maximum difference of figures that are equal, in the unit of the column: one for all columns, or
            one by column. By default, figures are compared exactly.
        fields: the columns to compare; by default all.
        connection: the connection whose rows are compared, or several of them; by default all.

    Raises:
        ComparisonError: A side cannot be read, the sides have no table or column in common, or a column, tolerance or
            connection is unknown or invalid.
        ConfigurationError: A package is not installed.
    """
    datasets = (open_dataset(a), open_dataset(b))
    tables = _common_tables(datasets)
    selected = None if fields is None else list(fields)
    tolerances = tolerance if isinstance(tolerance, Mapping) else dict.fromkeys(_figures(tables), tolerance)
    _check_fields(tables, selected or ())
    _check_tolerances(tables, tolerances)
    connections = {connection} if isinstance(connection, str) else None if connection is None else {*connection}
    _check_connections(datasets, connections or ())
    matchers = [RowMatcher(table, datasets, selected, tolerances) for table in tables]
    _check_selected(datasets, matchers, selected or ())
    comparison = _Comparison(datasets, tables, connections)
    for matcher in matchers:
        comparison.add(matcher)
    return Reconciliation(
        a=datasets[0].name,
        b=datasets[1].name,
        compared=comparison.compared,
        fields={matcher.table: matcher.fields for matcher in matchers},
        breaks=[*comparison.breaks, *comparison.unread_breaks()],
    )


class _Comparison:
    """The result of a comparison, table by table.

    Args:
        datasets: the two datasets.
        tables: the tables that are compared.
        connections: the connections that are compared; None for all.

    Attributes:
        compared: the number of rows on both sides, by table.
        breaks: the breaks of the tables.
    """

    def __init__(self, datasets: _Datasets, tables: Sequence[str], connections: Collection[str] | None) -> None:
        self.compared: dict[str, int] = {}
        self.breaks: list[Break] = []
        self._connections = connections
        first, second = datasets
        self._unread = tuple(
            [
                each
                for each in (*side.unread, *_missing_connections(side, other))
                if each.table is None or each.table in tables
                if connections is None or each.connection in connections
            ]
            for side, other in ((first, second), (second, first))
        )
        self._hidden: tuple[Counter[Unread], Counter[Unread]] = (Counter(), Counter())

    def add(self, matcher: RowMatcher) -> None:
        """Compare one table."""
        self.compared[matcher.table] = 0
        for a, b in matcher.pairs(self._connections):
            if a is not None and b is not None:
                self.compared[matcher.table] += 1
                self.breaks += matcher.changes(a, b)
                continue
            row, kind, other = (a, BreakKind.VANISHED, 1) if b is None else (b, BreakKind.APPEARED, 0)
            assert row is not None  # noqa: S101  # a pair has at least one row
            cause = next((each for each in self._unread[other] if each.covers(matcher.table, row)), None)
            if cause is None:
                self.breaks.append(matcher.unmatched(row, kind))
            else:
                self._hidden[other][cause] += 1

    def unread_breaks(self) -> Iterator[Break]:
        """Yield a break for each listing that a side could not read, with the number of rows on the other side."""
        for side, (unread, hidden) in enumerate(zip(self._unread, self._hidden, strict=True)):
            a, b = ("not read", None) if side == 0 else (None, "not read")
            for each in unread:
                rows = f"{pluralize(hidden[each], 'row')} on the other side" if hidden[each] else None
                owner = (None, each.connection, each.account_id)
                yield Break(BreakKind.UNREAD, each.table, *owner, rows, a=a, b=b, why=each.why)


def _missing_connections(side: Dataset, other: Dataset) -> list[Unread]:
    """Return the connections that a snapshot did not read and that the other side has.

    The snapshot may have been taken of some connections only, so their rows have not vanished.
    """
    if side.connections is None:
        return []
    why = "the snapshot does not contain this connection: it was not read, has another name, or has no accounts"
    return [Unread(name, None, None, why) for name in sorted(other.row_connections() - side.connections)]


def _common_tables(datasets: _Datasets) -> list[str]:
    tables = [table for table in COMPARED if all(table in dataset.tables for dataset in datasets)]
    if not tables:
        raise ComparisonError(f"{datasets[0].name} and {datasets[1].name} have no table in common")
    return tables


def _figures(tables: Iterable[str]) -> set[str]:
    return {name for table in tables for name in figures(table)}


def _check_fields(tables: Sequence[str], fields: Sequence[str]) -> None:
    """Check that each selected column is one of a table.

    Raises:
        ComparisonError: A column is unknown.
    """
    known = {name for table in tables for name in columns(TABLES[table])}
    for name in fields:
        if name not in known:
            raise ComparisonError(f"unknown column {name!r}; available: {', '.join(sorted(known))}")


def _check_tolerances(tables: Sequence[str], tolerances: Mapping[str, Decimal]) -> None:
    """Check that each tolerance is that of a figure, finite and not negative.

    Raises:
        ComparisonError: A tolerance is invalid.
    """
    known = _figures(tables)
    for name, value in tolerances.items():
        if name not in known:
            raise ComparisonError(
                f"{name!r} is not a figure and cannot have a tolerance; figures: {', '.join(sorted(known))}"
            )
        if not isinstance(value, Decimal) or not value.is_finite() or value < 0:
            raise ComparisonError(f"the tolerance of {name} is {value!r}. Pass a finite Decimal of zero or more")


def _check_connections(datasets: _Datasets, connections: Collection[str]) -> None:
    """Check that one side has each connection. Otherwise nothing would be compared and no break reported.

    Raises:
        ComparisonError: A connection is unknown.
    """
    known = set[str]().union(*(each.row_connections() | (each.connections or set()) for each in datasets))
    for connection in connections:
        if connection not in known:
            hint = f"available: {', '.join(sorted(known))}" if known else "neither side states a connection"
            raise ComparisonError(f"neither side has the connection {connection!r}; {hint}")


def _check_selected(datasets: _Datasets, matchers: Sequence[RowMatcher], fields: Sequence[str]) -> None:
    """Check that both sides have each selected column, in one table at least.

    Raises:
        ComparisonError: A side lacks a column, which would not be compared.
    """
    for name in fields:
        if not any(name in matcher.common for matcher in matchers):
            raise ComparisonError(
                f"{datasets[0].name} and {datasets[1].name} do not both have the column {name!r}, so it cannot be "
                "compared"
            )
