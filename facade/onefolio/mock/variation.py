"""Many rows from few examples: each by its number alone, the same for the same seed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import shake_128
from math import prod
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any
from zlib import crc32

from ..openapi.specs import Spec
from .templates import RenderContext, Slot, text

_HEXADECIMAL = "0123456789abcdef"

_LAST_ALPHANUMERIC = re.compile(r"[0-9A-Za-z]+\Z")

_OSI = re.compile(r"([A-Z0-9.]{1,6} *[0-9]{6}[CP])([0-9]{8})")

_STEP = 1000
"""Thousandths between the strikes of an option and its variation."""


def factor(seed: int, *numbers: int) -> int:
    """Return the whole number, 2 to 99, that the figures of a row are multiplied by."""
    return 2 + crc32(" ".join(map(str, (seed, *numbers))).encode()) % 98


class Integers:
    """Identifiers that are whole numbers: the examples' own, then those after the greatest."""

    def __init__(self, values: Sequence[int]) -> None:
        self._values = list(values)
        self._first = max(values) + 1 - len(values)

    def slot(self, position: int) -> Slot:
        """Return what fills the identifier of an example row in."""
        own, first = str(self._values[position]), self._first
        return lambda fill: str(first + fill.index) if fill.number else own

    def index(self, written: str) -> int | None:
        """Return the row that an identifier is of, were there rows without end; None where it can be of none."""
        if not (written.isascii() and written.removeprefix("-").isdigit()):
            return None
        value = int(written)
        if value in self._values:
            return self._values.index(value)
        index = value - self._first
        return index if index >= len(self._values) else None


class Texts:
    """Identifiers that are texts: the examples' own, then some that differ in the last letters and digits.

    The places are read as the digits of a number, and variation `n` is that number plus `n` steps, the step
    being the seed's own. So no two are alike, and the row is found from its identifier.
    """

    def __init__(self, values: Sequence[str], *, seed: int, is_uuid: bool) -> None:
        self._values = list(values)
        self._is_uuid = is_uuid
        self._seed = seed

    def slot(self, position: int) -> Slot:
        """Return what fills the identifier of an example row in."""
        value = self._values[position]
        own = text(value)
        start, alphabets = self._places(value)
        kept, begin = own[: start + 1], self._number(value[start:], alphabets)
        step, size = self._step(alphabets)

        def identifier(fill: RenderContext) -> str:
            if not fill.number:
                return own
            rest, letters = (begin + fill.number * step) % size, []
            for alphabet in reversed(alphabets):
                rest, place = divmod(rest, len(alphabet))
                letters.append(alphabet[place])
            return f'{kept}{"".join(reversed(letters))}"'

        return identifier

    def index(self, written: str) -> int | None:
        """Return the row that an identifier is of, were there rows without end; None where it can be of none."""
        if written in self._values:
            return self._values.index(written)
        first = self._values[0]
        start, alphabets = self._places(first)
        pairs = list(zip(written[start:], alphabets, strict=False))
        if len(written) != len(first) or written[:start] != first[:start]:
            return None
        if not all(letter in alphabet for letter, alphabet in pairs):
            return None
        step, size = self._step(alphabets)
        begin = self._number(first[start:], alphabets)
        number = (self._number(written[start:], alphabets) - begin) * pow(step, -1, size) % size
        return number + len(self._values) - 1

    def _places(self, value: str) -> tuple[int, list[str]]:
        """Return where the varied end of an identifier starts and the letters that each of its places may have."""
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
        """Return the step between variations, and how many there are. They have no common divisor."""
        size = prod(map(len, alphabets))
        drawn = int.from_bytes(shake_128(f"{self._seed}".encode()).digest(64), "big") % size
        # Ten, sixteen and 26 have no other prime factors than 2, 5 and 13.
        return drawn // 130 * 130 + 1, size


def _alphabet(letter: str) -> str:
    return next(alphabet for alphabet in (digits, ascii_lowercase, ascii_uppercase) if letter in alphabet)


def identifiers(values: Sequence[Any], spec: Spec, schema: Mapping[str, Any], seed: int) -> Integers | Texts:
    """Return the identifiers of a field that has these values in the example rows."""
    if isinstance(values[0], int):
        return Integers(values)
    return Texts(values, seed=seed, is_uuid=spec.format(schema) == "uuid")


def label(value: str) -> Slot:
    """Return what fills a name in: the example's, with the row's number, from 1, behind it."""
    own = text(value)
    between = " " if " " in value else "-"
    return lambda fill: f'{own[:-1]}{between}{fill.index + 1}"' if fill.number else own


def symbol(value: str) -> Slot:
    """Return what fills a symbol in: an option's with another strike, any other with letters behind it."""
    own = text(value)
    if option := _OSI.fullmatch(value):
        series, strike = option[1], int(option[2])
        return lambda fill: f'"{series}{(strike + fill.number * _STEP) % 10**8:08}"' if fill.number else own
    return lambda fill: f'{own[:-1]}.{_letters(fill.number)}"' if fill.number else own


def _letters(number: int) -> str:
    """Return a number from 1 as letters: A, B, … Z, AA, AB."""
    letters = ""
    while number:
        number, place = divmod(number - 1, len(ascii_uppercase))
        letters = ascii_uppercase[place] + letters
    return letters


def scale(value: str) -> Slot:
    """Return what fills a figure in: the example's, times the row's factor."""
    own, (units, decimals) = text(value), _amount(value)
    sign, units = "-" if units < 0 else "", abs(units)
    if not decimals or len(str(units)) <= decimals:
        return lambda fill: own if fill.factor == 1 else f'"{sign}{_plain(units * fill.factor, decimals)}"'

    def scaled(fill: RenderContext) -> str:
        # Once a figure, and dozens of them an answer: no padding, no function between.
        if fill.factor == 1:
            return own
        figures = str(units * fill.factor)
        return f'"{sign}{figures[:-decimals]}.{figures[-decimals:]}"'

    return scaled


def scale_number(value: float) -> Slot:
    """Return what fills a figure in that is a JSON number; one that is written with an exponent stays as it is."""
    own = text(value)
    if "e" in own:
        return lambda _: own
    units, decimals = _amount(own)
    return lambda fill: own if fill.factor == 1 else _plain(units * fill.factor, decimals)


def added(figures: Iterable[tuple[str, int]]) -> str:
    """Return the sum of figures, each as many times as stated; empty ones count nothing."""
    amounts = [(*_amount(written), times) for written, times in figures if written]
    if not amounts:
        return ""
    most = max(decimals for _, decimals, _ in amounts)
    return _plain(sum(units * 10 ** (most - decimals) * times for units, decimals, times in amounts), most)


def _amount(written: str) -> tuple[int, int]:
    """Return a decimal as a whole number of its last decimal, and how many decimals it has."""
    return int(written.replace(".", "")), len(written.partition(".")[2])


def _plain(units: int, decimals: int) -> str:
    """Return `units` of the last of so many decimals in plain notation."""
    if not decimals:
        return str(units)
    figures = f"{abs(units):0{decimals + 1}}"
    return f"{'-' if units < 0 else ''}{figures[:-decimals]}.{figures[-decimals:]}"
