"""Compute the shapes of schemas."""

from __future__ import annotations

from typing import Final

from ..openapi.documents import Node
from .composition import collapse, described_target, find_branches, find_members, find_unions, parts_of
from .containers import read_elements, read_fields
from .json_types import Types, covers, intersect_types, normalize_types, type_of, value_types
from .keywords import (
    ANNOTATIONS,
    ASSERTIONS,
    UNIONS,
    Enum,
    allows_null,
    format_applies,
    intersect_enums,
    read_annotations,
    read_enum,
    read_format,
    read_other_keywords,
)
from .limits import find_limits, read_number
from .shapes import Schema, Shape

_NOT_DESCRIBING: Final = frozenset((*ANNOTATIONS, "example", "$ref", "allOf", "nullable"))
"""Keywords of schema objects that are not the place where a value is described."""

_ACCESS: Final = ("readOnly", "writeOnly")

_UNEVALUATED: Final = ("unevaluatedProperties", "unevaluatedItems")

_BOOLEAN: Final = frozenset(("boolean",))


class ShapeCache:
    """The shapes of schemas, each computed once."""

    def __init__(self) -> None:
        self._shapes: dict[object, Shape] = {}
        self._nullable: dict[object, bool] = {}

    def shape(self, schema: Schema) -> Shape:
        """Return the shape of a schema.

        Raises:
            DocumentError: a part of it is malformed, or a reference has no target or is part of a cycle.
        """
        shape = self._shapes.get(schema.key)
        if shape is None:
            nullable = all(self._is_nullable(node) for node in schema.nodes)
            shape = self._shapes[schema.key] = _make_shape(schema, nullable=nullable)
        return shape

    def _is_nullable(self, node: Node) -> bool:
        if node.value is True or node.value is False:
            return bool(node.value)
        if node.key not in self._nullable:
            self._nullable[node.key] = True  # a recursive part adds no constraint
            self._nullable[node.key] = node.get("nullable") is True or all(
                [
                    allows_null(node),
                    *(self._is_nullable(part) for part in parts_of(node)),
                    *(self._union_is_nullable(node.child(name)) for name in UNIONS if name in node),
                ]
            )
        return self._nullable[node.key]

    def _union_is_nullable(self, union: Node) -> bool:
        nullable = sum(self._is_nullable(each) for each in union.elements())
        return nullable == 1 if union.name == "oneOf" else nullable > 0


def _make_shape(schema: Schema, *, nullable: bool) -> Shape:
    """Return the shape of a schema: unions of one branch, of types or of values are merged into its other parts."""
    members = find_members(schema.nodes)
    expanded, nodes = schema.expanded, schema.nodes
    enums: list[Enum] = []
    types: Types = None
    while union := next((each for each in find_unions(members) if each.key not in expanded), None):
        expanded |= {union.key}
        branches = find_branches(union)
        keys = {member.key for member in members}
        if any(described_target(branch).key in keys for branch in branches):
            continue  # the value is this branch already
        if len(branches) == 1:
            nodes += (branches[0],)
            members = list({each.key: each for each in (*members, *find_members(branches))}.values())
        elif (collapsed := collapse(union, branches)) is not None:
            enum, enum_types = collapsed
            types = intersect_types(types, enum_types)
            enums += [enum] if enum.values else []
        else:
            alternatives = _add_common(nodes, members, branches, expanded)
            return _union_shape(union, members, alternatives, nullable=nullable)
    return _plain_shape(schema, members, enums, types, nullable=nullable)


def _add_common(
    nodes: tuple[Node, ...], members: list[Node], branches: list[Node], expanded: frozenset[object]
) -> tuple[Schema, ...]:
    """Return the branches of a union together with the constraints beside it."""
    ignored = {*UNIONS, *_NOT_DESCRIBING, "discriminator"}
    is_constrained = any(member.mapping().keys() - ignored for member in members)
    is_constrained |= any(each.key not in expanded for each in find_unions(members))
    common = nodes if is_constrained else ()
    return tuple(Schema((branch, *common), expanded) for branch in branches)


def _union_shape(union: Node, members: list[Node], branches: tuple[Schema, ...], *, nullable: bool) -> Shape:
    holder = next((each for each in members if each.get("discriminator")), None)
    discriminator = holder.child("discriminator") if holder else None
    mapping = discriminator.child("mapping").mapping() if discriminator else {}
    return Shape(
        node=union,
        nullable=nullable,
        branches=branches,
        is_exclusive=union.name == "oneOf" and holder is None,
        discriminator=discriminator.get("propertyName") if discriminator else None,
        mapping={str(value): str(target).rpartition("/")[2] for value, target in mapping.items()},
        annotations=read_annotations(members),
    )


def _plain_shape(schema: Schema, members: list[Node], enums: list[Enum], types: Types, *, nullable: bool) -> Shape:
    for member in members:
        types = intersect_types(types, value_types(member))
        enum = read_enum(member)
        enums += [] if enum is None else [enum]
    enum, types = _merge_enums(enums, types)
    if schema.only_type:
        types = intersect_types(types, frozenset((schema.only_type,)))
    lower, upper = find_limits(members, types)
    fields, elements = read_fields(members), read_elements(members)
    objects = [member.mapping() for member in members]
    return Shape(
        node=_describing_node(schema, members),
        types=types,
        nullable=nullable and schema.only_type is None,
        enum=enum,
        properties=fields.properties,
        required=frozenset(name for member in members for name in member.strings("required")),
        additional=fields.additional,
        pattern_properties=fields.by_pattern,
        forbidden=fields.forbidden,
        items=elements.rest,
        first_items=elements.first,
        lower=lower,
        upper=upper,
        multiples_of=frozenset(
            read_number(each, "multipleOf") for each in members if "multipleOf" in each and covers(types, "integer")
        ),
        unique_items=any(each.get("uniqueItems") is True for each in objects),
        formats=frozenset(name for each in members if (name := read_format(each)) and format_applies(name, types)),
        patterns=frozenset(str(each["pattern"]) for each in objects if "pattern" in each)
        if covers(types, "string")
        else frozenset(),
        access=frozenset(name for each in objects for name in _ACCESS if each.get(name) is True),
        annotations=read_annotations(members),
        assertions=tuple(member for member in members if not ASSERTIONS.keys().isdisjoint(member.mapping())),
        has_unevaluated=any(name in member for member in members for name in _UNEVALUATED),
        other_keywords=read_other_keywords(members),
    )


def _describing_node(schema: Schema, members: list[Node]) -> Node:
    found = (member for member in members if member.mapping().keys() - _NOT_DESCRIBING)
    return next(found, None) or schema.nodes[0].resolve()


def _merge_enums(enums: list[Enum], types: Types) -> tuple[Enum | None, Types]:
    """Return the common values of all enums, and the types that they leave."""
    enum = intersect_enums(enums)
    if enum is None:
        return None, types
    if enum.is_closed:
        values = {name: value for name, value in enum.values.items() if covers(types, type_of(value))}
        enum = Enum(values, is_closed=True)
        types = intersect_types(types, normalize_types(type_of(value) for value in values.values()))
    lists_both_booleans = types == _BOOLEAN and len(enum.values) > 1
    return None if lists_both_booleans else enum, types
