"""What has been met in a listing, remembered in a few bytes an item."""

from __future__ import annotations

from array import array
from collections.abc import Iterable


class Seen:
    """A set of hashes of 64 bits, 8 bytes each and a little; a `set` of integers takes 68.

    They lie in as many short arrays as 16 of their bits can tell apart, which are looked through.
    """

    __slots__ = ("_arrays",)

    def __init__(self) -> None:
        self._arrays: dict[int, array[int]] = {}

    def __contains__(self, value: int) -> bool:
        found = self._arrays.get(value & 0xFFFF)
        return found is not None and value in found

    def update(self, values: Iterable[int]) -> None:
        """Add hashes; one that is there already is there twice then, which changes nothing."""
        for value in values:
            found = self._arrays.get(value & 0xFFFF)
            if found is None:
                found = self._arrays[value & 0xFFFF] = array("q")
            found.append(value)
