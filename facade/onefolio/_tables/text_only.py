"""Figures with more digits than a decimal column can hold. Only the text columns of a table contain them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

import attrs

from onefolio_runtime import escape_controls

from .._core.text import pluralize
from .._models.pydantic_schema import PydanticSchema
from .arrow_schema import DIGITS, PLACES, text_name
from .row_description import describe_row

if TYPE_CHECKING:
    import pyarrow as pa

TEXT_ONLY_KEY: Final = b"onefolio.text_only"
"""In the metadata of a table with such figures: a JSON object of their number by column."""

_SUBJECTS = ("symbol", "asset")
"""Columns that name the subject of a row."""

_SHOWN_ROWS = 3
"""Maximum number of rows that a message names."""

_log = logging.getLogger("onefolio.tables")


@attrs.frozen
class TextOnlyFigure(PydanticSchema):
    """A figure with more digits than its decimal column can hold: null in that column, and exact in its text column.

    Attributes:
        table: the name of the table, such as `"positions"`.
        column: the decimal column, such as `"cost_basis"`; the text column is `"cost_basis_text"`.
        row: the index of the row in the table, from 0.
        connection: the connection of the row.
        account_id: the account of the row.
        what: the symbol of a position or the asset of a balance; None if the provider does not state it.
        text: the figure in plain decimal notation, with the digits that the provider sent.
    """

    table: str
    column: str
    row: int
    connection: str
    account_id: str
    what: str | None
    text: str


def find_text_only(name: str, table: pa.Table) -> Iterator[TextOnlyFigure]:
    """Yield the text-only figures of a table.

    Args:
        name: the name of the table.
        table: the table. A figure without a text column is not text-only.
    """
    for column, indices in _indices(table):
        text = text_name(column)
        named = [each for each in ("connection", "account_id", *_SUBJECTS, text) if each in table.column_names]
        for index, row in zip(indices, table.select(named).take(indices).to_pylist(), strict=True):
            what = next((row[each] for each in _SUBJECTS if each in row), None)
            yield TextOnlyFigure(name, column, index, row["connection"], row["account_id"], what, row[text])


def mark_text_only(table: pa.Table) -> pa.Table:
    """Return a table whose metadata states the number of its text-only figures by column, if it has any.

    A statement in the metadata of the table, which may be a part of a marked one, is replaced.
    """
    metadata = {key: value for key, value in (table.schema.metadata or {}).items() if key != TEXT_ONLY_KEY}
    if counts := {column: len(indices) for column, indices in _indices(table)}:
        metadata[TEXT_ONLY_KEY] = json.dumps(counts).encode()
    return table.replace_schema_metadata(metadata)


def describe_text_only(figures: Iterable[TextOnlyFigure]) -> list[str]:
    """Describe text-only figures for people, in one line for each column."""
    by_column: dict[tuple[str, str], list[TextOnlyFigure]] = {}
    for each in figures:
        by_column.setdefault((each.table, each.column), []).append(each)
    return [_describe_column(table, column, each) for (table, column), each in by_column.items()]


def log_text_only(figures: Iterable[TextOnlyFigure]) -> None:
    """Log text-only figures as warnings of the logger `onefolio.tables`."""
    for line in describe_text_only(figures):
        _log.warning("%s", line)


def _indices(table: pa.Table) -> Iterator[tuple[str, list[int]]]:
    """Yield the columns with text-only figures, and the indices of their rows."""
    import pyarrow.compute as pc

    names = set(table.column_names)
    for column in table.column_names:
        if (text := text_name(column)) in names:
            mask = pc.and_(pc.is_null(table[column]), pc.is_valid(table[text]))
            indices: list[Any] = pc.indices_nonzero(mask).to_pylist()
            if indices:
                yield column, indices


def _describe_column(table: str, column: str, figures: Sequence[TextOnlyFigure]) -> str:
    rows = [
        describe_row({"symbol": each.what, "account_id": each.account_id, "connection": each.connection}.get)
        for each in figures[:_SHOWN_ROWS]
    ]
    if hidden := len(figures) - len(rows):
        rows.append(f"{hidden} more")
    return escape_controls(
        f"{table}: {pluralize(len(figures), 'figure')} of {column} with more digits than DECIMAL({DIGITS}, {PLACES}): "
        f"null in {column}, exact in {text_name(column)}. Rows: {', '.join(rows)}"
    )
