"""Find the fields that an adapter reads and the parameters that it sends, by running it on recording objects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from attrs import define, field

from onefolio_runtime import Model

from .._connections.connection import Connection
from .._connections.resource import Resource, next_token
from .._core.json_paths import FieldPath, value_at
from .._models.records import Account
from ..openapi.examples import examples_by_status
from .registry import known


@define
class FieldUsage:
    """The use of one operation by an adapter.

    Attributes:
        provider: the adapter's provider.
        rows_path: field names that lead to the rows.
        fields: paths of the fields that are read, by status.
        parameters: the parameters that are sent, such as `query page_token`.
    """

    provider: str
    rows_path: FieldPath = ()
    fields: dict[str, set[FieldPath]] = field(factory=dict)
    parameters: set[str] = field(factory=set)


@cache
def field_usage(provider: str) -> dict[tuple[str, str], FieldUsage]:
    """Return the use of each operation by a provider's adapter, by method and path.

    The adapter parses the examples of its spec as objects that record each look-up of a field, present or absent.
    """
    kind = known()[provider]
    options: dict[str, Any] = kind.demo_credentials()
    connection = kind(**options)
    found: dict[tuple[str, str], FieldUsage] = {}
    account = _record(connection, connection.accounts(), found)[0]
    for resource in resources_of_account(connection, account):
        _record(connection, resource, found)
    return found


def resources_of_account(connection: Connection, account: Account) -> Iterator[Resource[Any, Any]]:
    """Yield the resources of an account that have operations of their own."""
    if "balances" in connection.capabilities and not connection.balances_with_accounts:
        yield connection.balances(account)
    if "positions" in connection.capabilities:
        yield connection.positions(account)


def _record(
    connection: Connection, resource: Resource[Any, Any], found: dict[tuple[str, str], FieldUsage]
) -> list[Account]:
    """Record the use of a resource's operation; return the parsed rows of its examples."""
    requests = [resource.request(token) for token in (None, "1")]
    operation = requests[0].operation
    usage = found.setdefault((operation.method, operation.path), FieldUsage(connection.provider, resource.rows_path))
    for request in requests:
        usage.parameters |= {f"query {name}" for name in request.query} | {f"header {name}" for name in request.headers}
    usage.parameters |= {f"path {name[1:-1]}" for name in operation.path.split("/") if name.startswith("{")}
    parsed: list[Any] = []
    for status, examples in examples_by_status(connection.contract.spec, operation.method, operation.path).items():
        fields = usage.fields.setdefault(status, set())
        for example in examples:
            body = _recording(example, (), fields)
            connection.read_error(body)
            if not status.startswith("2"):
                continue
            next_token(resource, body)
            rows = value_at(body, resource.rows_path)
            parsed += [_parse(connection, resource, row) for row in (rows if isinstance(rows, list) else [rows])]
    return parsed


def _parse(connection: Connection, resource: Resource[Any, Any], row: Any) -> Any:
    value_at(row, resource.account_id or ())
    model: Model = resource.model.view(row)
    parsed = resource.parse(model)
    if connection.balances_with_accounts and isinstance(parsed, Account):
        connection.balances_of(parsed, lambda _: None)
    return parsed


def _recording(value: Any, path: FieldPath, fields: set[FieldPath]) -> Any:
    """Return a JSON value whose objects record each look-up in `fields`."""
    if isinstance(value, dict):
        items = {name: _recording(item, (*path, name), fields) for name, item in value.items()}
        return _RecordingObject(items, path, fields)
    if isinstance(value, list):
        return [_recording(item, (*path, "*"), fields) for item in value]
    return value


class _RecordingObject(dict[str, Any]):
    """A JSON object that records the look-ups of its fields."""

    def __init__(self, items: dict[str, Any], path: FieldPath, fields: set[FieldPath]) -> None:
        super().__init__(items)
        self._path, self._fields = path, fields

    def __getitem__(self, name: str) -> Any:
        self._fields.add((*self._path, name))
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._fields.add((*self._path, name))
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._fields.add((*self._path, str(name)))
        return super().__contains__(name)
