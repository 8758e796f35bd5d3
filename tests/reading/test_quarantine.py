"""Change every field of one row: an invalid row is quarantined, and all other rows are returned."""

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
from tests.scripted import Script, connect, example_of


def list_resources() -> Iterator[Any]:
    """Yield a connection, a list resource and a response body of three rows, for every list resource."""
    for name, kind in known().items():
        connection = connect(name)
        resources: list[Resource[Any, Any]] = [connection.accounts()]
        if "positions" in kind.capabilities:
            resources.append(connection.positions(Account(provider=name, connection=name, id="1")))
        for resource in resources:
            body = example_of(name, resource.request(None).operation.path, "1")
            rows = body
            for step in resource.rows_path:
                rows = rows[step]
            if isinstance(rows, list):
                rows[:] = [copy.deepcopy(rows[0]) for _ in range(3)]
                if resource.total:
                    value_at(body, resource.total[:-1])[resource.total[-1]] = len(rows)
                yield pytest.param(connection, resource, body, id=f"{name}-{resource.capability}")


def field_paths(row: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every field and item in a row."""
    for key, value in row.items() if isinstance(row, dict) else enumerate(row):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from field_paths(value, (*path, key))


def change_field(row: Any, path: tuple[Any, ...], change: object) -> Any:
    """Return a copy of a row with the field at a path removed, null or an unknown value."""
    row = copy.deepcopy(row)
    *parents, last = path
    holder = row
    for key in parents:
        holder = holder[key]
    if change == "absent":
        del holder[last]
    else:
        holder[last] = None if change == "null" else "UNKNOWN_VALUE"
    return row


@pytest.mark.parametrize(("connection", "resource", "body"), list(list_resources()))
@pytest.mark.parametrize("change", ["null", "absent", "unknown value"])
def test_invalid_row_is_quarantined_and_the_other_rows_are_returned(
    connection: Connection, resource: Resource[Any, Any], body: Any, change: str, folio_of: Callable[..., Folio]
) -> None:
    response = copy.deepcopy(body)
    rows = response
    for step in resource.rows_path:
        rows = rows[step]
    good = copy.deepcopy(rows[0])
    folio = folio_of(Script(lambda _: httpx.Response(200, json=response)), connection)
    outcomes = set()
    for path in field_paths(good):
        rows[1] = change_field(good, path, change)
        # As in a snapshot, but without the request for accounts that precedes the one for positions.
        paginator = Paginator[Any](connection, resource, DriftLog(), "quarantine", "1")
        returned = [each.raw.to_dict() for each in folio._rows(folio._call(paginator))]
        if paginator.failures:
            (failure,) = paginator.failures
            assert isinstance(failure.error, ContractViolation)
            assert failure.row == rows[1], "the failure has the raw row"
            assert returned == [good, good]
            assert all(each.pointer.startswith(row_pointer(resource)) for each in failure.error.violations)
        else:
            assert returned == [good, rows[1], good], "a valid row is returned"
        outcomes.add(bool(paginator.failures))
    assert True in outcomes, "at least one change violates the contract"


def row_pointer(resource: Resource[Any, Any]) -> str:
    return "".join(f"/{step}" for step in resource.rows_path) + "/1"
