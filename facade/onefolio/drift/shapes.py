"""Schemas, and the normal form in which spellings with the same meaning are equal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from attrs import field, frozen

from ..openapi.documents import Node
from ..openapi.references import reference_of
from .composition import sole_target
from .json_types import Types
from .keywords import Enum
from .limits import Bound


@frozen(eq=False)
class Schema:
    """Schema objects that all apply to one value, like the items of an `allOf`.

    Args:
        nodes: their places.
        expanded: the keys of unions that one of the nodes is a branch of.
        only_type: the only type that is compared, if the schema allows several.
    """

    nodes: tuple[Node, ...]
    expanded: frozenset[object] = frozenset()
    only_type: str | None = None

    @cached_property
    def key(self) -> object:
        """A value that identifies the schema; all references to one component are one schema."""
        return (tuple(sole_target(node).key for node in self.nodes), self.expanded, self.only_type)

    @property
    def name(self) -> str | None:
        """The name of the referenced component, or None if the schema is not a reference."""
        reference = reference_of(self.nodes[0].value)
        return None if reference is None else reference.rpartition("/")[2]


def name_matches(pattern: str, name: str) -> bool:
    """Return True if a property with a name matches a pattern, or if the pattern cannot be read."""
    try:
        return re.search(pattern, name) is not None
    except re.error:
        return True


@frozen(eq=False)
class Shape:
    """The normal form of a schema.

    Args:
        node: the place that describes the value, for reports.
        types: the JSON types without null.
        nullable: whether null is allowed.
        enum: the listed values, if any.
        properties: the schemas of the documented properties.
        required: the names of the required properties.
        additional: the schema of other properties; False if they are not allowed, None if any are.
        pattern_properties: the schemas of the properties whose names match a pattern.
        forbidden: the documented properties that another part of the schema does not allow.
        items: the schema of the items after the first ones; None if any are allowed.
        first_items: the schemas of the first items.
        lower: the lower limits by keyword.
        upper: the upper limits by keyword.
        multiples_of: the values of `multipleOf`, all of which apply.
        unique_items: whether items must be unique.
        formats: the formats; most schemas have one at most.
        patterns: the patterns, all of which apply.
        branches: the branches of a union; if there are any, all other constraints but `nullable` are part of them.
        is_exclusive: whether a value matches only one branch.
        discriminator: the property that selects a branch.
        mapping: the component name of a branch by discriminator value.
        access: `writeOnly` if the value appears in requests only, `readOnly` if it appears in responses only.
        annotations: descriptions and other annotations by keyword, as canonical text.
        assertions: the schema objects with keywords that only narrow the value.
        has_unevaluated: whether values that no other keyword describes are constrained.
        other_keywords: all other keywords, which can only be compared for equality.
    """

    node: Node
    types: Types = None
    nullable: bool = True
    enum: Enum | None = None
    properties: Mapping[str, Schema] = field(factory=dict)
    required: frozenset[str] = frozenset()
    additional: Schema | bool | None = None
    pattern_properties: Mapping[str, Schema] = field(factory=dict)
    forbidden: frozenset[str] = frozenset()
    items: Schema | None = None
    first_items: tuple[Schema | None, ...] = ()
    lower: Mapping[str, Bound] = field(factory=dict)
    upper: Mapping[str, Bound] = field(factory=dict)
    multiples_of: frozenset[Decimal] = frozenset()
    unique_items: bool = False
    formats: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    branches: tuple[Schema, ...] = ()
    is_exclusive: bool = False
    discriminator: str | None = None
    mapping: Mapping[str, str] = field(factory=dict)
    access: frozenset[str] = frozenset()
    annotations: Mapping[str, str] = field(factory=dict)
    assertions: tuple[Node, ...] = ()
    has_unevaluated: bool = False
    other_keywords: Mapping[str, tuple[Node, ...]] = field(factory=dict)

    @property
    def allows_anything(self) -> bool:
        """Whether all values are allowed."""
        if self.types is not None or not self.nullable or (self.enum is not None and self.enum.values):
            return False
        return not any((
            self.branches, self.properties, self.required, self.additional is not None, self.items, self.first_items,
            self.lower, self.upper, self.multiples_of, self.unique_items, self.formats, self.patterns, self.assertions,
            self.other_keywords,
        ))  # fmt: skip

    @property
    def is_implied_object(self) -> bool:
        """Whether only the properties of objects are constrained, and values of other types are allowed."""
        return self.types is None and bool(self.properties) and not self.branches

    def schema_of_other(self, name: str) -> Schema | bool | None:
        """Return the schema of an undocumented property; False if it is not allowed, None if any value is."""
        nodes = [
            node
            for pattern, schema in self.pattern_properties.items()
            if name_matches(pattern, name)
            for node in schema.nodes
        ]
        return Schema(tuple(nodes)) if nodes else self.additional

    @property
    def type_text(self) -> str:
        """The types as text."""
        return "any" if self.types is None else " or ".join(sorted(self.types)) or "nothing"

    def __str__(self) -> str:
        if self.branches:
            kind = f"one of {len(self.branches)} schemas"
        else:
            kind = "any type" if self.types is None else self.type_text
        formats = f" ({', '.join(sorted(self.formats))})" if self.formats else ""
        return f"{kind}{formats}{' or null' if self.nullable and self.types else ''}"
