"""Arrow columns and types of the tables of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_origin

import attrs

from onefolio_runtime import decimal_text, encode

from .._core.text import escape_surrogates
from .._models.columns import columns
from .._models.records import TABLES, Failure

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION: Final = 1
"""Version of the names and meanings of the columns, in the metadata of each table."""

VERSION_KEY: Final = b"onefolio.schema_version"

DIGITS: Final = 38
"""Maximum number of digits of a figure."""

PLACES: Final = 18
"""Number of digits of a figure after the decimal point."""


@attrs.frozen
class FailureRow:
    """A failure as a row of a table: the attributes of its error are columns, a quarantined row is JSON."""

    provider: str
    connection: str
    operation: str
    account_id: str | None
    error: str
    status_code: int | None
    code: str | None
    request_id: str | None
    message: str
    row: str | None

    @classmethod
    def from_failure(cls, failure: Failure) -> FailureRow:
        """Convert a failure to a row. Strings that only describe the error are escaped if a store cannot hold them."""
        error = failure.error
        return cls(
            provider=error.provider,
            connection=failure.connection,
            operation=failure.operation,
            account_id=failure.account_id,
            error=type(error).__name__,
            status_code=error.status_code,
            code=_escape(error.code),
            request_id=_escape(error.request_id),
            message=_escape(error.message) or "",
            row=None if failure.row is None else encode(failure.row),
        )


def _escape(text: str | None) -> str | None:
    """Escape the characters of an error message that not every store can hold.

    Bytes of a response header that are not UTF-8 are surrogates in Python. PostgreSQL cannot store NUL characters.
    """
    return None if text is None else escape_surrogates(text).replace("\0", "\\x00")


class ArrowColumn(NamedTuple):
    """A column of an Arrow table.

    Attributes:
        name: the name of the column.
        type: the Arrow type of the values.
        read: returns the value of the column for a row.
    """

    name: str
    type: pa.DataType
    read: Callable[[Any], Any]


@cache
def schema(table: str, *, full: bool) -> pa.Schema:
    """Return the Arrow schema of a table.

    Args:
        table: one of `TABLES`.
        full: include the digits of figures as strings, and `raw`; see `Snapshot.to_arrow`.
    """
    import pyarrow as pa

    fields: list[pa.Field[Any]] = [pa.field("taken_at", pa.timestamp("us", "UTC"), nullable=False)]
    fields += [pa.field(column.name, column.type) for column in arrow_columns(table, full=full)]
    return pa.schema(fields, metadata={VERSION_KEY: str(SCHEMA_VERSION).encode()})


@cache
def arrow_columns(table: str, *, full: bool) -> tuple[ArrowColumn, ...]:
    """Return the columns of a table after `taken_at`; the arguments are those of `schema`."""
    import pyarrow as pa

    model = _model(table)
    stated = columns(model)
    result = [ArrowColumn(name, _arrow_type(column.type), _getter(column.path)) for name, column in stated.items()]
    if full:
        result += text_columns(table).values()
        if hasattr(model, "raw"):
            result.append(ArrowColumn("raw", pa.string(), lambda row: None if row.raw is None else row.raw.to_json()))
    return tuple(result)


@cache
def text_columns(table: str) -> Mapping[str, ArrowColumn]:
    """Return the columns with the exact digits of figures, by the names of the figures."""
    import pyarrow as pa

    stated = columns(_model(table))
    return {
        name: ArrowColumn(text_name(name), pa.string(), _text_getter(column.path))
        for name, column in stated.items()
        if column.is_figure
    }


def text_name(figure: str) -> str:
    """Return the name of the column with the exact digits of a figure."""
    return f"{figure}_text"


def _model(table: str) -> type[Any]:
    return FailureRow if table == "failures" else TABLES[table]


def _getter(path: tuple[str, ...]) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:
        for name in path:
            row = None if row is None else getattr(row, name)
        return sorted(row) if isinstance(row, frozenset) else row

    return read


def _text_getter(path: tuple[str, ...]) -> Callable[[Any], str | None]:
    read = _getter(path)

    def text(row: Any) -> str | None:
        value = read(row)
        return None if value is None else decimal_text(value)

    return text


def _arrow_type(kind: Any) -> pa.DataType:
    import pyarrow as pa

    if get_origin(kind) is frozenset:
        return pa.list_(pa.string())
    known: dict[Any, pa.DataType] = {Decimal: pa.decimal128(DIGITS, PLACES), date: pa.date32(), int: pa.int64()}
    return known.get(kind, pa.string())
