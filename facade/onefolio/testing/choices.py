"""Choices that one string of bytes makes, and values made of them.

A draw of Hypothesis takes longer than the creation of a value. A row with 60 fields is therefore made of one draw: each
choice takes bytes from it. Hypothesis shrinks the bytes one by one, and zero bytes select the simplest value of each
kind, so that failing examples still become simple.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any, Final, TypeVar
from uuid import UUID

from hypothesis.strategies import DrawFn

T = TypeVar("T")

FIRST_DAY: Final = date(1000, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)

_SIMPLE_DAY = date(2000, 1, 1)
_DAYS = (_SIMPLE_DAY, date(2024, 2, 29), FIRST_DAY, LAST_DAY, date(1900, 2, 28))
_TIMES = (time(0), time(23, 59, 59), time(23, 59, 59, 999999), time(9, 30, 0, 1000))
_SEED_BYTES = 4
_PLANES = (
    (0x20, 0x7E),
    (0x61, 0x7A),
    (0x30, 0x39),
    (0x00, 0xFF),
    (0x00, 0xFFFF),
    (0x1F300, 0x1FAFF),
    (0x10000, 0x10FFFF),
)
_SURROGATES = range(0xD800, 0xE000)


class Choices:
    """Makes choices and values from bytes, in their order. Missing bytes are zeros.

    Args:
        content: the bytes.
        draw: draws a value that no choices can make, such as a string of a complicated pattern.
    """

    def __init__(self, content: bytes, draw: DrawFn) -> None:
        self._content = content
        self.draw = draw
        self._used = 0

    def below(self, bound: int) -> int:
        """Return an integer from 0 to `bound - 1`. Bounds up to 256 take one byte, others two."""
        taken = self._take(1 if bound <= 256 else 2)
        return int.from_bytes(taken) % bound

    def one_of(self, values: Sequence[T]) -> T:
        """Return one of the values; zero bytes select the first."""
        return values[self.below(len(values))]

    def yes(self) -> bool:
        """Return true or false; zero bytes select false."""
        return bool(self.below(2))

    def integer(self, low: int, high: int) -> int:
        """Return an integer of a range: near the simplest one, a bound, or anywhere."""
        simple = min(max(0, low), high)
        match self.below(8):
            case 0 | 1 | 2:
                size = self.below(256)
                return min(max(simple + (size + 1 >> 1) * (-1 if size % 2 == 0 else 1), low), high)
            case 3:
                return low
            case 4:
                return high
            case 5:
                return min(max(self._random().randint(-(10**6), 10**6), low), high)
        return self._random().randint(low, high)

    def decimal(self, low: int, high: int, places: int) -> Decimal:
        """Return a decimal of a range, with a number of places that is at most `places`."""
        used = self.below(places + 1)
        return Decimal(self.integer(low * 10**used, high * 10**used)).scaleb(-used)

    def digits(self, longest: int) -> str:
        """Return 1 to `longest` decimal digits: a few of them as often as any number."""
        count = 1 + self.below(longest if self.yes() else min(longest, 8))
        random = self._random()
        return "".join(random.choices("0123456789", k=count)) if random.random() < 0.8 else "0" * (count - 1) + "1"

    def run(self, characters: str, least: int, most: int) -> str:
        """Return `least` to `most` of some characters; zero bytes select the first of them."""
        count, seed = least + self.below(most - least + 1), self._take(_SEED_BYTES)
        if not any(seed):
            return characters[0] * count
        return "".join(Random(int.from_bytes(seed)).choices(characters, k=count))  # noqa: S311  # test data

    def text(self, least: int, most: int) -> str:
        """Return a string of any characters but surrogates: of ASCII, of the first planes, or of all of them."""
        size = least + self.below(min(most - least, 255) + 1)
        if not size:
            return ""
        low, high = self.one_of(_PLANES)
        random = self._random()
        points = (random.randint(low, high) for _ in range(size))
        return "".join(chr(0xFFFD if point in _SURROGATES else point) for point in points)

    def uuid(self) -> str:
        """Return a UUID other than the nil one."""
        return str(UUID(int=self._random().randint(1, 2**128 - 1) if self.yes() else 1))

    def day(self) -> date:
        """Return a date between `FIRST_DAY` and `LAST_DAY`."""
        if self.yes():
            return date.fromordinal(self._random().randint(FIRST_DAY.toordinal(), LAST_DAY.toordinal()))
        return self.one_of(_DAYS)

    def moment(self) -> datetime:
        """Return a time of day on a date, with or without a fraction of a second."""
        day = self.day()
        if not self.yes():
            return datetime.combine(day, self.one_of(_TIMES))
        random = self._random()
        fraction = random.choice((0, random.randrange(1000) * 1000, random.randrange(10**6)))
        return datetime.combine(day, time(random.randrange(24), random.randrange(60), random.randrange(60), fraction))

    def any_json(self, depth: int = 3) -> Any:
        """Return any JSON value without fractions, with at most `depth` levels of arrays and objects."""
        match self.below(7 if depth else 5):
            case 0:
                return None
            case 1:
                return self.yes()
            case 2 | 3:
                return self.integer(-(2**63) + 1, 2**63 - 1)
            case 4:
                return self.text(0, 10)
            case 5:
                return [self.any_json(depth - 1) for _ in range(self.below(4))]
        return self.any_object(depth)

    def any_object(self, depth: int = 3) -> dict[str, Any]:
        """Return an object with any names and values; see `any_json`."""
        return {self.text(0, 5): self.any_json(depth - 1) for _ in range(self.below(4))}

    def _random(self) -> Random:
        return Random(int.from_bytes(self._take(_SEED_BYTES)))  # noqa: S311  # test data

    def _take(self, count: int) -> bytes:
        taken = self._content[self._used : self._used + count]
        self._used += count
        return taken.ljust(count, b"\0")
