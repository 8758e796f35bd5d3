"""Connections from the tables of the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from .._connections.connection import Connection
from .._connections.rate_limit import RateLimit
from .._core.checks import LARGEST
from .._core.errors import ConfigurationError
from .._core.text import format_value
from ..providers.registry import known, problems
from .options import OPTIONS


def check_entries(file: Path | None, entries: Mapping[str, Any]) -> None:
    """Check that each entry of the settings file is an option or a table with the name of a connection.

    Raises:
        ConfigurationError: An entry is neither.
    """
    for name, value in entries.items():
        if isinstance(value, dict) and name in OPTIONS:
            raise ConfigurationError(f"{file}: {name} is an option, not a table. Rename the connection [{name}]")
        if not isinstance(value, dict) and name not in OPTIONS:
            problem = f"is a provider and must be a table, [{name}]" if name in known() else "is not an option"
            raise ConfigurationError(
                f"{file}: {name} {problem}. Options: {', '.join(OPTIONS)}. A connection is a table with its name"
            )


def named_sections(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of connections whose name is not the name of their provider."""
    return {name: value for name, value in entries.items() if name not in known() and name not in OPTIONS}


def named_connection(file: Path | None, name: str, section: Mapping[str, Any]) -> Connection:
    """Return the connection of a table whose name is not the name of a provider.

    Raises:
        ConfigurationError: `provider` is missing or unknown, or another value is invalid.
    """
    provider = section.get("provider")
    kind = known().get(provider) if isinstance(provider, str) else None
    if kind is not None:
        return section_connection(file, kind, name, section, None)
    stated = name if provider is None else provider
    if isinstance(stated, str) and (problem := problems().get(stated)):
        raise ConfigurationError(f"{file}: [{name}]: {problem}")
    fact = "is not a provider"
    if provider is not None:
        fact = f"has provider = {format_value(provider)}, which is not a provider"
    raise ConfigurationError(f"{file}: [{name}] {fact}. Set provider to one of {', '.join(map(repr, known()))}")


def section_connection(
    file: Path | None, kind: type[Connection], name: str, section: Mapping[str, Any], base_url: str | None
) -> Connection:
    """Return the connection of a table.

    Args:
        file: the path of the settings file, for errors.
        kind: the connection class of the provider.
        name: the name of the table and of the connection.
        section: the contents of the table.
        base_url: a base URL that replaces the one of the table; None to use the table's.

    Raises:
        ConfigurationError: A value is missing, unknown or invalid.
    """
    if section.get("provider", kind.provider) != kind.provider:
        raise ConfigurationError(
            f"{file}: [{name}] is reserved for {kind.title}, but has provider = {format_value(section['provider'])}. "
            f"Use another name, such as [{name}-2]"
        )
    stated = {key: value for key, value in section.items() if key != "provider"}
    _check_names(file, kind, name, stated)
    options: dict[str, Any] = dict.fromkeys(kind.variables) | stated | {"name": name}
    if base_url is not None:
        options["base_url"] = base_url
    if "rate_limit" in options:
        options["rate_limit"] = _rate_limit(options["rate_limit"], f"{file}: [{name}]")
    for key, value in options.items():
        if not isinstance(value, str | RateLimit | None):
            raise ConfigurationError(f"{file}: [{name}] {key} must be a string in quotes")
    if missing := [key for key in kind.variables if stated.get(key) in (None, "")]:
        keys = ", ".join(kind.variables)
        raise ConfigurationError(
            f"{file}: [{name}] has no {' and no '.join(missing)}. A table needs all keys of its connection: {keys}"
        )
    try:
        return kind(**options)
    except ConfigurationError as error:
        raise ConfigurationError(f"{file}: [{name}]: {error}") from None


def _check_names(file: Path | None, kind: type[Connection], name: str, stated: Mapping[str, Any]) -> None:
    """Check that the connection class has an argument for each name of a table.

    Raises:
        ConfigurationError: A name is unknown.
    """
    available = signature(kind).parameters.keys() - {"name"}
    if unknown := stated.keys() - available:
        hint = ". The name of a connection is the name of its table" if "name" in unknown else ""
        raise ConfigurationError(
            f"{file}: [{name}] has unknown entries: {', '.join(sorted(unknown))}; available: "
            f"{', '.join(sorted(available))}{hint}"
        )


def _rate_limit(value: Any, section: str) -> RateLimit | None:
    if value is False:
        return None
    if type(value) is not int or not 1 <= value <= LARGEST:
        raise ConfigurationError(f"{section} rate_limit must be a number of requests per minute, or false for no limit")
    return RateLimit(value)
