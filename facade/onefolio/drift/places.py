"""Find all places at which pairs of schemas appear below a root."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from .pairs import Pair

_MAX_PATHS: Final = 1_000
"""Paths of one pair; schemas that refer to each other can have billions."""

_MAX_FURTHER_PATHS: Final = 20_000
"""Paths of all pairs of one root beyond the first of each pair."""

_Ancestors: TypeAlias = tuple[int, "_Ancestors"] | None
"""The ids of the pairs on a path, the last one first."""


class ChangedPairs(NamedTuple):
    """The pairs below a root that have differences.

    Attributes:
        paths: each pair with all of its paths, the shortest first.
        are_complete: whether all paths are listed. A path that passes twice through one pair is not counted.
    """

    paths: Sequence[tuple[Pair, Sequence[str]]]
    are_complete: bool


def find_changed_pairs(reached: Iterable[Pair]) -> ChangedPairs:
    """Return the pairs below a root that have differences, with their paths.

    Args:
        reached: the root and all pairs below it, the root first. They must have been compared.
    """
    pairs = list(reached)
    relevant = _leading_to_differences(pairs)
    found: dict[int, dict[str, None]] = {}
    left, are_complete = _MAX_FURTHER_PATHS, True
    waiting: list[tuple[Pair, str, _Ancestors]] = [(pairs[0], "", None)]
    for pair, path, ancestors in waiting:
        paths = found.setdefault(id(pair), {})
        if path in paths:
            continue
        if paths and (left <= 0 or len(paths) >= _MAX_PATHS):
            are_complete = False
            continue
        left -= bool(paths)
        paths[path] = None
        below: _Ancestors = (id(pair), ancestors)
        waiting += [
            (child, f"{path}/{step}" if step else path, below)
            for step, child in pair.children
            if id(child) in relevant and not _contains(below, id(child))
        ]
    return ChangedPairs([(pair, list(found[id(pair)])) for pair in pairs if pair.differences], are_complete)


def _leading_to_differences(pairs: Iterable[Pair]) -> set[int]:
    """Return the ids of the pairs that have differences, or from which a path leads to one that has."""
    parents: dict[int, list[int]] = {}
    waiting: list[int] = []
    for pair in pairs:
        if pair.differences:
            waiting.append(id(pair))
        for _, child in pair.children:
            parents.setdefault(id(child), []).append(id(pair))
    found = set(waiting)
    for key in waiting:
        further = [parent for parent in parents.get(key, ()) if parent not in found]
        found.update(further)
        waiting += further
    return found


def _contains(ancestors: _Ancestors, key: int) -> bool:
    while ancestors is not None:
        if ancestors[0] == key:
            return True
        ancestors = ancestors[1]
    return False
