"""The adapters, one module a provider: how it is asked and what its answers mean in the unified model.

A module here that defines a `Connection` is a provider; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache

from .._connection import Connection, is_loopback
from .._errors import ConfigurationError


@cache
def known() -> dict[str, type[Connection]]:
    """Return every provider's connection class by the provider's name, in alphabetical order."""
    found: dict[str, type[Connection]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Connection) and value is not Connection:
                found[value.provider] = value
    return dict(sorted(found.items()))


def from_environ(environ: Mapping[str, str], *, demo: bool = False) -> list[Connection]:
    """Return a connection for every provider whose variables are set.

    Args:
        environ: the variables.
        demo: use the mock's credentials for a server on this machine whose keys are not set.

    Raises:
        ConfigurationError: no provider's are set, half a key pair is, or a value is wrong.
    """
    each = (one_from_environ(kind, environ, demo=demo) for kind in known().values())
    found = [connection for connection in each if connection is not None]
    if not found:
        wanted = "; ".join(f"{kind.title}: {', '.join(kind.variables.values())}" for kind in known().values())
        raise ConfigurationError(f"no provider's variables are set. Set those of at least one: {wanted}")
    return found


def one_from_environ(kind: type[Connection], environ: Mapping[str, str], *, demo: bool) -> Connection | None:
    """Return one provider's connection, as `from_environ` does; None where its variables are not set."""
    on_this_machine = is_loopback(environ.get(kind.base_url_variable, ""))
    return kind.from_environ(environ, defaults=kind.demo_credentials() if demo and on_this_machine else None)
