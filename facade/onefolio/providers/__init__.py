"""The adapters, one module a provider: how it is asked and what its answers mean in the unified model.

A module here that defines a `Connection` is a provider; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from .._connection import Connection


@cache
def known() -> dict[str, type[Connection]]:
    """Return every provider's connection class by the provider's name, in alphabetical order."""
    found: dict[str, type[Connection]] = {}
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Connection) and value is not Connection:
                found[value.provider] = value
    return dict(sorted(found.items()))
