"""Hypothesis strategies of unified models: rows that a spec allows, parsed by the adapter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from onefolio_runtime import ContractError

from .._connections.connection import Connection
from .._connections.resource import Capability, Resource
from .._core.errors import ConfigurationError
from .._models.records import Account, Balance, Position
from ..providers.registry import known
from .json_values import bodies


def accounts(provider: str | None = None) -> SearchStrategy[Account]:
    """Return a strategy of the accounts that a provider's spec allows.

    Args:
        provider: name of the provider; by default any.

    Raises:
        ConfigurationError: the provider is unknown.
    """
    return _any_connection("accounts", provider, _accounts)


def balances(provider: str | None = None) -> SearchStrategy[Balance]:
    """Return a strategy of the balances that a provider's spec allows.

    Args:
        provider: name of the provider; by default any.

    Raises:
        ConfigurationError: the provider is unknown or has no balances.
    """
    return _any_connection("balances", provider, _balances)


def positions(provider: str | None = None) -> SearchStrategy[Position]:
    """Return a strategy of the positions that a provider's spec allows.

    Args:
        provider: name of the provider; by default any.

    Raises:
        ConfigurationError: the provider is unknown or has no positions.
    """
    return _any_connection("positions", provider, _positions)


def _any_connection(
    capability: Capability, provider: str | None, strategy_of: Callable[[Connection], SearchStrategy[Any]]
) -> SearchStrategy[Any]:
    """Return a strategy that selects one of the providers with a capability."""
    available = {name: kind for name, kind in known().items() if capability in kind.capabilities}
    if provider is not None and provider not in available:
        raise ConfigurationError(f"no provider {provider!r} has {capability}; available: {', '.join(available)}")
    kinds = available.values() if provider is None else [available[provider]]
    connections = [kind.from_environ({}, defaults=kind.demo_credentials()) for kind in kinds]
    return st.one_of([strategy_of(connection) for connection in connections if connection is not None])


def _accounts(connection: Connection) -> SearchStrategy[Account]:
    return _parsed(connection.accounts())


def _balances(connection: Connection) -> SearchStrategy[Balance]:
    def of_account(account: Account) -> SearchStrategy[Balance]:
        if not connection.balances_with_accounts:
            return _parsed(connection.balances(account))
        found = connection.balances_of(account, lambda _: None)
        return st.sampled_from(found) if found else st.nothing()

    return _accounts(connection).flatmap(of_account)


def _positions(connection: Connection) -> SearchStrategy[Position]:
    return _accounts(connection).flatmap(lambda account: _parsed(connection.positions(account)))


@st.composite
def _parsed(draw: st.DrawFn, resource: Resource[Any, Any]) -> Any:
    row = draw(bodies(resource.model.CONTRACT, resource.model.SCHEMA))
    try:
        return resource.parse(resource.model.view(row))
    except ContractError:
        # The schema allows rows that the adapter rejects, such as a long position with a negative quantity.
        return draw(st.nothing())
