"""Collect differences as changes; a component that is used in many places has one change for each difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from attrs import define, evolve, field

from .pairs import Difference
from .report import Change, Place
from .rules import RULES, Direction, Level

_MAX_PLACES: Final = 20_000
"""Places of one change."""

_MAX_ALL_PLACES: Final = 50_000
"""Places of all changes beyond the first of each change; a large document has millions."""


@define
class _ChangeBuilder:
    """A change whose places and uses are still being collected."""

    change: Change
    is_removal: bool
    operations: dict[str, None] = field(factory=dict)
    used_by: dict[str, None] = field(factory=dict)
    used_at: dict[str, None] = field(factory=dict)
    places: dict[Place, None] = field(factory=dict)
    more_places: bool = False

    def merge(self, other: _ChangeBuilder) -> None:
        """Add the places and uses of another change."""
        self.operations.update(other.operations)
        self.used_by.update(other.used_by)
        self.used_at.update(other.used_at)
        self.places.update(other.places)
        self.more_places |= other.more_places

    def build(self) -> Change:
        """Return the change with all places and uses."""
        return evolve(
            self.change,
            operations=tuple(self.operations),
            used_by=tuple(self.used_by),
            used_at=tuple(self.used_at),
            places=tuple(self.places),
            more_places=self.more_places,
        )


class ChangeCollector:
    """Collect changes and merge equal ones."""

    def __init__(self) -> None:
        self._builders: dict[tuple[str, ...], _ChangeBuilder] = {}
        self._places_left = _MAX_ALL_PLACES

    def add(
        self,
        difference: Difference,
        direction: Direction,
        operations: Sequence[str],
        places: Sequence[str],
        *,
        used_by: Sequence[str] = (),
        used_at: Sequence[str] = (),
        more_places: bool = False,
    ) -> None:
        """Add a difference.

        Args:
            difference: the difference.
            direction: the direction in which the value is sent.
            operations: the operations that have it.
            places: its places in each of the operations, one at least. The report begins with the first place, or with
                the first that an adapter uses.
            used_by: the providers whose adapters use the value.
            used_at: the pointers at which they do.
            more_places: whether there are more places in these operations.
        """
        added = str(difference.new) if difference.is_addition and difference.name is None else ""
        key = (difference.rule, difference.detail, difference.name or "", str(difference.old), direction, added)
        known = self._builders.get(key)
        if known is not None and (known.used_by or not used_by):
            builder = known
        else:
            change = _make_change(difference, direction, places[0])
            builder = self._builders[key] = _ChangeBuilder(change, difference.is_removal and difference.name is None)
        builder.operations.update(dict.fromkeys(operations))
        builder.used_by.update(dict.fromkeys(used_by))
        builder.used_at.update(dict.fromkeys(used_at))
        builder.more_places |= more_places
        self._add_places(builder, difference, operations, places)
        if known is not None and known is not builder:
            builder.merge(known)

    def _add_places(
        self, builder: _ChangeBuilder, difference: Difference, operations: Iterable[str], places: Sequence[str]
    ) -> None:
        old, new = str(difference.old), str(difference.new)
        for operation in operations:
            for place in places:
                if builder.places and (self._places_left <= 0 or len(builder.places) >= _MAX_PLACES):
                    builder.more_places = True
                    return
                self._places_left -= 1
                builder.places[Place(operation, place, old, new)] = None

    def changes(self) -> tuple[Change, ...]:
        """Return the changes in the order of the report: those that adapters use first, then by level."""
        merged: dict[tuple[str, ...], _ChangeBuilder] = {}
        for builder in sorted(self._builders.values(), key=lambda builder: not builder.used_by):
            change = builder.change
            name = change.place.rpartition("/")[2]
            removed = change.old if builder.is_removal else ""
            key = (change.rule, str(change.level), change.detail, change.new, name or change.old, removed)
            if key in merged:
                merged[key].merge(builder)
            else:
                merged[key] = builder
        changes = [builder.build() for builder in merged.values()]
        return tuple(sorted(changes, key=lambda change: (not change.used_by, -change.level)))


def _make_change(difference: Difference, direction: Direction, place: str) -> Change:
    rule = RULES[difference.rule]
    level = rule.level(direction)
    return Change(
        level=level,
        rule=difference.rule,
        title=rule.title,
        detail=difference.detail,
        operations=(),
        place=place,
        old=str(difference.old),
        new=str(difference.new),
        advice=rule.advice if level > Level.ADDITIVE else "",
    )
