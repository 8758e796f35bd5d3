"""Convert a snapshot in memory, in a JSON file or in a store to a dataset."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, Any

from onefolio_runtime import decimal_text

from .._core.errors import ComparisonError, StoreError
from .._core.files import open_regular
from .._core.strict_json import reject_duplicate_names
from .._models.columns import Column, columns, flatten
from .._models.jsonable import to_jsonable
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot
from .._tables.arrow_schema import text_name
from .datasets import COMPARED, Dataset, Row, Unread, Value, parse_figure, translate_file_errors

if TYPE_CHECKING:
    import pyarrow as pa


def snapshot_dataset(snapshot: Snapshot) -> Dataset:
    """Convert a snapshot in memory.

    Raises:
        ComparisonError: A figure is not finite or has more than 400 digits.
    """
    return _dataset(f"the snapshot of {snapshot.taken_at.isoformat()}", _flattened(to_jsonable(snapshot)))


def json_dataset(path: Path) -> Dataset:
    """Read the output of `onefolio snapshot --format json`.

    Raises:
        ComparisonError: The file cannot be read or is not a snapshot.
    """
    with translate_file_errors(path), open_regular(path) as file:
        value = json.loads(file.read(), parse_float=Decimal, object_pairs_hook=reject_duplicate_names)
    if not isinstance(value, dict) or not all(_is_array_of_objects(value.get(table)) for table in TABLES):
        raise ComparisonError(
            f"{path} is not a snapshot. It must be an object of arrays of objects, {', '.join(TABLES)}, such as the "
            "output of `onefolio snapshot --format json`"
        )
    try:
        return _dataset(str(path), _flattened(value))
    except (AttributeError, KeyError, TypeError) as error:
        raise ComparisonError(f"{path} is not a snapshot: a row is malformed ({error!r})") from None


def stored_dataset(place: str, when: str | None) -> Dataset:
    """Read a stored snapshot.

    Args:
        place: the path or address of the store.
        when: the beginning of the snapshot's time; None for the latest snapshot.

    Raises:
        ComparisonError: There is no such snapshot, or the store cannot be read.
        ConfigurationError: A package is not installed.
    """
    from ..stores.opening import open_store

    try:
        store = open_store(place)
        taken_at = store.find(when)
        tables = store.read(taken_at)
    except StoreError as error:
        raise ComparisonError(str(error)) from None
    failures = tables.failures.select(["connection", "operation", "account_id", "message"]).to_pylist()
    return _dataset(
        f"{store.name}, {taken_at.isoformat()}",
        {
            "accounts": tables.accounts.select(["connection"]).to_pylist(),
            **{table: _stored_rows(table, tables[table]) for table in COMPARED},
            "failures": [{**row, "error": {"message": row["message"]}} for row in failures],
        },
    )


def _stored_rows(table: str, stored: pa.Table) -> list[dict[str, Any]]:
    """Return stored rows as strings. For figures these are the strings that are stored beside them."""
    import pyarrow as pa

    names = {name: text_name(name) if column.is_figure else name for name, column in columns(TABLES[table]).items()}
    return pa.table([stored[source].cast(pa.string()) for source in names.values()], list(names)).to_pylist()


def _flattened(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Flatten the rows of the tables that are compared."""
    return {**tables, **{table: [flatten(row) for row in tables[table]] for table in COMPARED}}


def _dataset(name: str, tables: Mapping[str, Any]) -> Dataset:
    """Check and convert the tables of a snapshot.

    Raises:
        ComparisonError: A row lacks a column or has an invalid value.
    """
    compared = {table: columns(TABLES[table]) for table in COMPARED}
    rows = {
        table: [_row(row, stated, f"{name}: {table}, row {number}") for number, row in enumerate(tables[table], 1)]
        for table, stated in compared.items()
    }
    unread = [_unread(row, f"{name}: failures, row {number}") for number, row in enumerate(tables["failures"], 1)]
    connections = {str(row["connection"]) for each in (tables["accounts"], *rows.values()) for row in each}
    connections |= {each.connection for each in unread}
    return Dataset(name, rows, {table: list(each) for table, each in compared.items()}, unread, frozenset(connections))


def _row(row: Mapping[str, Any], stated: Mapping[str, Column], place: str) -> Row:
    result: dict[str, Value] = {}
    for name, column in stated.items():
        value = row.get(name)
        # A row without an option has no columns of an option.
        if value is None and name not in row and not name.startswith("option_"):
            raise ComparisonError(f"{place}: {name} is missing. Use null for an unknown value")
        result[name] = None if value is None else _value(value, column, f"{place}, {name}")
    return result


def _value(value: Any, column: Column, place: str) -> Value:
    if column.is_figure and type(value) in (str, int, Decimal):
        return parse_figure(value if type(value) is str else decimal_text(Decimal(value)), place)
    if column.is_figure or type(value) is not str:
        raise ComparisonError(f"{place}: {str(value)[:40]} is not a {'figure' if column.is_figure else 'string'}")
    return value


def _unread(row: Mapping[str, Any], place: str) -> Unread:
    table, connection, account_id = row["operation"], row["connection"], row["account_id"]
    if type(table) is not str or type(connection) is not str or type(account_id) not in (str, NoneType):
        raise ComparisonError(f"{place}: operation and connection must be strings, account_id a string or null")
    return Unread(connection, table if table in COMPARED else None, account_id, str(row["error"]["message"]))


def _is_array_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)
