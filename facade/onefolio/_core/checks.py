"""Check the types and ranges of arguments and settings. No error shows a value of a wrong type: it may be a secret."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

from .errors import ConfigurationError
from .text import format_value

LARGEST = 10**9
"""The largest number that an option can have, in pieces or in seconds. More would be no limit at all."""


def check_integer(name: str, value: Any, *, least: int) -> None:
    """Check an integer option.

    Args:
        name: the name of the option, for the error.
        value: the value.
        least: the smallest valid value; the largest is `LARGEST`.

    Raises:
        ConfigurationError: the value is not an integer, or out of range.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ConfigurationError(f"{name} must be an integer, not of type {type(value).__name__}")
    number: Any = value
    if number < least:
        raise ConfigurationError(f"{name} must be at least {least}, not {format_value(value)}")
    if number > LARGEST:
        raise ConfigurationError(f"{name} must be at most {LARGEST}, not {format_value(value)}")


def check_seconds(name: str, value: Any, *, expected: str = "a number of seconds") -> None:
    """Check an option in seconds.

    Args:
        name: the name of the option, for the error.
        value: the value.
        expected: the types that the option can have, for the error.

    Raises:
        ConfigurationError: the value is not a number above 0 and up to `LARGEST`.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ConfigurationError(f"{name} must be {expected}, not of type {type(value).__name__}")
    number: Any = value
    if not 0 < number <= LARGEST:
        raise ConfigurationError(
            f"{name} must be above 0 seconds and at most {LARGEST} seconds, not {format_value(value)}"
        )


def check_choice(name: str, value: Any, choices: tuple[str, ...]) -> None:
    """Check an option that has a fixed set of values.

    Raises:
        ConfigurationError: the value is not among them.
    """
    if not isinstance(value, str) or value not in choices:
        raise ConfigurationError(f"{name} must be {' or '.join(map(repr, choices))}, not {format_value(value)}")


def check_string(name: str, value: Any) -> None:
    """Check an option that is a string.

    Raises:
        ConfigurationError: the value is not a string.
    """
    if not isinstance(value, str):
        raise ConfigurationError(f"{name} must be a string, not of type {type(value).__name__}")


def check_function(name: str, value: Any) -> None:
    """Check an option that is a function or None.

    Raises:
        ConfigurationError: the value is neither.
    """
    if value is not None and not callable(value):
        raise ConfigurationError(f"{name} must be a function, not of type {type(value).__name__}")
