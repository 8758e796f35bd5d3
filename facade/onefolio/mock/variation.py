"""Generate rows from examples: identifiers, labels, symbols and figures that depend on the row number and the seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import shake_128
from math import prod
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any
from zlib import crc32

from .._core.digits import parse_integer
from ..openapi.specs import Spec
from .templates import RenderContext, Slot, to_json

_HEXADECIMAL = "0123456789abcdef"

_LAST_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]+\Z")

_OSI = re.compile(r"([A-Z0-9.]{1,6} *[0-9]{6}[CP])([0-9]{8})")

_STRIKE_STEP = 1000
"""Difference between the strikes of successive variations of an option, in thousandths."""


def row_factor(seed: int, *numbers: int) -> int:
    """Return the factor of a row's figures, a whole number from 2 to 99."""
    return 2 + crc32(" ".join(map(str, (seed, *numbers))).encode()) % 98


class IntegerIdentifiers:
    """Identifiers that are integers: those of the examples, followed by the integers above the largest one.

    Args:
        values: identifiers of the example rows.
    """

    def __init__(self, values: Sequence[int]) -> None:
        self._values = list(values)
        self._first = max(values) + 1 - len(values)

    def slot(self, position: int) -> Slot:
        """Return the slot of the identifier of an example row and its variations."""
        own, first = str(self._values[position]), self._first
        return lambda context: str(first + context.index) if context.number else own

    def index(self, identifier: str) -> int | None:
        """Return the row index of an identifier, or None; the listing is taken to be infinite."""
        value = parse_integer(identifier)
        if value is None:
            return None
        if value in self._values:
            return self._values.index(value)
        index = value - self._first
        return index if index >= len(self._values) else None


class StringIdentifiers:
    """Identifiers that are strings: those of the examples, followed by variations of their last letters and digits.

    The last letters and digits are read as a number, each in its own alphabet. Variation `n` is that number plus `n`
    steps; the step depends on the seed and has no common divisor with the number of variations. Variations are
    therefore unique, and the row index can be computed from the identifier.

    Args:
        values: identifiers of the example rows.
        seed: seed of the mock.
        is_uuid: whether variations are hexadecimal.
    """

    def __init__(self, values: Sequence[str], *, seed: int, is_uuid: bool) -> None:
        self._values = list(values)
        self._is_uuid = is_uuid
        self._seed = seed

    def slot(self, position: int) -> Slot:
        """Return the slot of the identifier of an example row and its variations."""
        value = self._values[position]
        own = to_json(value)
        start, alphabets = self._variable_part(value)
        prefix, begin = own[: start + 1], self._number(value[start:], alphabets)
        step, size = self._step(alphabets)

        def identifier(context: RenderContext) -> str:
            if not context.number:
                return own
            rest, letters = (begin + context.number * step) % size, []
            for alphabet in reversed(alphabets):
                rest, place = divmod(rest, len(alphabet))
                letters.append(alphabet[place])
            return f'{prefix}{"".join(reversed(letters))}"'

        return identifier

    def index(self, identifier: str) -> int | None:
        """Return the row index of an identifier, or None; the listing is taken to be infinite."""
        if identifier in self._values:
            return self._values.index(identifier)
        first = self._values[0]
        start, alphabets = self._variable_part(first)
        pairs = list(zip(identifier[start:], alphabets, strict=False))
        if len(identifier) != len(first) or identifier[:start] != first[:start]:
            return None
        if not all(letter in alphabet for letter, alphabet in pairs):
            return None
        step, size = self._step(alphabets)
        begin = self._number(first[start:], alphabets)
        number = (self._number(identifier[start:], alphabets) - begin) * pow(step, -1, size) % size
        return number + len(self._values) - 1

    def _variable_part(self, value: str) -> tuple[int, list[str]]:
        """Return the start of the variable part of an identifier and the alphabet of each of its characters."""
        found = _LAST_ALPHANUMERIC.search(value)
        start = found.start() if found else len(value)
        return start, [_HEXADECIMAL if self._is_uuid else _alphabet(letter) for letter in value[start:]]

    @staticmethod
    def _number(letters: str, alphabets: Sequence[str]) -> int:
        number = 0
        for letter, alphabet in zip(letters, alphabets, strict=True):
            number = number * len(alphabet) + alphabet.index(letter)
        return number

    def _step(self, alphabets: Sequence[str]) -> tuple[int, int]:
        """Return the step between variations and the number of variations, which have no common divisor."""
        size = prod(map(len, alphabets))
        random = int.from_bytes(shake_128(f"{self._seed}".encode()).digest(64), "big") % size
        # Alphabets have 10, 16 or 26 letters, so 2, 5 and 13 are the only prime factors of size.
        return random // 130 * 130 + 1, size


def _alphabet(letter: str) -> str:
    return next(alphabet for alphabet in (digits, ascii_lowercase, ascii_uppercase) if letter in alphabet)


def identifiers(
    values: Sequence[Any], spec: Spec, schema: Mapping[str, Any], seed: int
) -> IntegerIdentifiers | StringIdentifiers:
    """Return the identifiers of a field from its values in the example rows."""
    if isinstance(values[0], int):
        return IntegerIdentifiers(values)
    return StringIdentifiers(values, seed=seed, is_uuid=spec.format(schema) == "uuid")


def label_slot(value: str) -> Slot:
    """Return the slot of a name; variations append the number of the row, from 1."""
    own = to_json(value)
    separator = " " if " " in value else "-"
    return lambda context: f'{own[:-1]}{separator}{context.index + 1}"' if context.number else own


def symbol_slot(value: str) -> Slot:
    """Return the slot of a symbol; variations of an option have another strike, others append letters."""
    own = to_json(value)
    if option := _OSI.fullmatch(value):
        series, strike = option[1], int(option[2])
        return lambda context: (
            f'"{series}{(strike + context.number * _STRIKE_STEP) % 10**8:08}"' if context.number else own
        )
    return lambda context: f'{own[:-1]}.{_letters(context.number)}"' if context.number else own


def _letters(number: int) -> str:
    """Return a number from 1 in letters: A, B, … Z, AA, AB."""
    letters = ""
    while number:
        number, place = divmod(number - 1, len(ascii_uppercase))
        letters = ascii_uppercase[place] + letters
    return letters


def decimal_slot(value: str) -> Slot:
    """Return the slot of a decimal string; variations multiply it by the row's factor."""
    own, (units, decimals) = to_json(value), _units(value)
    sign, units = "-" if units < 0 else "", abs(units)
    if not decimals or len(str(units)) <= decimals:
        return lambda context: (
            own if context.factor == 1 else f'"{sign}{_plain_notation(units * context.factor, decimals)}"'
        )

    def scaled(context: RenderContext) -> str:
        # A response has dozens of figures, so the common case avoids padding and a further call.
        if context.factor == 1:
            return own
        figures = str(units * context.factor)
        return f'"{sign}{figures[:-decimals]}.{figures[-decimals:]}"'

    return scaled


def number_slot(value: float) -> Slot:
    """Return the slot of a JSON number; variations multiply it by the row's factor, unless it has an exponent."""
    own = to_json(value)
    if "e" in own:
        return lambda _: own
    units, decimals = _units(own)
    return lambda context: own if context.factor == 1 else _plain_notation(units * context.factor, decimals)


def add_figures(figures: Iterable[tuple[str, int]]) -> str:
    """Return the exact sum of decimal strings, each multiplied by its factor; empty strings are ignored."""
    amounts = [(*_units(figure), factor) for figure, factor in figures if figure]
    if not amounts:
        return ""
    most = max(decimals for _, decimals, _ in amounts)
    return _plain_notation(sum(units * 10 ** (most - decimals) * factor for units, decimals, factor in amounts), most)


def _units(figure: str) -> tuple[int, int]:
    """Return a decimal as a whole number of units of its last digit, and its number of decimals."""
    return int(figure.replace(".", "")), len(figure.partition(".")[2])


def _plain_notation(units: int, decimals: int) -> str:
    """Return a number of units of the last of `decimals` digits, in plain notation."""
    if not decimals:
        return str(units)
    figures = f"{abs(units):0{decimals + 1}}"
    return f"{'-' if units < 0 else ''}{figures[:-decimals]}.{figures[-decimals:]}"
