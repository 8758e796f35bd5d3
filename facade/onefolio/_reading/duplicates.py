"""What has been met in a listing, remembered in a few bytes an item."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


class HashSet:
    """A set of hashes of 64 bits, 24 bytes each in a long listing; a `set` of integers takes 68.

    They lie in as many short arrays as 16 of their bits can tell apart, which are looked through.
    """

    __slots__ = ("_arrays",)

    def __init__(self) -> None:
        self._arrays: dict[int, array[int]] = {}

    def has_any(self, values: Iterable[int]) -> bool:
        """Tell whether any of these hashes has been met."""
        arrays = self._arrays
        for value in values:
            place = value & 0xFFFF
            if place in arrays and value in arrays[place]:
                return True
        return False

    def update(self, values: Iterable[int]) -> None:
        """Add hashes; one that is there already is there twice then, which changes nothing."""
        arrays = self._arrays
        for value in values:
            place = value & 0xFFFF
            if place in arrays:
                arrays[place].append(value)
            else:
                arrays[place] = array("q", (value,))
