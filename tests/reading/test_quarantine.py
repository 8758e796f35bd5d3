"""One odd row in an answer: whatever is done to any of its fields, the other rows survive and the odd one is kept."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from onefolio import Account, Connection, ContractViolation, Folio
from onefolio._connections.resource import Resource
from onefolio._core.json_paths import value_at
from onefolio._reading.drift_log import DriftLog
from onefolio._reading.paginator import Paginator
from onefolio.providers.registry import known
from tests.scripted import Script, connect, example


def listings() -> Iterator[Any]:
    """Each listing of each provider: what reads it, and an answer of three rows."""
    for name, kind in known().items():
        connection = connect(name)
        readings: list[Resource[Any, Any]] = [connection.accounts()]
        if "positions" in kind.capabilities:
            readings.append(connection.positions(Account(provider=name, connection=name, id="1")))
        for reading in readings:
            body = copy.deepcopy(example(name, reading.request(None).operation.path))
            rows = body
            for step in reading.rows_path:
                rows = rows[step]
            if isinstance(rows, list):
                rows[:] = [copy.deepcopy(rows[0]) for _ in range(3)]
                if reading.total:
                    value_at(body, reading.total[:-1])[reading.total[-1]] = len(rows)
                yield pytest.param(connection, reading, body, id=f"{name}-{reading.capability}")


def fields(row: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a row."""
    for key, value in row.items() if isinstance(row, dict) else enumerate(row):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from fields(value, (*path, key))


def changed(row: Any, path: tuple[Any, ...], change: object) -> Any:
    row = copy.deepcopy(row)
    *way, last = path
    holder = row
    for key in way:
        holder = holder[key]
    if change == "absent":
        del holder[last]
    else:
        holder[last] = None if change == "null" else "A_NEW_WORD"
    return row


@pytest.mark.parametrize(("connection", "reading", "body"), list(listings()))
@pytest.mark.parametrize("change", ["null", "absent", "new word"])
def test_the_other_rows_survive(
    connection: Connection, reading: Resource[Any, Any], body: Any, change: str, folio_of: Callable[..., Folio]
) -> None:
    answer = copy.deepcopy(body)
    rows = answer
    for step in reading.rows_path:
        rows = rows[step]
    good = copy.deepcopy(rows[0])
    folio = folio_of(Script(lambda _: httpx.Response(200, json=answer)), connection)
    verdicts = set()
    for path in fields(good):
        rows[1] = changed(good, path, change)
        # As a snapshot reads it, without the accounts that would stand before positions.
        listing = Paginator[Any](connection, reading, DriftLog(), "quarantine", "1")
        kept = [each.raw.to_dict() for each in folio._rows(folio._call(listing))]
        if listing.failures:
            (failure,) = listing.failures
            assert isinstance(failure.error, ContractViolation)
            assert failure.row == rows[1], "the raw row is kept"
            assert kept == [good, good]
            assert all(each.pointer.startswith(pointer(reading)) for each in failure.error.violations)
        else:
            assert kept == [good, rows[1], good], "what the contract allows is read"
        verdicts.add(bool(listing.failures))
    assert True in verdicts, "some change breaks the contract"


def pointer(reading: Resource[Any, Any]) -> str:
    return "".join(f"/{step}" for step in reading.rows_path) + "/1"
