"""Match the rows of one table of two datasets, and compare the matched rows."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import zip_longest
from typing import Final, TypeAlias

from .._core.decimals import exact_difference
from .._core.errors import ComparisonError
from .._models.option_symbols import SHORTEST, parse_option_symbol
from ..analysis.totals import OWNER
from .breaks import Break, BreakKind
from .datasets import Dataset, Row, Value, figures

_KEYS: Final = {"positions": ("symbol",), "balances": ("asset", "network", "country")}
"""Columns that identify a row of an account. Positions are identified by instrument_id if both datasets have it."""

_LABELS: Final = {"positions": ("symbol",), "balances": ("asset", "network")}

_EXACT: Final = Decimal(0)

_Pairs: TypeAlias = list[tuple[Row, Row]]


class RowMatcher:
    """Matches the rows of one table.

    Args:
        table: the name of the table.
        datasets: the two datasets.
        selected: the columns to compare; None for all columns that both datasets have.
        tolerances: the maximum difference of figures that are equal, by column.

    Attributes:
        table: the name of the table.
        common: the columns that both datasets have.
        fields: the columns that are compared.

    Raises:
        ComparisonError: The datasets have no common column that identifies a row.
    """

    def __init__(
        self,
        table: str,
        datasets: tuple[Dataset, Dataset],
        selected: Sequence[str] | None,
        tolerances: Mapping[str, Decimal],
    ) -> None:
        self.table = table
        self.common = [name for name in datasets[0].columns[table] if name in datasets[1].columns[table]]
        self._rows = tuple(dataset.tables[table] for dataset in datasets)
        self._tolerances = tolerances
        self._figures = figures(table)
        keys = ("instrument_id",) if self._has_instrument_ids() else _KEYS[table]
        keys = tuple(name for name in keys if name in self.common)
        if not keys:
            raise ComparisonError(
                f"{datasets[0].name} and {datasets[1].name} identify the {table} by different columns, so their rows "
                "cannot be matched"
            )
        self._keys = (*(name for name in OWNER if name in self.common), *keys)
        compared = self.common if selected is None else [name for name in self.common if name in selected]
        self.fields = [name for name in compared if name not in self._keys]

    def pairs(self, connections: Collection[str] | None) -> Iterator[tuple[Row | None, Row | None]]:
        """Yield matching rows, and each row that has no match paired with None.

        Args:
            connections: the connections whose rows are matched, in addition to rows without one; None for all.
        """
        groups_a, groups_b = (self._group(rows, connections) for rows in self._rows)
        for key, rows in groups_a.items():
            yield from self._match(rows, groups_b.pop(key, []))
        for rows in groups_b.values():
            yield from ((None, row) for row in rows)

    def changes(self, a: Row, b: Row) -> Iterator[Break]:
        """Yield a break for each column in which two matching rows differ."""
        for name in self.fields:
            if not self._is_equal(name, a[name], b[name]):
                yield self._break(BreakKind.CHANGED, a, name, a[name], b[name])

    def unmatched(self, row: Row, kind: BreakKind) -> Break:
        """Return the break of a row without a match."""
        name = next((each for each in row if each in self._figures and row[each] is not None), None)
        value = None if name is None else row[name]
        a, b = (None, value) if kind is BreakKind.APPEARED else (value, None)
        return self._break(kind, row, name, a, b)

    def _has_instrument_ids(self) -> bool:
        """Return whether both datasets have instrument_id, in every row unless a symbol is available instead."""
        return "instrument_id" in self.common and all(
            "symbol" not in self.common or row["instrument_id"] is not None for rows in self._rows for row in rows
        )

    def _break(self, kind: BreakKind, row: Row, field: str | None, a: Value, b: Value) -> Break:
        provider, connection, account_id = (_text(row.get(name)) for name in OWNER)
        label = " ".join(filter(None, (_text(row.get(name)) for name in _LABELS[self.table])))
        what = label or _text(row.get("instrument_id"))
        difference = exact_difference(b, a) if isinstance(a, Decimal) and isinstance(b, Decimal) else None
        return Break(kind, self.table, provider, connection, account_id, what, field, a, b, difference)

    def _group(self, rows: Sequence[Row], connections: Collection[str] | None) -> dict[Hashable, list[Row]]:
        """Group rows by their key. Rows with the same key are lots of one instrument."""
        groups: dict[Hashable, list[Row]] = {}
        for row in rows:
            if connections is None or row.get("connection") is None or row["connection"] in connections:
                groups.setdefault(tuple(_normalize(row[name]) for name in self._keys), []).append(row)
        return groups

    def _match(self, rows_a: list[Row], rows_b: list[Row]) -> Iterator[tuple[Row | None, Row | None]]:
        """Match rows with the same key: equal rows, then rows within the tolerances, then the others in order."""
        if len(rows_a) == len(rows_b) == 1:
            yield rows_a[0], rows_b[0]
            return
        equal, rows_a, rows_b = self._match_equal(rows_a, rows_b)
        yield from equal
        similar, rows_a, rows_b = self._match_similar(rows_a, rows_b)
        yield from similar
        yield from zip_longest(rows_a, rows_b)

    def _match_equal(self, rows_a: list[Row], rows_b: list[Row]) -> tuple[_Pairs, list[Row], list[Row]]:
        """Return pairs of equal rows, and the remaining rows of each side."""
        by_values: dict[Hashable, list[Row]] = {}
        for row in reversed(rows_b):
            by_values.setdefault(self._values(row), []).append(row)
        pairs, rest_a = [], []
        for row in rows_a:
            if candidates := by_values.get(self._values(row)):
                pairs.append((row, candidates.pop()))
            else:
                rest_a.append(row)
        rest = {id(row) for rows in by_values.values() for row in rows}
        return pairs, rest_a, [row for row in rows_b if id(row) in rest]

    def _match_similar(self, rows_a: list[Row], rows_b: list[Row]) -> tuple[_Pairs, list[Row], list[Row]]:
        """Return pairs of rows within the tolerances, and the remaining rows of each side."""
        if not any(self._tolerances.values()):
            return [], rows_a, rows_b
        pairs, rest_a, rest_b = [], [], list(rows_b)
        for row in rows_a:
            match = next((each for each in rest_b if self._are_equal(row, each)), None)
            if match is None:
                rest_a.append(row)
            else:
                rest_b.remove(match)
                pairs.append((row, match))
        return pairs, rest_a, rest_b

    def _values(self, row: Row) -> Hashable:
        return tuple(_normalize(row[name]) for name in self.fields)

    def _are_equal(self, a: Row, b: Row) -> bool:
        return all(self._is_equal(name, a[name], b[name]) for name in self.fields)

    def _is_equal(self, name: str, a: Value, b: Value) -> bool:
        if isinstance(a, Decimal) and isinstance(b, Decimal):
            return a == b or exact_difference(b, a).copy_abs() <= self._tolerances.get(name, _EXACT)
        return _normalize(a) == _normalize(b)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


def _normalize(value: Value) -> Value:
    """Return a string without surrounding whitespace, and an option symbol without spaces after its root."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    return text.replace(" ", "") if len(text) >= SHORTEST and parse_option_symbol(text) is not None else text
