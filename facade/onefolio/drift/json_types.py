"""The JSON types of schemas and values."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final, TypeAlias

from ..openapi.documents import Node

Types: TypeAlias = frozenset[str] | None
"""JSON types without null; None means any type."""

_NAMES: Final = frozenset(("array", "boolean", "integer", "number", "object", "string", "null", "file"))


def read_types(node: Node) -> Types:
    """Return the types in the keyword `type` of a schema object, null included.

    Raises:
        DocumentError: the keyword has an invalid value.
    """
    stated = node.get("type")
    if stated is None:
        return None
    types = [stated] if isinstance(stated, str) else stated
    if not isinstance(types, list) or not all(isinstance(each, str) and each in _NAMES for each in types):
        node.child("type").fail("a JSON type or a list of JSON types")
    return frozenset(types)


def value_types(node: Node) -> Types:
    """Return the types in the keyword `type` of a schema object, without null."""
    types = read_types(node)
    return None if types is None else normalize_types(types - {"null"})


def normalize_types(types: Iterable[str]) -> frozenset[str]:
    """Return types without `integer` if `number`, which includes it, is one of them."""
    normalized = frozenset(types)
    return normalized - {"integer"} if "number" in normalized else normalized


def intersect_types(one: Types, other: Types) -> Types:
    """Return the types that two schemas have in common."""
    if one is None or other is None:
        return other if one is None else one
    common = one & other
    includes_integer = {"integer", "number"} <= one | other and "number" not in common
    return common | {"integer"} if includes_integer else common


def covers(types: Types, kind: str) -> bool:
    """Return True if every value of a type is allowed by these types."""
    return types is None or kind in types or (kind == "integer" and "number" in types)


def type_of(value: Any) -> str:
    """Return the narrowest JSON type of a value other than null."""
    match value:
        case bool():
            return "boolean"
        case str():
            return "string"
        case int():
            return "integer"
        case Decimal() if value == value.to_integral_value():
            return "integer"
        case list():
            return "array"
        case dict():
            return "object"
        case _:
            return "number"
