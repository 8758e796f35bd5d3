"""The examples of a provider's spec, read as answers of its API would be."""

from __future__ import annotations

from typing import Any, NamedTuple

from onefolio_runtime import Response, encode

from .._connections.connection import Connection
from .._connections.resource import Capability, Resource
from .._core.errors import ConfigurationError
from .._models.records import Account
from .._reading.drift_log import DriftLog
from .._reading.paginator import Paginator
from ..openapi.examples import examples_by_status
from ..providers.registry import provider as find_provider


class Read(NamedTuple):
    """An example that was read.

    Attributes:
        what: what is listed: accounts, balances or positions.
        body: the example.
        items: the unified objects that it becomes.
    """

    what: Capability
    body: Any
    items: list[Any]


def read_examples(provider: str) -> list[Read]:
    """Return every example of a success in a provider's spec, and what its adapter makes of it.

    Raises:
        ConfigurationError: there is no such provider, or no example lists an account.
        ProviderError: an example breaks the spec, or the adapter does not read it.
    """
    kind = find_provider(provider)
    connection = kind.from_environ({}, defaults=kind.demo_credentials())
    assert connection is not None  # noqa: S101  # it has its keys
    found = _read(connection, connection.accounts(), None)
    account = next((item for each in found for item in each.items), None)
    if account is None:
        raise ConfigurationError(f"{kind.title}: no example of its spec lists an account")
    if "balances" in kind.capabilities:
        if kind.balances_with_accounts:
            found += [
                Read("balances", each.body, [held for item in each.items for held in _held(connection, item)])
                for each in list(found)
            ]
        else:
            found += _read(connection, connection.balances(account), account)
    if "positions" in kind.capabilities:
        found += _read(connection, connection.positions(account), account)
    return found


def _read(connection: Connection, reading: Resource[Any, Any], account: Account | None) -> list[Read]:
    request = reading.request(None)
    operation = request.operation
    found = []
    for body in examples_by_status(connection.contract.spec, operation.method, operation.path)["200"]:
        listing = Paginator(connection, reading, DriftLog(), "strict", account.id if account else None)
        answer = Response(request, status_code=200, headers={}, content=encode(body).encode())
        found.append(Read(reading.what, body, listing.feed(answer)))
    return found


def _held(connection: Connection, account: Account) -> list[Any]:
    return connection.balances_of(account, lambda _: None)
