"""Enums, formats, annotations and the other keywords of schema objects."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from ..openapi.documents import Node
from .canonical import canonical, canonical_prose
from .json_types import Types, covers, read_types
from .limits import EXCLUSIVE_LIMITS, LOWER_LIMITS, UPPER_LIMITS

ANNOTATIONS: Final = frozenset(("title", "description", "default", "examples", "deprecated", "externalDocs"))
"""Keywords that describe a value and do not constrain it."""

UNIONS: Final = ("anyOf", "oneOf")

STRING_FORMATS: Final = frozenset((
    "date", "date-time", "time", "duration", "uuid", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri", "iri",
    "byte", "binary", "password",
))  # fmt: skip

NUMBER_FORMATS: Final = frozenset(("int32", "int64", "float", "double"))

ASSERTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "not": ("not",),
    "if": ("if", "then", "else"),
    "contains": ("contains", "minContains", "maxContains"),
    "propertyNames": ("propertyNames",),
    "patternProperties": ("patternProperties",),
    "dependentRequired": ("dependentRequired",),
    "dependentSchemas": ("dependentSchemas",),
}
"""The keywords that only narrow a value: those of one assertion by its main one, without which they have no effect."""

_WITHOUT_EFFECT: Final = frozenset(("$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "nullable"))
"""Keywords that are ignored, or read elsewhere."""

_KNOWN: Final = frozenset((
    *ANNOTATIONS, *LOWER_LIMITS, *UPPER_LIMITS, *EXCLUSIVE_LIMITS.values(), *UNIONS, *_WITHOUT_EFFECT, "$ref", "allOf",
    "type", "enum", "const", "example", "properties", "required", "additionalProperties", "unevaluatedProperties",
    "items", "prefixItems", "format", "pattern", "multipleOf", "uniqueItems", "discriminator", "readOnly", "writeOnly",
    "contentEncoding", "unevaluatedItems", *itertools.chain.from_iterable(ASSERTIONS.values()),
))  # fmt: skip
"""Keywords whose changes have rules of their own."""

_BINARY = "application/octet-stream"


class Enum(NamedTuple):
    """The values that a schema lists.

    Attributes:
        values: the values by their canonical text, without null.
        is_closed: whether other values are not allowed.
    """

    values: Mapping[str, Any]
    is_closed: bool


def enum_values(node: Node) -> list[Any] | None:
    """Return the values of a schema object's `const` and `enum`, or None if it has neither."""
    listed = None if node.get("enum") is None else [each.value for each in node.items("enum")]
    if "const" not in node:
        return listed
    constant = node.get("const")
    is_listed = listed is None or canonical(constant) in map(canonical, listed)
    return [constant] if is_listed else []


def read_enum(node: Node) -> Enum | None:
    """Return the enum of a schema object, or None if it has none; an `x-extensible-enum` is open."""
    values, is_closed = enum_values(node), True
    if values is None and isinstance(node.get("x-extensible-enum"), list):
        values, is_closed = node.get("x-extensible-enum"), False
    if values is None:
        return None
    return Enum({canonical(value): value for value in values if value is not None}, is_closed)


def intersect_enums(enums: list[Enum]) -> Enum | None:
    """Return the values that all enums have in common; open enums count only if there is no closed one."""
    closed = [each for each in enums if each.is_closed]
    counted = closed or enums
    if not counted:
        return None
    values = {name: value for name, value in counted[0].values.items() if all(name in each.values for each in counted)}
    return Enum(values, bool(closed))


def allows_null(node: Node) -> bool:
    """Return True if the type and the enum of a schema object allow null."""
    types = read_types(node)
    if types is not None:
        return "null" in types
    values = enum_values(node)
    return values is None or None in values


def read_format(node: Node) -> str | None:
    """Return the format; base64 and raw bytes are formats in OpenAPI 3.0 and keywords of their own in 3.1."""
    if isinstance(name := node.get("format"), str):
        return name
    if isinstance(encoding := node.get("contentEncoding"), str):
        return "byte" if encoding == "base64" else encoding
    return "binary" if node.get("contentMediaType") == _BINARY else None


def format_applies(name: str, types: Types) -> bool:
    """Return True if a format constrains values of these types; an unknown format may."""
    if name in STRING_FORMATS:
        return covers(types, "string")
    return name not in NUMBER_FORMATS or covers(types, "integer") or covers(types, "number")


def read_annotations(members: Iterable[Node]) -> dict[str, str]:
    """Return the annotations and extensions of schema objects as canonical text; the outermost one applies."""
    found: dict[str, str] = {}
    for member in members:
        for keyword, value in member.mapping().items():
            if keyword == "example":
                found.setdefault("examples", canonical([value]))
            elif keyword == "deprecated":
                found.update({keyword: "true"} if value is True else {})
            elif keyword in ANNOTATIONS or (keyword.startswith("x-") and keyword != "x-extensible-enum"):
                found.setdefault(keyword, canonical_prose(value))
    return found


def read_other_keywords(members: Iterable[Node]) -> dict[str, tuple[Node, ...]]:
    """Return the places of the keywords that have no rules of their own."""
    found: dict[str, tuple[Node, ...]] = {}
    for member in members:
        for keyword in member.mapping():
            if keyword in _KNOWN or keyword.startswith("x-"):
                continue
            if keyword == "contentMediaType" and member.get(keyword) == _BINARY:
                continue
            found[keyword] = (*found.get(keyword, ()), member.child(keyword))
    return found
