"""Parse the examples of a provider's spec like responses of its API."""

from __future__ import annotations

from typing import Any, NamedTuple

from onefolio_runtime import Response, encode, finish

from .._connections.connection import Connection
from .._connections.resource import Capability, Resource
from .._core.errors import ConfigurationError
from .._models.records import Account
from .._reading.drift_log import DriftLog
from .._reading.paginator import Paginator
from ..openapi.examples import examples_by_status
from ..providers.registry import provider as find_provider


class Read(NamedTuple):
    """A parsed example.

    Attributes:
        what: the resource: `"accounts"`, `"balances"` or `"positions"`.
        body: the example.
        items: the unified objects that the adapter returns.
    """

    what: Capability
    body: Any
    items: list[Any]


def read_examples(provider: str) -> list[Read]:
    """Return every example of a successful response in a provider's spec, and the objects that its adapter returns.

    Args:
        provider: name of the provider.

    Raises:
        ConfigurationError: the provider is unknown, or no example contains an account.
        ProviderError: an example violates the spec, or the adapter cannot parse it.
    """
    kind = find_provider(provider)
    options: dict[str, Any] = kind.demo_credentials()
    connection = kind(**options)
    found = _parse_examples(connection, connection.accounts(), None)
    account = next((item for example in found for item in example.items), None)
    if account is None:
        raise ConfigurationError(f"{kind.title}: no example of its spec contains an account")
    if "balances" in kind.capabilities:
        if kind.balances_with_accounts:
            found += [_balances_of(connection, example) for example in list(found)]
        else:
            found += _parse_examples(connection, connection.balances(account), account)
    if "positions" in kind.capabilities:
        found += _parse_examples(connection, connection.positions(account), account)
    return found


def _parse_examples(connection: Connection, resource: Resource[Any, Any], account: Account | None) -> list[Read]:
    request = resource.request(None)
    operation = request.operation
    found = []
    for body in examples_by_status(connection.contract.spec, operation.method, operation.path)["200"]:
        paginator = Paginator(connection, resource, DriftLog(), "strict", account.id if account else None)
        page = Response(request, status_code=200, headers={}, content=encode(body).encode())
        found.append(Read(resource.capability, body, finish(paginator.feed(page))))
    return found


def _balances_of(connection: Connection, example: Read) -> Read:
    """Return the balances that an example of accounts contains."""
    balances = [balance for account in example.items for balance in connection.balances_of(account, lambda _: None)]
    return Read("balances", example.body, balances)
