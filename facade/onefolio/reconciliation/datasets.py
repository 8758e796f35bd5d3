"""One side of a reconciliation in normalized form: rows of strings and exact decimals."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from attrs import field, frozen

from .._core.errors import ComparisonError
from .._core.text import count_items
from .._models.columns import columns
from .._models.records import TABLES

Value: TypeAlias = Decimal | str | None

Row: TypeAlias = Mapping[str, Value]

COMPARED: Final = ("positions", "balances")
"""The tables that are reconciled."""

_MAX_DIGITS: Final = 400
"""Maximum length of a figure. The figures of all providers are shorter than 120 digits."""

_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


@frozen
class Unread:
    """Rows that a dataset lacks because they could not be read.

    Attributes:
        connection: the connection of the rows.
        table: the table of the rows; None for all tables, if the accounts could not be read.
        account_id: the account of the rows; None for all accounts of the connection.
        why: the error message.
    """

    connection: str
    table: str | None
    account_id: str | None
    why: str

    def covers(self, table: str, row: Row) -> bool:
        """Return whether a row of the other dataset may be one of these rows."""
        return (
            self.table in (None, table)
            and row.get("connection") in (None, self.connection)
            and self.account_id in (None, row.get("account_id"))
        )


@frozen
class Dataset:
    """One side of a reconciliation.

    Attributes:
        name: the path, address or description of the source.
        tables: the rows of each table.
        columns: the columns of each table.
        unread: the rows that could not be read.
        connections: the connections that a snapshot has read; None for books.
    """

    name: str
    tables: Mapping[str, Sequence[Row]] = field(repr=count_items)
    columns: Mapping[str, Sequence[str]] = field(repr=count_items)
    unread: Sequence[Unread] = field(default=(), repr=count_items)
    connections: frozenset[str] | None = None

    def row_connections(self) -> set[str]:
        """Return the connections that rows state."""
        return {str(row["connection"]) for rows in self.tables.values() for row in rows if row.get("connection")}


@cache
def figures(table: str) -> frozenset[str]:
    """Return the columns of a table that contain figures."""
    return frozenset(name for name, column in columns(TABLES[table]).items() if column.is_figure)


def parse_figure(text: str, place: str) -> Decimal:
    """Parse a number in plain decimal notation.

    Args:
        text: the number.
        place: the position in the source, for the error.

    Raises:
        ComparisonError: The string is not such a number, or has more than 400 characters.
    """
    if not _NUMBER.fullmatch(text):
        raise ComparisonError(f"{place}: {text[:40]!r} is not a plain decimal number such as -1234.50")
    if len(text) > _MAX_DIGITS:
        raise ComparisonError(f"{place}: {text[:40]}… has more than {_MAX_DIGITS} digits")
    return Decimal(text)


@contextmanager
def translate_file_errors(path: Path) -> Iterator[None]:
    """Raise a ComparisonError that names the file for an error while it is read or parsed."""
    try:
        yield
    except OSError as error:
        raise ComparisonError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ComparisonError(f"{path} is not encoded in UTF-8. Save it in UTF-8") from None
    except RecursionError:
        raise ComparisonError(f"{path} cannot be read: it is nested too deeply") from None
    except (csv.Error, ValueError) as error:
        raise ComparisonError(f"{path} cannot be read: {error}") from None
