"""Match the branches of two unions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Final

from .json_types import covers
from .shapes import Schema, Shape

_MIN_SIMILARITY: Final = 0.5
"""The least share of common properties of two branches that may be the same one."""

_OBJECT: Final = frozenset(("object",))


def match_branches(
    old: Shape,
    new: Shape,
    branches: tuple[Sequence[Schema], Sequence[Schema]],
    shape: Callable[[Schema], Shape],
    are_compatible: Callable[[Schema, Schema], bool],
) -> dict[int, int]:
    """Return the index of the new branch that each old branch became; the most reliable signs count first.

    Args:
        old: the old union.
        new: the new union.
        branches: the old and the new branches.
        shape: returns the shape of a schema.
        are_compatible: returns True if two branches have editorial differences only.
    """
    olds, news = branches
    matches = _Matches()
    matches.add_unique([each.name for each in olds], [each.name for each in news])
    matches.add_unique(
        [_discriminator_value(old, each) for each in olds], [_discriminator_value(new, each) for each in news]
    )
    old_shapes, new_shapes = [shape(each) for each in olds], [shape(each) for each in news]
    old_constants, new_constants = ([_constants(each, shape) for each in side] for side in (old_shapes, new_shapes))
    matches.add_unique(old_constants, new_constants)
    for index, one in enumerate(olds):
        for other_index, other in enumerate(news):
            if matches.is_free(index, other_index) and are_compatible(one, other):
                matches.add(index, other_index)
    for index, other_index in _similar(old_shapes, new_shapes):
        constants = {*old_constants[index], *new_constants[other_index]}
        if matches.is_free(index, other_index) and len(constants) == len({name for name, _ in constants}):
            matches.add(index, other_index)
    return matches.new_by_old


def are_disjoint(one: Schema, other: Schema, shape: Callable[[Schema], Shape]) -> bool:
    """Return True if certainly no value other than null matches both branches."""
    shapes = shape(one), shape(other)
    for branch, another in (shapes, shapes[::-1]):
        if branch.branches:
            return all(are_disjoint(each, other if branch is shapes[0] else one, shape) for each in branch.branches)
        if branch.types is not None and another.types is not None and _have_disjoint_types(branch, another):
            return True
    first, second = shapes
    if first.enum and second.enum and first.enum.is_closed and second.enum.is_closed:
        return first.enum.values.keys().isdisjoint(second.enum.values)
    if not all(each.types == _OBJECT for each in shapes):
        return False
    required = first.required | second.required
    constants = {*_constants(first, shape), *_constants(second, shape)}
    different = {name for name, count in Counter(name for name, _ in constants).items() if count > 1}
    is_closed = any(
        each.additional is False and another.required - each.properties.keys()
        for each, another in (shapes, shapes[::-1])
    )
    return is_closed or not different.isdisjoint(required)


def _have_disjoint_types(one: Shape, other: Shape) -> bool:
    return not any(covers(other.types, each) for each in one.types or ()) and not any(
        covers(one.types, each) for each in other.types or ()
    )


class _Matches:
    def __init__(self) -> None:
        self.new_by_old: dict[int, int] = {}
        self._taken: set[int] = set()

    def is_free(self, old: int, new: int) -> bool:
        """Return True if neither branch has a match."""
        return old not in self.new_by_old and new not in self._taken

    def add(self, old: int, new: int) -> None:
        """Match two branches."""
        self.new_by_old[old] = new
        self._taken.add(new)

    def add_unique(self, olds: Sequence[Hashable], news: Sequence[Hashable]) -> None:
        """Match the branches that have equal signs which no other branch has; empty signs do not count."""
        for index, sign in enumerate(olds):
            if sign and olds.count(sign) == 1 and news.count(sign) == 1 and self.is_free(index, news.index(sign)):
                self.add(index, news.index(sign))


def _discriminator_value(union: Shape, branch: Schema) -> str | None:
    return next((value for value, name in union.mapping.items() if name == branch.name), None)


def _constants(branch: Shape, shape: Callable[[Schema], Shape]) -> frozenset[tuple[str, str]]:
    """Return the properties of a branch that have only one value, with that value."""
    enums = ((name, shape(each).enum) for name, each in branch.properties.items())
    return frozenset(
        (name, next(iter(enum.values))) for name, enum in enums if enum and enum.is_closed and len(enum.values) == 1
    )


def _similar(olds: Sequence[Shape], news: Sequence[Shape]) -> Iterator[tuple[int, int]]:
    """Yield the indexes of branches of the same types with common properties, the most similar first."""
    found: list[tuple[float, int, int]] = []
    for index, old in enumerate(olds):
        for other_index, new in enumerate(news):
            names = {*old.properties, *new.properties}
            common = old.properties.keys() & new.properties.keys()
            similarity = len(common) / len(names) if names else 1.0
            if old.types == new.types and similarity >= _MIN_SIMILARITY:
                found.append((-similarity, index, other_index))
    return ((index, other_index) for _, index, other_index in sorted(found))
