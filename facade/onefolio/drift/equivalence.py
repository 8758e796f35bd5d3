"""Equality of two places with references resolved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from ..openapi.documents import Node
from .canonical import canonical
from .keywords import ANNOTATIONS

_IGNORED: Final = frozenset((*ANNOTATIONS, "example"))


def are_equivalent(old: Node, new: Node) -> bool:
    """Return True if two places are equal, apart from references, annotations and extensions."""
    seen: set[object] = set()
    waiting = [(old, new)]
    for pair in waiting:
        one, other = (each.resolve() for each in pair)
        if (one.key, other.key) in seen:
            continue
        seen.add((one.key, other.key))
        below = _inner_pairs(one, other)
        if below is None:
            return False
        waiting += below
    return True


def _inner_pairs(one: Node, other: Node) -> list[tuple[Node, Node]] | None:
    """Return the pairs inside of two places that have to be equivalent, or None if the places differ."""
    if isinstance(one.value, dict) and isinstance(other.value, dict):
        names = set(_constraints(one))
        return [(one.child(name), other.child(name)) for name in names] if names == set(_constraints(other)) else None
    if isinstance(one.value, list) and isinstance(other.value, list) and _has_containers(one.value, other.value):
        elements = one.elements(), other.elements()
        return list(zip(*elements, strict=True)) if len(one.value) == len(other.value) else None
    return [] if _sorted(one.value) == _sorted(other.value) else None


def _constraints(node: Node) -> Iterator[str]:
    return (name for name in node.mapping() if name not in _IGNORED and not str(name).startswith("x-"))


def _has_containers(*lists: list[Any]) -> bool:
    return any(isinstance(each, (dict, list)) for values in lists for each in values)


def _sorted(value: Any) -> list[str] | str:
    """Return a value as canonical text; the order of a list of scalars is ignored."""
    return sorted(map(canonical, value)) if isinstance(value, list) else canonical(value)
