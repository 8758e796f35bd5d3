"""Connections from environment variables, and from the credentials of a mock on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._connections.connection import Connection
from .._connections.urls import is_loopback
from ..providers.registry import known


def demo_connection(kind: type[Connection], environ: Mapping[str, str]) -> Connection | None:
    """Return a connection with the mock's credentials, or None if the base URL is not that of this machine."""
    base_url = environ.get(kind.base_url_variable) or ""
    if not is_loopback(base_url):
        return None
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": base_url}
    return kind(**options)


def required_variables() -> str:
    """Return the variables of the keys of each provider, for an error."""
    return "; ".join(f"{kind.title}: {', '.join(kind.variables.values())}" for kind in known().values())


def demo_variables(environ: Mapping[str, str]) -> str:
    """Return the variables with the mock's keys for each provider whose base URL is that of this machine."""
    keys = {
        kind.variables[name]: key
        for kind in known().values()
        if is_loopback(environ.get(kind.base_url_variable) or "")
        for name, key in kind.demo_credentials().items()
    }
    return ", ".join(f"{variable}={key}" for variable, key in keys.items())
