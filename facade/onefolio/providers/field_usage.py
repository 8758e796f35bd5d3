"""What the adapters read of each answer and send with each request, found by watching them at it."""

from __future__ import annotations

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
    """What is used of one operation.

    Args:
        provider: whose adapter it is.
        answers: the paths that are read, by status.
        parameters: the parameters that are sent, such as `query page_token`.
        rows: where the rows are that become unified objects.
    """

    provider: str
    rows: FieldPath = ()
    answers: dict[str, set[FieldPath]] = field(factory=dict)
    parameters: set[str] = field(factory=set)


@cache
def field_usage(provider: str) -> dict[tuple[str, str], FieldUsage]:
    """Return what the adapter of a provider uses of each operation, by method and path.

    Its own methods are given the examples of the provider's spec, in objects that write down which fields
    are looked up, whether these are there or not.
    """
    kind = known()[provider]
    options: dict[str, Any] = kind.demo_credentials()
    connection = kind(**options)
    found: dict[tuple[str, str], FieldUsage] = {}
    account = _watch(connection, connection.accounts(), found)[0]
    for capability in ("balances", "positions"):
        if capability in kind.capabilities and not (capability == "balances" and kind.balances_with_accounts):
            _watch(connection, getattr(connection, capability)(account), found)
    return found


def _watch(
    connection: Connection, reading: Resource[Any, Any], found: dict[tuple[str, str], FieldUsage]
) -> list[Account]:
    requests = [reading.request(token) for token in (None, "1")]
    operation = requests[0].operation
    use = found.setdefault((operation.method, operation.path), FieldUsage(connection.provider, reading.rows_path))
    for request in requests:
        use.parameters |= {f"query {name}" for name in request.query} | {f"header {name}" for name in request.headers}
    use.parameters |= {f"path {name[1:-1]}" for name in operation.path.split("/") if name.startswith("{")}
    rows: list[Any] = []
    for status, examples in examples_by_status(connection.contract.spec, operation.method, operation.path).items():
        read = use.answers.setdefault(status, set())
        for example in examples:
            body = _watched(example, (), read)
            connection.read_error(body)
            if not status.startswith("2"):
                continue
            next_token(reading, body)  # looked up, as a listing does
            listed = value_at(body, reading.rows_path)
            rows += [_read_row(connection, reading, row) for row in (listed if isinstance(listed, list) else [listed])]
    return rows


def _read_row(connection: Connection, reading: Resource[Any, Any], row: Any) -> Any:
    model: Model = reading.model.view(row)
    result = reading.parse(model)
    if connection.balances_with_accounts and isinstance(result, Account):
        connection.balances_of(result, lambda _: None)
    return result


def _watched(value: Any, path: FieldPath, read: set[FieldPath]) -> Any:
    if isinstance(value, dict):
        return _RecordingObject({name: _watched(item, (*path, name), read) for name, item in value.items()}, path, read)
    if isinstance(value, list):
        return [_watched(item, (*path, "*"), read) for item in value]
    return value


class _RecordingObject(dict[str, Any]):
    """A JSON object that writes down which of its fields are looked up."""

    def __init__(self, fields: dict[str, Any], path: FieldPath, read: set[FieldPath]) -> None:
        super().__init__(fields)
        self._path, self._read = path, read

    def __getitem__(self, name: str) -> Any:
        self._read.add((*self._path, name))
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self._read.add((*self._path, name))
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        self._read.add((*self._path, str(name)))
        return super().__contains__(name)
