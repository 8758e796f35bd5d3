"""Find the providers of this package and those that other packages register."""

from __future__ import annotations

import importlib
import pkgutil
import re
import warnings
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from .._connections.connection import Connection
from .._core.errors import ConfigurationError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "onefolio.providers"

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_REQUIRED_ATTRIBUTES = ("title", "contract", "environments", "credentials_type", "variables", "base_url_variable")


class ProviderWarning(UserWarning):
    """A registered provider of another package cannot be used. All other providers can."""


@cache
def known() -> dict[str, type[Connection]]:
    """Return the connection class of every provider by the provider's name, in alphabetical order.

    Warns:
        ProviderWarning: a registered provider cannot be used and is skipped.
    """
    found, broken = _registered()
    for problem in broken.values():
        warnings.warn(problem, ProviderWarning, stacklevel=2)
    return dict(sorted({**own(), **found}.items()))


def problems() -> Mapping[str, str]:
    """Return the reasons why registered providers cannot be used, by their names."""
    return _registered()[1]


def provider(name: str) -> type[Connection]:
    """Return the connection class of a provider.

    Raises:
        ConfigurationError: the provider is unknown or cannot be used.
    """
    kind = known().get(name)
    if kind is None:
        raise ConfigurationError(problems().get(name) or f"unknown provider {name!r}; available: {', '.join(known())}")
    return kind


@cache
def own() -> dict[str, type[Connection]]:
    """Return the connection classes of this package by the providers' names."""
    found: dict[str, type[Connection]] = {}
    package = __name__.rpartition(".")[0]
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, f"{package}."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Connection) and value.__module__ == module.name:
                found[value.provider] = value
    return found


@cache
def _registered() -> tuple[dict[str, type[Connection]], dict[str, str]]:
    """Return the connection classes that other packages register, and the problems of the unusable ones."""
    from importlib.metadata import entry_points

    by_name: dict[str, dict[str, EntryPoint]] = defaultdict(dict)
    for entry in entry_points(group=GROUP):
        by_name[entry.name][f"{entry.value} of {_distribution(entry)}"] = entry
    found: dict[str, type[Connection]] = {}
    broken: dict[str, str] = {}
    for name, entries in sorted(by_name.items()):
        try:
            found[name] = _loaded(name, entries)
        except ConfigurationError as error:
            broken[name] = str(error)
    return found, broken


def _loaded(name: str, entries: Mapping[str, EntryPoint]) -> type[Connection]:
    """Load the class that is registered under a name.

    Raises:
        ConfigurationError: the class cannot be used.
    """
    who = " and ".join(sorted(entries))
    if name in own():
        raise ConfigurationError(
            f"provider {name!r} ({who}) is skipped: onefolio has a provider of this name. Choose another name."
        )
    if len(entries) > 1:
        raise ConfigurationError(
            f"provider {name!r} is registered twice ({who}) and is skipped. Uninstall one of the packages."
        )
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"provider {name!r} ({who}) is skipped: a name must consist of lower-case letters, digits and underscores"
        )
    (entry,) = entries.values()
    try:
        kind: Any = entry.load()
    except Exception as error:  # noqa: BLE001  # a module of another package may raise anything
        reason = f"{type(error).__name__}: {error}"
        raise ConfigurationError(f"provider {name!r} ({who}) is skipped: it cannot be loaded: {reason}") from None
    if not (isinstance(kind, type) and issubclass(kind, Connection)):
        raise ConfigurationError(f"provider {name!r} ({who}) is skipped: it is not a subclass of onefolio.Connection")
    stated = getattr(kind, "provider", None)
    if stated != name:
        raise ConfigurationError(
            f"provider {name!r} ({who}) is skipped: its class states provider = {stated!r}; both names must be the same"
        )
    if missing := [attribute for attribute in _REQUIRED_ATTRIBUTES if not hasattr(kind, attribute)]:
        raise ConfigurationError(f"provider {name!r} ({who}) is skipped: its class lacks {', '.join(missing)}")
    if kind.__abstractmethods__:
        lacking = ", ".join(sorted(kind.__abstractmethods__))
        raise ConfigurationError(f"provider {name!r} ({who}) is skipped: its class lacks {lacking}")
    return kind


def _distribution(entry: EntryPoint) -> str:
    return "an unknown package" if entry.dist is None else f"{entry.dist.name} {entry.dist.version}"
