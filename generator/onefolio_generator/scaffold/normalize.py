"""Normalization of published schemas to the one form that the curated specs have.

Objects, lists and enums become named components, enums are open, a nullable schema is `anyOf` of the schema and null,
and `allOf` is merged into one object, whichever way OpenAPI 3.0 or 3.1 spells them. Any other choice of schemas becomes
a schema without constraints, with a note for the reviewer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from ..clients.python_names import to_class_name
from ..references import component_name, component_reference
from .published_spec import PublishedSpec
from .schemas import DECIMAL, PATTERNS, Components, Schema, without_null
from .text import to_one_line, to_sentence

_INT64_MAX = 2**63 - 1
_DECIMAL_FORMATS = ("decimal", "number", "double", "float", "money", "currency", "bigdecimal")
_STRING_FORMATS = ("date", "date-time", "uuid")
_ANNOTATIONS = {"description", "title", "example", "examples", "default", "deprecated"}
_NUMERIC_TYPES = {"string", "number", "integer"}


@define
class Normalizer:
    """Normalizes the schemas of one document.

    Attributes:
        published: the document.
        components: the components that the schemas have become so far.
        notes: differences between published and normalized schemas that a person should know.
    """

    published: PublishedSpec
    components: Components = field(factory=Components)
    notes: list[str] = field(factory=list)
    _by_reference: dict[str, str] = field(factory=dict)
    _pending: dict[int, tuple[Schema, str]] = field(factory=dict)
    """Published objects that are being normalized, and the names of their components."""

    def normalize_to_component(self, schema: Schema, name: str) -> Schema:
        """Normalize a schema and return a reference to it; `name` is that of a new component."""
        normalized = self.normalize(schema, name)
        return normalized if "$ref" in normalized else self.components.add(name, normalized)

    def normalize(self, schema: Any, name: str) -> Schema:
        """Normalize a schema; `name` is that of its component if it becomes one."""
        if not isinstance(schema, dict):
            return {}
        if isinstance(schema.get("$ref"), str):
            return self._normalize_reference(schema)
        if "allOf" in schema:
            return self._merge(schema, name)
        if "anyOf" in schema or "oneOf" in schema:
            return self._normalize_choice(schema, name)
        return self._normalize_typed(schema, name)

    def _normalize_reference(self, schema: Schema) -> Schema:
        reference: str = schema["$ref"]
        if reference in self._by_reference:
            return _describe(component_reference(self._by_reference[reference]), schema)
        target = self.published.resolve(schema)
        name = component_name(reference)
        if _is_object(target) or "allOf" in target:
            # The component gets its name before its fields are normalized, because one of them may refer back to it.
            component = self.components.unique_name(name)
            self._by_reference[reference], self._pending[id(target)] = component, (target, component)
            self.components.by_name[component] = {}
        normalized = self.normalize(target, name)
        self._by_reference.pop(reference, None)
        if "$ref" in normalized:
            self._by_reference[reference] = component_name(normalized["$ref"])
        return _describe(normalized, schema)

    def _normalize_choice(self, schema: Schema, name: str) -> Schema:
        branches = [each for key in ("anyOf", "oneOf") for each in schema.get(key, [])]
        other = [each for each in branches if not _is_null(self.published.resolve(each))]
        nullable = len(other) < len(branches) or schema.get("nullable") is True
        if len(other) == 1:
            return _add_null(_describe(self.normalize(other[0], name), schema), nullable=nullable)
        targets = [self.published.resolve(each) for each in other]
        types = {str(each.get("type")) for each in targets}
        if any("enum" in each for each in targets) and types == {"string"}:
            values = [value for each in targets for value in each.get("enum", [])]
            return _add_null(self._add_enum(values, schema, name), nullable=nullable)
        if targets and types <= _NUMERIC_TYPES:
            typed = {"type": sorted(types), "description": schema.get("description")}
            return _add_null(self._normalize_typed(typed, name), nullable=nullable)
        self.notes.append(f"`{name}` is a choice of several schemas; its values are not validated")
        return _describe({}, schema)

    def _merge(self, schema: Schema, name: str) -> Schema:
        parts = [self.published.resolve(each) for each in schema["allOf"]]
        own = {key: value for key, value in schema.items() if key != "allOf"}
        nullable = own.pop("nullable", False) is True or any(each.get("nullable") is True for each in parts)
        if len(parts) == 1 and not own.keys() - _ANNOTATIONS:
            return _add_null(_describe(self.normalize(schema["allOf"][0], name), own), nullable=nullable)
        merged: Schema = {"type": "object", "properties": {}, "required": []}
        for part in self._flatten_parts([*parts, own], set()):
            if not _is_object(part) and part.keys() & {"type", "enum", "anyOf", "oneOf"}:
                return _add_null(_describe(self.normalize(part, name), own), nullable=nullable)
            merged["properties"] |= part.get("properties", {})
            merged["required"] += part.get("required", [])
            merged.update({key: part[key] for key in ("description", "example") if key in part})
        if id(schema) in self._pending:
            self._pending[id(merged)] = (merged, self._pending[id(schema)][1])
        return _add_null(self._normalize_typed(merged, name), nullable=nullable)

    def _flatten_parts(self, schemas: list[Schema], seen: set[int]) -> Iterator[Schema]:
        """Yield each part once, although parts may refer to one schema many times, or to themselves."""
        for schema in schemas:
            if id(schema) in seen:
                continue
            seen.add(id(schema))
            yield from self._flatten_parts([self.published.resolve(each) for each in schema.get("allOf", [])], seen)
            yield schema

    def _normalize_typed(self, schema: Schema, name: str) -> Schema:
        """Normalize a schema that is no combination of others."""
        types = schema.get("type")
        nullable = schema.get("nullable") is True
        if isinstance(types, list):
            nullable = nullable or "null" in types
            types = [each for each in types if each != "null"]
            if {"string"} < set(types) <= _NUMERIC_TYPES:
                number = {"anyOf": [dict(DECIMAL), {"type": "number"}]}
                return _add_null(_describe(number, schema), nullable=nullable)
            types = types[0] if len(types) == 1 else None
        kind = types or _infer_type(schema)
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            nullable = nullable or None in values
            known = [value for value in values if value is not None]
            if all(isinstance(value, str) for value in known):
                return _add_null(self._add_enum(known, schema, name), nullable=nullable)
            kind = kind or "integer"
        normalized = self._normalize_type(kind, schema, name)
        described = _describe(normalized or {}, schema)
        return _add_null(described, nullable=nullable) if normalized else described

    def _normalize_type(self, kind: Any, schema: Schema, name: str) -> Schema | None:
        """Normalize a schema of one type; return None for an unknown type."""
        match kind:
            case "object":
                return self._add_object(schema, name)
            case "array":
                return {"type": "array", "items": self.normalize(schema.get("items", {}), f"{name}Item")}
            case "string":
                return _normalize_string(schema)
            case "integer":
                low, high = schema.get("minimum"), schema.get("maximum")
                return {
                    "type": "integer",
                    "minimum": low if isinstance(low, int) else -_INT64_MAX,
                    "maximum": high if isinstance(high, int) else _INT64_MAX,
                }
            case "number" | "boolean":
                return {"type": kind}
        return None

    def _add_object(self, schema: Schema, name: str) -> Schema:
        properties = schema.get("properties") or {}
        normalized: Schema = {"description": to_one_line(schema.get("description")) or f"{name}.", "type": "object"}
        pending = self._pending.pop(id(schema), None)
        component = pending[1] if pending else self.components.unique_name(name)
        self.components.by_name[component] = normalized
        required = [each for each in dict.fromkeys(schema.get("required") or []) if each in properties]
        if required:
            normalized["required"] = required
        normalized["properties"] = {
            each: self.normalize(inner, component + to_class_name(each, "Field")) for each, inner in properties.items()
        }
        return component_reference(component)

    def _add_enum(self, values: list[str], schema: Schema, name: str) -> Schema:
        description = to_one_line(schema.get("description")) or name
        open_enum = {
            "description": f"{description}. Other values are possible.".replace("..", "."),
            "anyOf": [{"type": "string", "enum": list(dict.fromkeys(values))}, {"type": "string"}],
        }
        return self.components.add(name, open_enum)


def _is_object(schema: Any) -> bool:
    return isinstance(schema, dict) and ("properties" in schema or schema.get("type") == "object")


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "null" or schema.get("enum") == [None])


def _infer_type(schema: Schema) -> str | None:
    return "object" if "properties" in schema else "array" if "items" in schema else None


def _normalize_string(schema: Schema) -> Schema:
    string_format = str(schema.get("format", "")).lower()
    if string_format in _DECIMAL_FORMATS:
        return dict(DECIMAL)
    normalized: Schema = {"type": "string"}
    if string_format in _STRING_FORMATS:
        normalized["format"] = string_format
    if string_format in PATTERNS:
        normalized["pattern"] = PATTERNS[string_format]
    return normalized


def _add_null(schema: Schema, *, nullable: bool) -> Schema:
    """Return a schema that admits null, too, if `nullable`; a schema without constraints does already."""
    if not nullable or not schema or without_null(schema) is not schema:
        return schema
    inner = {key: value for key, value in schema.items() if key not in ("description", "examples", "deprecated")}
    outer = {key: value for key, value in schema.items() if key in ("description", "deprecated")}
    if "examples" in schema:
        inner["examples"] = schema["examples"]
    return {**outer, "anyOf": [inner, {"type": "null"}]}


def _describe(normalized: Schema, schema: Schema) -> Schema:
    """Return a normalized schema with the description and the example of the published one."""
    described: Schema = {}
    if sentence := to_sentence(schema.get("description")):
        described["description"] = sentence
    described |= {key: value for key, value in normalized.items() if key not in described}
    if schema.get("deprecated") is True and "$ref" not in described:
        described["deprecated"] = True
    example = schema.get("example", next(iter(schema.get("examples") or []), schema.get("default")))
    if isinstance(example, (str, int, float)) and not described.keys() & {"examples", "$ref"}:
        described["examples"] = [example]
    return described
