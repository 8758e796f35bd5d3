"""Hypothesis strategies of unified models: whatever a spec allows, read by its adapter."""

from __future__ import annotations

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
    """Return a strategy of accounts as a provider's spec allows them; `provider` is one, by default any."""
    return st.sampled_from(_having("accounts", provider)).flatmap(_accounts)


def balances(provider: str | None = None) -> SearchStrategy[Balance]:
    """Return a strategy of balances as a provider's spec allows them; `provider` is one, by default any."""
    return st.sampled_from(_having("balances", provider)).flatmap(_balances)


def positions(provider: str | None = None) -> SearchStrategy[Position]:
    """Return a strategy of positions as a provider's spec allows them; `provider` is one, by default any."""
    return st.sampled_from(_having("positions", provider)).flatmap(
        lambda connection: _accounts(connection).flatmap(lambda account: _read(connection.positions(account)))
    )


def _having(what: Capability, provider: str | None) -> list[Connection]:
    kinds = known()
    if provider is not None and (provider not in kinds or what not in kinds[provider].capabilities):
        having = ", ".join(name for name, kind in kinds.items() if what in kind.capabilities)
        raise ConfigurationError(f"no provider {provider!r} has {what}; there is {having}")
    chosen = kinds.values() if provider is None else [kinds[provider]]
    found = [kind.from_environ({}, defaults=kind.demo_credentials()) for kind in chosen if what in kind.capabilities]
    return [connection for connection in found if connection is not None]


def _accounts(connection: Connection) -> SearchStrategy[Account]:
    return _read(connection.accounts())


def _balances(connection: Connection) -> SearchStrategy[Balance]:
    def of(account: Account) -> SearchStrategy[Balance]:
        if not connection.balances_with_accounts:
            return _read(connection.balances(account))
        held = connection.balances_of(account, lambda _: None)
        return st.sampled_from(held) if held else st.nothing()

    return _accounts(connection).flatmap(of)


@st.composite
def _read(draw: st.DrawFn, reading: Resource[Any, Any]) -> Any:
    row = draw(bodies(reading.model.CONTRACT, reading.model.SCHEMA))
    try:
        return reading.parse(reading.model.view(row))
    except ContractError:
        # What the schema allows and the adapter refuses, such as a long position of less than nothing.
        return draw(st.nothing())
