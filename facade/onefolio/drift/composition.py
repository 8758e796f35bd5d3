"""Composition of schemas: references, `allOf` and unions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from ..openapi.documents import Node
from ..openapi.errors import DocumentError
from ..openapi.references import reference_of
from .canonical import canonical
from .json_types import Types, covers, normalize_types, type_of, value_types
from .keywords import ANNOTATIONS, UNIONS, Enum, enum_values

_NOTHING: Final[dict[str, Any]] = {"type": []}
"""The schema `false` as an object."""

_NO_SIBLINGS: Final = frozenset[str]()


def find_members(nodes: Iterable[Node]) -> list[Node]:
    """Return all schema objects that apply to a value: the schemas, their targets and parts, the outermost first.

    Raises:
        DocumentError: a reference has no target, or the schema is a part of itself.
    """
    members: dict[object, Node] = {}
    for node in nodes:
        _collect_members(node, members, ())
    return list(members.values())


def _collect_members(node: Node, members: dict[object, Node], path: tuple[object, ...]) -> None:
    if node.value is True:
        return
    if node.value is False:
        node = Node(node.document, _NOTHING, node.parent, node.name)
    if node.key in path:
        raise DocumentError(f"{node.document.name}: the references at {node} form a cycle")
    if node.key in members:
        return
    members[node.key] = node
    for part in parts_of(node):
        _collect_members(part, members, (*path, node.key))


def parts_of(node: Node) -> list[Node]:
    """Return the schemas that apply beside a schema object: its target and the items of its `allOf`.

    Raises:
        DocumentError: the object has a `$dynamicRef`, or its reference has no target.
    """
    if "$dynamicRef" in node:
        raise DocumentError(f"{node.document.name}: $dynamicRef at {node} is not supported. Bundle the document first.")
    parts = node.items("allOf")
    reference = reference_of(node.value)
    return parts if reference is None else [node.document.find(reference, node), *parts]


def find_unions(members: Iterable[Node]) -> Iterator[Node]:
    """Yield the unions of schema objects."""
    return (member.child(keyword) for member in members for keyword in UNIONS if keyword in member)


def find_branches(union: Node) -> list[Node]:
    """Return the different branches of a union other than null; a branch that is only a union is replaced by its own.

    A union of one schema and null keeps that schema as its only branch.
    """
    branches = [branch for branch in union.elements() if not is_null(branch)]
    if len(branches) > 1:
        return [branch for branch in _flatten(union, set()) if not is_null(branch)]
    return branches


def _flatten(union: Node, seen: set[object]) -> Iterator[Node]:
    for branch in union.elements():
        target = described_target(branch)
        if target.key in seen:
            continue
        seen.add(target.key)
        keywords = target.value.keys() - ANNOTATIONS if isinstance(target.value, dict) else _NO_SIBLINGS
        if keywords == {union.name}:
            yield from _flatten(target.child(*keywords), seen)
        else:
            yield branch


def sole_target(node: Node, siblings: frozenset[str] = _NO_SIBLINGS) -> Node:
    """Return the target of a schema that has at most these keywords beside `$ref`; else the schema itself."""
    if reference_of(node.value) is None:
        return node
    return next(
        each
        for each in node.targets()
        if reference_of(each.value) is None or not each.value.keys() - {"$ref"} <= siblings
    )


def described_target(node: Node) -> Node:
    """Return the target of a schema that is a reference with annotations; else the schema itself."""
    return sole_target(node, ANNOTATIONS)


def is_null(branch: Node) -> bool:
    """Return True if null is the only value of a schema."""
    value = described_target(branch).value
    if not isinstance(value, dict):
        return False
    return (
        value.get("type") in ("null", ["null"])
        or value.get("enum") == [None]
        or ("const" in value and value["const"] is None)
    )


def collapse(union: Node, branches: Iterable[Node]) -> tuple[Enum, Types] | None:
    """Return the enum and the types of a union of plain types and enums.

    Returns:
        None if the union has other branches, or is a `oneOf` in which a value matches several branches.
    """
    values: dict[str, Any] = {}
    enum_types: set[str] = set()
    plain_types: set[str] = set()
    overlap = False
    for branch in branches:
        node = described_target(branch)
        if not isinstance(node.value, dict):
            return None
        keywords = node.value.keys() - ANNOTATIONS - {"example"}
        listed, types = enum_values(node), value_types(node)
        if keywords in ({"enum"}, {"const"}, {"type", "enum"}, {"type", "const"}) and listed is not None:
            allowed = [value for value in listed if value is not None and covers(types, type_of(value))]
            enum_types |= {type_of(value) for value in allowed}
            named = {canonical(value): value for value in allowed}
            overlap |= not named.keys().isdisjoint(values)
            values |= named
        elif keywords == {"type"} and types is not None:
            overlap |= _overlap(plain_types, types)
            plain_types |= types
        else:
            return None
    if values and plain_types and not enum_types <= plain_types:
        return None
    if union.name == "oneOf" and (overlap or (values and plain_types)):
        return None
    return Enum(values, is_closed=not plain_types), normalize_types(enum_types | plain_types)


def _overlap(some: Iterable[str], others: Iterable[str]) -> bool:
    """Return True if a value may have a type of either group."""
    some, others = frozenset(some), frozenset(others)
    return any(covers(others, each) for each in some) or any(covers(some, each) for each in others)
