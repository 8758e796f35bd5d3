"""Options of a folio from environment variables and the settings file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from attrs import frozen

from onefolio_runtime import HttpChoiceError, check_http

from .._core.checks import check_choice, check_integer, check_seconds, check_string
from .._core.digits import parse_natural
from .._core.errors import ConfigurationError
from .._reading.paginator import ContractMode

_NUMBER = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?")


@frozen
class OptionType:
    """The type of an option.

    Attributes:
        noun: the type in an error.
        parse: converts the text of an environment variable; None for another text.
        check: raises ConfigurationError for a value that the option cannot have, with the name of the option.
    """

    noun: str
    parse: Callable[[str], Any]
    check: Callable[[str, Any], None]


def _parse_seconds(text: str) -> float | None:
    return float(text) if _NUMBER.fullmatch(text) else None


def _check_http(name: str, value: Any) -> None:
    check_string(name, value)
    try:
        check_http(value)
    except HttpChoiceError as error:
        raise ConfigurationError(f"{name}: {error}") from None


_SECONDS: Final = OptionType("a number above 0", _parse_seconds, check_seconds)
_TEXT: Final = OptionType("a string", str, check_string)

OPTIONS: Mapping[str, OptionType] = {
    "timeout": _SECONDS,
    "deadline": _SECONDS,
    "retries": OptionType("an integer of at least 0", parse_natural, partial(check_integer, least=0)),
    "max_concurrency": OptionType("an integer of at least 1", parse_natural, partial(check_integer, least=1)),
    "contract": OptionType("a string", str, partial(check_choice, choices=get_args(ContractMode))),
    "http": OptionType("a string", str, _check_http),
    "redis": _TEXT,
    "proxy": _TEXT,
}
"""The options of a folio that can be set in the file or as `ONEFOLIO_…`."""


def read_options(environ: Mapping[str, str], file: Path | None, entries: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are set. An environment variable takes precedence over the file.

    Args:
        environ: the environment variables.
        file: the path of the settings file, for errors.
        entries: the contents of the settings file.

    Raises:
        ConfigurationError: A value has the wrong type or is out of range.
    """
    options: dict[str, Any] = {}
    for name, kind in OPTIONS.items():
        variable = f"ONEFOLIO_{name.upper()}"
        value, source = entries.get(name), f"{file}: {name}"
        if stated := environ.get(variable):
            value, source = kind.parse(stated.strip()), variable
            if value is None:
                # The value is not shown: it may be a secret that was meant for another variable.
                raise ConfigurationError(f"{variable} must be {kind.noun}")
        if value is not None:
            kind.check(source, value)
            options[name] = value
    return options
