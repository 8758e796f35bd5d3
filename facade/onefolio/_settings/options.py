"""Options of a folio from environment variables and the settings file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .._core.errors import ConfigurationError

OPTIONS: Mapping[str, Callable[[Any], Any]] = {
    "timeout": float,
    "deadline": float,
    "retries": int,
    "max_concurrency": int,
    "contract": str,
    "http": str,
    "redis": str,
    "proxy": str,
}
"""The options of a folio that can be set in the file or as `ONEFOLIO_…`, with the function that converts the value."""


def read_options(environ: Mapping[str, str], file: Path | None, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are set. An environment variable takes precedence over the file.

    Args:
        environ: the environment variables.
        file: the path of the settings file, for errors.
        entries: the contents of the settings file.

    Raises:
        ConfigurationError: A value has the wrong type.
    """
    options: dict[str, Any] = {}
    for name, convert in OPTIONS.items():
        variable = f"ONEFOLIO_{name.upper()}"
        value, source = entries.get(name), f"{file}: {name}"
        if environ.get(variable):
            value, source = environ[variable], variable
        if value is None:
            continue
        try:
            options[name] = convert(_without_booleans(value))
        except (TypeError, ValueError):
            # The value is not shown: a URL of redis or proxy may contain a password.
            raise ConfigurationError(f"{source} must be a {'string' if convert is str else 'number'}") from None
    return options


def _without_booleans(value: Any) -> Any:
    """Return the value.

    Raises:
        TypeError: The value is a boolean, which float() and int() would accept.
    """
    if isinstance(value, bool):
        raise TypeError
    return value
