"""JSON values as canonical text, so that equal values have equal texts."""

from __future__ import annotations

from decimal import Decimal
from json import JSONEncoder
from typing import Any

from ..openapi.errors import DocumentError

_encode = JSONEncoder(ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """Return a JSON value as text that does not depend on the order of names or the notation of numbers.

    Raises:
        DocumentError: the value is nested too deeply, or YAML aliases in it form a cycle.
    """
    try:
        return _canonical(value)
    except RecursionError:
        raise DocumentError("a value is nested too deeply, or its YAML aliases form a cycle") from None


def canonical_prose(value: Any) -> str:
    """Return a description, or another value for people, as canonical text; line breaks in strings are ignored."""
    return canonical(" ".join(value.split()) if isinstance(value, str) else value)


def _canonical(value: Any) -> str:
    match value:
        case dict():
            pairs = sorted((str(name), _canonical(item)) for name, item in value.items())
            return "{" + ",".join(f"{_encode(name)}:{item}" for name, item in pairs) + "}"
        case list():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case bool() | None | str():
            return _encode(value)
        case _:
            return _canonical_number(Decimal(str(value)))


def _canonical_number(number: Decimal) -> str:
    """Return a number without trailing zeros. `normalize()` would round it to the digits of the decimal context."""
    sign, digits, exponent = number.as_tuple()
    if not number or not isinstance(exponent, int):
        return "0" if not number else str(number)
    zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return str(Decimal((sign, digits[: len(digits) - zeros], exponent + zeros)))
