"""Semantic canaries: changes of valid responses that a schema cannot detect. Figures stay in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from attrs import define, field

from .shapes import EMPTY, NULL, OBJECT, Profile

T = TypeVar("T")

JUMP = 0.3
"""A share of null is news if it exceeds the highest share of any earlier response by this much."""

BASELINE = 5
"""Responses of a key before its shares are compared."""

_STREAK, _SHORT_STREAK, _MANY_ROWS = 3, 2, 20
"""Responses in succession that a jump must last; fewer if they have many rows."""

_NEW_NORMAL = 100
"""Responses in succession after which the new share is the usual one."""

RECENT = 60.0
"""Seconds for which a balance is compared with positions that are received later."""

_MAX_KEPT = 1_000


class Recent(Generic[T]):
    """A dictionary that keeps the entries that were used last.

    Args:
        make: makes the entry of a new key.
    """

    def __init__(self, make: type[T]) -> None:
        self._make = make
        self._entries: OrderedDict[object, T] = OrderedDict()

    def get(self, key: object) -> T:
        """Return the entry of a key; a new one is made if there is no entry."""
        entry = self._entries.pop(key, None)
        if entry is None:
            entry = self._make()
        self._entries[key] = entry
        if len(self._entries) > _MAX_KEPT:
            self._entries.popitem(last=False)
        return entry


@define
class _Share:
    """The shares of null at one place in the responses to one key."""

    responses: int = 0
    highest: float = 0.0
    streak: int = 0
    rows: int = 0
    lowest: float = 1.0

    def add(self, rows: int, share: float) -> bool:
        """Add a response; return whether the share has jumped."""
        if self.responses < BASELINE or share < self.highest + JUMP or self.streak >= _NEW_NORMAL:
            self.highest = max(self.highest, share, self.lowest if self.streak >= _NEW_NORMAL else 0.0)
            self.responses += 1
            self.streak, self.rows, self.lowest = 0, 0, 1.0
            return False
        self.streak += 1
        self.rows += rows
        self.lowest = min(self.lowest, share)
        return self.streak >= (_SHORT_STREAK if self.rows >= _MANY_ROWS else _STREAK)


class NullShares:
    """Detects fields that become null or absent in valid responses, by key."""

    def __init__(self) -> None:
        self._shares: Recent[dict[str, _Share]] = Recent(dict)

    def add(self, key: str, operation: str, profile: Profile, known: Iterable[str]) -> Iterator[str]:
        """Add the current response of a profile; yield the places where the share of null has jumped.

        Args:
            key: the fingerprint of the key.
            operation: the operation.
            profile: the values of its responses.
            known: places of this response that other findings name.
        """
        excluded = set(known)
        shares = self._shares.get((key, operation))
        for node, parent in profile.root.walk():
            rows = 0 if parent is None else parent.counts[OBJECT]
            if not rows or not node.is_documented or node.place in excluded:
                continue
            absent = rows - node.counts.total()
            share = (absent + node.counts[NULL] + node.counts[EMPTY]) / rows
            if shares.setdefault(node.place, _Share()).add(rows, share):
                yield node.place


@define
class _Holdings:
    """The last responses about one account."""

    had_positions: bool = False
    is_empty: bool = False
    is_reported: bool = False
    has_value: bool = False
    value_at: float = field(default=float("-inf"))


class EmptyPositions:
    """Detects positions that become empty while the balance of the same account still has a market value."""

    def __init__(self) -> None:
        self._holdings: Recent[_Holdings] = Recent(_Holdings)

    def add_positions(self, owner: object, *, count: int, at: float) -> bool:
        """Add a listing of positions; return whether it is empty without a reason.

        Args:
            owner: identifies the account; kept in memory.
            count: number of positions.
            at: the time in seconds.
        """
        held = self._holdings.get(owner)
        if count:
            held.had_positions, held.is_empty, held.is_reported = True, False, False
            return False
        held.is_empty = True
        return self._is_odd(held, is_recent=at - held.value_at <= RECENT)

    def add_balance(self, owner: object, *, has_value: bool, at: float) -> bool:
        """Add a balance; return whether the positions of its account are empty without a reason.

        Args:
            owner: identifies the account; kept in memory.
            has_value: whether its market value is another than zero.
            at: the time in seconds.
        """
        held = self._holdings.get(owner)
        held.has_value, held.value_at = has_value, at
        if not has_value:
            held.had_positions = held.had_positions and not held.is_empty
        return not held.is_reported and self._is_odd(held, is_recent=True)

    def _is_odd(self, held: _Holdings, *, is_recent: bool) -> bool:
        found = held.had_positions and held.is_empty and held.has_value and is_recent
        held.is_reported = held.is_reported or found
        return found
