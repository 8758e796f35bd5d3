"""The schemas of the values inside of objects and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from ..openapi.documents import Node
from .composition import find_members
from .keywords import UNIONS
from .shapes import Schema, name_matches

_ANYTHING: tuple[Any, ...] = (None, True, {})
"""Schemas that allow any value."""


class _Rest(NamedTuple):
    """The schema of all values that other keywords do not describe.

    Attributes:
        node: the schema.
        members: the schema objects whose keywords describe the others.
    """

    node: Node
    members: Sequence[Node]


class Fields(NamedTuple):
    """The properties of an object.

    Attributes:
        properties: the schemas of the documented properties.
        additional: the schema of other properties; False if they are not allowed, None if any are.
        by_pattern: the schemas of the properties whose names match a pattern.
        forbidden: the documented properties that another part of the schema does not allow.
    """

    properties: Mapping[str, Schema]
    additional: Schema | bool | None
    by_pattern: Mapping[str, Schema]
    forbidden: frozenset[str]


class Elements(NamedTuple):
    """The items of a list.

    Attributes:
        first: the schemas of the first items.
        rest: the schema of the others; None if any are allowed.
    """

    first: tuple[Schema | None, ...]
    rest: Schema | None


def read_fields(members: Sequence[Node]) -> Fields:
    """Return the properties that schema objects describe, all of which apply."""
    nodes, by_pattern = _collect(members, "properties"), _collect(members, "patternProperties")
    rests = [_Rest(member.child("additionalProperties"), [member]) for member in members]
    rests += _unevaluated(members, "unevaluatedProperties", "additionalProperties")
    rests = [rest for rest in rests if rest.node.value not in _ANYTHING]
    forbidden = set()
    for rest in rests if nodes else ():
        names = {name for member in rest.members for name, _ in member.fields("properties")}
        known = [pattern for member in rest.members for pattern, _ in member.fields("patternProperties")]
        for name in nodes.keys() - names:
            if any(name_matches(pattern, name) for pattern in known):
                continue
            if rest.node.value is False:
                forbidden.add(name)
            else:
                nodes[name] = (*nodes[name], rest.node)
    additional: Schema | bool | None = Schema(tuple(rest.node for rest in rests)) if rests else None
    if any(rest.node.value is False for rest in rests):
        additional = False
    schemas, patterns = ({name: Schema(each) for name, each in found.items()} for found in (nodes, by_pattern))
    return Fields(schemas, additional, patterns, frozenset(forbidden))


def _collect(members: Sequence[Node], keyword: str) -> dict[str, tuple[Node, ...]]:
    """Return all schemas of each name in a keyword."""
    nodes: dict[str, tuple[Node, ...]] = {}
    for member in members:
        for name, node in member.fields(keyword):
            nodes[name] = (*nodes.get(name, ()), node)
    return nodes


def read_elements(members: Sequence[Node]) -> Elements:
    """Return the items that schema objects describe, all of which apply."""
    prefixes, rests = [], []
    for member in members:
        # In older documents, a list in `items` has the meaning of `prefixItems`.
        keyword = "prefixItems" if "prefixItems" in member else "items"
        prefixes.append(member.items(keyword) if isinstance(member.get(keyword), list) else [])
        items = member.get("items")
        rests.append(() if isinstance(items, list) or items in _ANYTHING else (member.child("items"),))
    rest_nodes = [node for rest in rests for node in rest]
    rest_nodes += [rest.node for rest in _unevaluated(members, "unevaluatedItems", "items")]
    first = []
    for index in range(max(map(len, prefixes), default=0)):
        nodes = [
            node for prefix, rest in zip(prefixes, rests, strict=True) for node in (prefix[index : index + 1] or rest)
        ]
        first.append(Schema(tuple(nodes)) if nodes else None)
    return Elements(tuple(first), Schema(tuple(rest_nodes)) if rest_nodes else None)


def _unevaluated(members: Iterable[Node], keyword: str, evaluating: str) -> list[_Rest]:
    """Return the schemas in a keyword; one beside a keyword that describes all values has no effect."""
    members = list(members)
    found = []
    for member in members:
        if member.get(keyword) in _ANYTHING:
            continue
        inner = find_members([member])
        # The branch of a union is one of the members, and it describes values for the schema of the union.
        evaluated = members if any(name in each for each in inner for name in UNIONS) else inner
        if all(each.get(evaluating) in (None, False) for each in evaluated):
            found.append(_Rest(member.child(keyword), evaluated))
    return found
