"""Collect differences as changes; a component that is used in many places has one change for each difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import define, evolve, field

from .pairs import Difference
from .report import Change
from .rules import RULES, Direction, Level


@define
class _ChangeBuilder:
    """A change whose operations and uses are still being collected."""

    change: Change
    operations: dict[str, None] = field(factory=dict)
    used_by: dict[str, None] = field(factory=dict)
    used_at: dict[str, None] = field(factory=dict)

    def extend(self, operations: Iterable[str], used_by: Iterable[str], used_at: Iterable[str]) -> None:
        """Add operations and uses."""
        self.operations.update(dict.fromkeys(operations))
        self.used_by.update(dict.fromkeys(used_by))
        self.used_at.update(dict.fromkeys(used_at))

    def merge(self, other: _ChangeBuilder) -> None:
        """Add the operations and uses of another change."""
        self.extend(other.operations, other.used_by, other.used_at)

    def build(self) -> Change:
        """Return the change with all operations and uses."""
        return evolve(
            self.change,
            operations=tuple(self.operations),
            used_by=tuple(self.used_by),
            used_at=tuple(self.used_at),
        )


class ChangeCollector:
    """Collect changes and merge equal ones."""

    def __init__(self) -> None:
        self._builders: dict[tuple[str, ...], _ChangeBuilder] = {}

    def add(
        self,
        difference: Difference,
        direction: Direction,
        operations: Sequence[str],
        place: str,
        *,
        used_by: Sequence[str] = (),
        used_at: Sequence[str] = (),
    ) -> None:
        """Add a difference.

        Args:
            difference: the difference.
            direction: the direction in which the value is sent.
            operations: the operations that have it.
            place: its place in the operations. The report has the first place, or the first that an adapter uses.
            used_by: the providers whose adapters use the value.
            used_at: the pointers at which they do.
        """
        key = (difference.rule, difference.detail, difference.name or "", str(difference.old), direction)
        known = self._builders.get(key)
        if known is not None and (known.used_by or not used_by):
            known.extend(operations, used_by, used_at)
            return
        builder = self._builders[key] = _ChangeBuilder(_make_change(difference, direction, place))
        builder.extend(operations, used_by, used_at)
        if known is not None:
            builder.merge(known)

    def changes(self) -> tuple[Change, ...]:
        """Return the changes in the order of the report: those that adapters use first, then by level."""
        merged: dict[tuple[str, ...], _ChangeBuilder] = {}
        for builder in sorted(self._builders.values(), key=lambda builder: not builder.used_by):
            change = builder.change
            name = change.place.rpartition("/")[2]
            key = (change.rule, str(change.level), change.detail, change.new, name or change.old)
            merged.setdefault(key, _ChangeBuilder(change)).merge(builder)
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
