"""Close a schema: no undocumented field, no enum value beyond the known ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def open_enum(schema: Any) -> list[str] | None:
    """Return the known values of an open enum, or None for any other schema.

    An open enum is an `anyOf` of an enum and of any string.
    """
    match schema:
        case {"anyOf": [{"enum": list(values)}, {"type": "string", **rest}]} if not rest:
            return values
    return None


_ANNOTATIONS = frozenset({"description", "title", "example", "examples", "deprecated", "default", "x-mock"})

_INDIFFERENT_TO_NULL = frozenset({"type", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"})


def close_schema(schema: Any, resolve: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Any:
    """Return a schema that rejects undocumented fields and unknown enum values, in the form that validates fastest."""
    if isinstance(schema, list):
        return [close_schema(item, resolve) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    if (values := open_enum(schema)) is not None:
        return {"type": "string", "enum": values}
    match {name: item for name, item in schema.items() if name not in _ANNOTATIONS}:
        case {"allOf": [only], **rest} if not rest:
            return close_schema(only, resolve)
        case {"anyOf": [one, {"type": "null"}], **rest} if not rest:
            stated = {name: item for name, item in resolve(one).items() if name not in _ANNOTATIONS}
            if isinstance(stated.get("type"), str) and stated.keys() <= _INDIFFERENT_TO_NULL:
                return {**stated, "type": [stated["type"], "null"]}
    # The keys of `properties` are field names, not keywords, even if they are named like an annotation.
    closed = {
        name: {key: close_schema(each, resolve) for key, each in item.items()}
        if name == "properties"
        else close_schema(item, resolve)
        for name, item in schema.items()
    }
    if "properties" in schema and "type" in schema:
        closed.setdefault("additionalProperties", False)
    return closed
