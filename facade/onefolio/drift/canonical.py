"""JSON values as canonical text, so that equal values have equal texts."""

from __future__ import annotations

from decimal import Decimal
from json import JSONEncoder
from typing import Any

from ..openapi.errors import DocumentError

_MAX_CHARACTERS = 4 * 2**20
"""Characters of a value; in a YAML document, a few hundred bytes of aliases expand to billions."""

_encode = JSONEncoder(ensure_ascii=False).encode


def canonical(value: Any) -> str:
    """Return a JSON value as text that does not depend on the order of names or the notation of numbers.

    Raises:
        DocumentError: the value is nested too deeply, or YAML aliases in it form a cycle or make it too long.
    """
    if not isinstance(value, dict | list):
        return _scalar(value)
    try:
        return _Canonical().encode(value)
    except RecursionError:
        raise DocumentError("a value is nested too deeply, or its YAML aliases form a cycle") from None


def canonical_prose(value: Any) -> str:
    """Return a description, or another value for people, as canonical text; line breaks in strings are ignored."""
    return canonical(" ".join(value.split()) if isinstance(value, str) else value)


class _Canonical:
    """Encodes one value, up to a limit of characters."""

    def __init__(self) -> None:
        self._left = _MAX_CHARACTERS

    def encode(self, value: Any) -> str:
        if isinstance(value, dict):
            pairs = sorted((str(name), self.encode(item)) for name, item in value.items())
            return self._counted("{" + ",".join(f"{_encode(name)}:{item}" for name, item in pairs) + "}", len(pairs))
        if isinstance(value, list):
            return self._counted("[" + ",".join(map(self.encode, value)) + "]", len(value))
        text = _scalar(value)
        return self._counted(text, len(text))

    def _counted(self, text: str, added: int) -> str:
        self._left -= added + 1
        if self._left < 0:
            raise DocumentError(
                f"a value has more than {_MAX_CHARACTERS} characters with the values that its YAML aliases repeat"
            )
        return text


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool | str):
        return _encode(value)
    return _canonical_number(Decimal(str(value)))


def _canonical_number(number: Decimal) -> str:
    """Return a number without trailing zeros. `normalize()` would round it to the digits of the decimal context."""
    sign, digits, exponent = number.as_tuple()
    if not number or not isinstance(exponent, int):
        return "0" if not number else str(number)
    zeros = next(count for count, digit in enumerate(reversed(digits)) if digit)
    return str(Decimal((sign, digits[: len(digits) - zeros], exponent + zeros)))
