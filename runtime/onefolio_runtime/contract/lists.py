"""Find the lists in schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

Resolve: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Follows the `$ref` of a schema, if it has one."""

_UNDIVIDED = frozenset(
    ("minItems", "maxItems", "uniqueItems", "contains", "prefixItems", "unevaluatedItems", "not", "if", "const")
)
"""Keywords by which the validity of a list may depend on more than its items. A field of that name does no harm."""

_MAX_BRANCHES = 100


def has_list(schema: Mapping[str, Any], resolve: Resolve) -> bool:
    """Return whether a schema is a list or a map of values, or an object with one of them among its fields."""
    return any(
        _is_list(branch) or any(_is_list(inner) for field in _fields(branch) for inner in _branches(field, resolve))
        for branch in _branches(schema, resolve)
    )


def is_divisible(node: Any, resolve: Resolve) -> bool:
    """Return whether, by every schema in a document, a list is valid if each of its items is."""
    if isinstance(node, list):
        return all(is_divisible(item, resolve) for item in node)
    if not isinstance(node, Mapping):
        return True
    if not _UNDIVIDED.isdisjoint(node) or any(isinstance(each, list | dict) for each in _listed(node, "enum")):
        return False
    for kind in ("anyOf", "oneOf"):
        # Each part of a list may satisfy another branch.
        branches = [branch for branch in _listed(node, kind) if branch != {"type": "null"}]
        if len(branches) > 1 and any(_is_list(each) for branch in branches for each in _branches(branch, resolve)):
            return False
    return all(is_divisible(item, resolve) for item in node.values())


def _listed(node: Mapping[str, Any], keyword: str) -> list[Any]:
    stated = node.get(keyword)
    return stated if isinstance(stated, list) else []


def _is_list(schema: Mapping[str, Any]) -> bool:
    kind = schema.get("type")
    return (
        kind == "array"
        or (isinstance(kind, list) and "array" in kind)
        or not {"items", "prefixItems"}.isdisjoint(schema)
        or isinstance(schema.get("additionalProperties"), Mapping)
    )


def _fields(schema: Mapping[str, Any]) -> Iterator[Any]:
    return iter(schema.get("properties", {}).values())


def _branches(schema: Any, resolve: Resolve) -> Iterator[Mapping[str, Any]]:
    """Yield a schema and the schemas that it is composed of."""
    open_schemas = [schema]
    for _ in range(_MAX_BRANCHES):
        if not open_schemas:
            return
        found = open_schemas.pop()
        if isinstance(found, Mapping):
            found = resolve(found)
            yield found
            open_schemas += [each for kind in ("allOf", "anyOf", "oneOf") for each in found.get(kind, ())]
