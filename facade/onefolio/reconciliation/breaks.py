"""The result of a reconciliation, and its conversion to JSON, CSV and HTML."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import StrEnum

import attrs

from .._core.csv_writer import csv_writer
from .._core.text import count_items, escape_surrogates, pluralize
from .._models.jsonable import to_jsonable
from .._models.pydantic_schema import PydanticSchema
from .datasets import Value


class BreakKind(StrEnum):
    """Kind of a break."""

    APPEARED = "appeared"
    """Only the second side has the row."""
    VANISHED = "vanished"
    """Only the first side has the row."""
    CHANGED = "changed"
    """Both sides have the row, with different values in one column."""
    UNREAD = "unread"
    """One side could not read rows, so they could not be compared."""


@attrs.frozen
class Break(PydanticSchema):
    """A difference between the two sides.

    Attributes:
        kind: the kind of the break.
        table: `"positions"` or `"balances"`; None if the accounts of the connection could not be read.
        provider: the provider of the row; None if books do not state it.
        connection: the connection of the row; None if books do not state it.
        account_id: the account of the row; None if all accounts of the connection could not be read.
        what: the symbol of a position, the asset and network of a balance, or the number of rows that the other side
            has for an unread listing.
        field: the column with different values; for a row on one side only, its first figure.
        a: the value on the first side.
        b: the value on the second side.
        difference: `b` minus `a`, exact, if both are figures.
        why: the error message of an unread listing.
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
class Reconciliation(PydanticSchema):
    """The result of a comparison.

    Attributes:
        a: the name of the first side.
        b: the name of the second side.
        compared: the number of rows on both sides, by table.
        fields: the columns that were compared, by table.
        breaks: the differences, in the order of the tables and of the rows on the first side.
    """

    a: str
    b: str
    compared: Mapping[str, int]
    fields: Mapping[str, Sequence[str]]
    breaks: Sequence[Break] = attrs.field(repr=count_items)

    def counts(self) -> dict[BreakKind, int]:
        """Return the number of breaks of each kind."""
        counter = Counter(each.kind for each in self.breaks)
        return {kind: counter[kind] for kind in BreakKind}

    def summary(self) -> str:
        """Return the numbers of compared rows and of breaks in one line."""
        rows = ", ".join(pluralize(number, table.removesuffix("s")) for table, number in self.compared.items())
        breaks = ", ".join(f"{number} {kind}" for kind, number in self.counts().items() if number)
        return f"{rows} on both sides; {breaks or 'no break'}"

    def to_json(self) -> str:
        """Return the result as a JSON object. Figures are strings."""
        return json.dumps({**to_jsonable(self), "counts": to_jsonable(self.counts())}, indent=2)

    def to_csv(self) -> str:
        """Return the breaks as CSV, with a header and one line per break."""
        text = io.StringIO()
        writer = csv_writer(text, [field.name for field in attrs.fields(Break)])
        writer.writeheader()
        writer.writerows(to_jsonable(each) for each in self.breaks)
        return text.getvalue()

    def to_html(self) -> str:
        """Return the result as a self-contained HTML page.

        Raises:
            ConfigurationError: Jinja is not installed.
        """
        from .._core.html import render_page

        tables: dict[str, list[Break]] = {}
        for each in self.breaks:
            tables.setdefault(each.table or "accounts", []).append(each)
        return escape_surrogates(render_page("diff", result=self, tables=tables, to_jsonable=to_jsonable))
