"""Equality of two places with references resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from ..openapi.documents import Node
from .canonical import canonical
from .keywords import ANNOTATIONS

_IGNORED: Final = frozenset((*ANNOTATIONS, "example"))

_WITH_NAMES: Final = frozenset(("properties", "patternProperties", "dependentSchemas", "dependentRequired"))
"""Keywords whose members are names of properties."""


def are_equivalent(old: Node, new: Node) -> bool:
    """Return True if two places are equal, apart from references, annotations and extensions."""
    seen: set[object] = set()
    waiting = [_Places(old, new)]
    for places in waiting:
        one, other = places.old, places.new
        if not places.have_names:
            one, other = one.resolve(), other.resolve()
        if (one.key, other.key) in seen:
            continue
        seen.add((one.key, other.key))
        below = _inner_places(one, other, have_names=places.have_names)
        if below is None:
            return False
        waiting += below
    return True


class _Places(NamedTuple):
    """An old and a new place.

    Attributes:
        old: the old place.
        new: the new place.
        have_names: whether the members are names of properties, none of which is a keyword.
    """

    old: Node
    new: Node
    have_names: bool = False


def _inner_places(one: Node, other: Node, *, have_names: bool) -> list[_Places] | None:
    """Return the places inside of two places that have to be equivalent, or None if the places differ."""
    if isinstance(one.value, dict) and isinstance(other.value, dict):
        names, others = (set(each.mapping() if have_names else _constraints(each)) for each in (one, other))
        if names != others:
            return None
        return [_Places(one.child(name), other.child(name), not have_names and name in _WITH_NAMES) for name in names]
    if isinstance(one.value, list) and isinstance(other.value, list) and _has_containers(one.value, other.value):
        elements = zip(one.elements(), other.elements(), strict=False)
        return [_Places(*pair) for pair in elements] if len(one.value) == len(other.value) else None
    return [] if _sorted(one.value) == _sorted(other.value) else None


def _constraints(node: Node) -> Iterator[str]:
    return (name for name in node.mapping() if name not in _IGNORED and not str(name).startswith("x-"))


def _has_containers(*lists: list[Any]) -> bool:
    return any(isinstance(each, (dict, list)) for values in lists for each in values)


def _sorted(value: Any) -> list[str] | str:
    """Return a value as canonical text; the order of a list of scalars is ignored."""
    return sorted(map(canonical, value)) if isinstance(value, list) else canonical(value)
