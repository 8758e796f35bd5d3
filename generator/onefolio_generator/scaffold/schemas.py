"""Schemas in the form of the curated specs, their components, and predicates on them."""

from __future__ import annotations

from typing import Any, TypeAlias

from attrs import define, field

from ..clients.python_names import to_class_name
from ..references import component_name, component_reference
from .date_patterns import DATE_PATTERN, TIMESTAMP_PATTERN

Schema: TypeAlias = dict[str, Any]
FieldPath: TypeAlias = tuple[str, ...]
"""Property names from an object down to one of its fields."""

DECIMAL_PATTERN = r"^-?[0-9]{1,78}(\.[0-9]{1,38})?$"
DECIMAL: Schema = {"type": "string", "format": "decimal", "pattern": DECIMAL_PATTERN}
PATTERNS = {"decimal": DECIMAL_PATTERN, "date": DATE_PATTERN, "date-time": TIMESTAMP_PATTERN}
"""The pattern of each format of strings that has one."""

_RESERVED_CLASSES = {
    *(
        "Any",
        "AsyncClient",
        "Base",
        "Client",
        "ClassVar",
        "Columns",
        "Contract",
        "Credentials",
        "Decimal",
        "DocumentedResponse",
    ),
    *("Model", "Operation", "Request", "Secret", "StrEnum", "Unset", "UUID"),
}
"""Names that generated modules import."""


@define
class Components:
    """The component schemas of a curated spec.

    Attributes:
        by_name: the schemas by the names of their classes.
    """

    by_name: dict[str, Schema] = field(factory=dict)

    def add(self, name: str, schema: Schema) -> Schema:
        """Add a schema under a name like this one and return a reference to it."""
        unique = self.unique_name(name)
        self.by_name[unique] = schema
        return component_reference(unique)

    def unique_name(self, name: str) -> str:
        """Return a class name like this one that no component has."""
        base = to_class_name(name, "Schema")
        base = f"{base}Data" if base in _RESERVED_CLASSES else base
        unique, number = base, 2
        while unique in self.by_name:
            unique, number = f"{base}{number}", number + 1
        return unique

    def target(self, schema: Schema) -> Schema:
        """Follow the references of a schema and remove its null."""
        while True:
            if "$ref" in schema:
                schema = self.by_name[component_name(schema["$ref"])]
            elif (inner := without_null(schema)) is not schema:
                schema = inner
            else:
                return schema

    def is_nullable(self, schema: Schema) -> bool:
        """Return whether a schema admits null."""
        while "$ref" in schema:
            schema = self.by_name[component_name(schema["$ref"])]
        return not schema or any(each.get("type") == "null" for each in schema.get("anyOf", []))

    def is_required(self, parent: Schema, name: str) -> bool:
        """Return whether an object always has a property that is not null; `parent` is no reference."""
        return name in parent.get("required", []) and not self.is_nullable(parent["properties"][name])

    def property_at(self, schema: Schema, path: FieldPath) -> Schema:
        """Return the schema of a field as its parent states it; changes to it change the parent."""
        parent = self.target(schema)
        for name in path[:-1]:
            parent = self.target(parent["properties"][name])
        found: Schema = parent["properties"][path[-1]]
        return found


def without_null(schema: Schema) -> Schema:
    """Return the other branch of a choice between a schema and null; any other schema unchanged."""
    match schema:
        case {"anyOf": [inner, {"type": "null"}]}:
            found: Schema = inner
            return found
    return schema


def enum_values(schema: Schema) -> list[str]:
    """Return the known values of a curated open enum; an empty list for any other schema."""
    match schema:
        case {"anyOf": [{"enum": list(values)}, *_]}:
            return list(values)
    return []


def is_number(schema: Schema) -> bool:
    """Return whether a curated schema consists of exact numbers: decimal strings or JSON numbers."""
    match schema:
        case {"type": "number" | "integer"} | {"format": "decimal"}:
            return True
        case {"anyOf": [{"format": "decimal"}, {"type": "number"}]}:
            return True
    return False


def is_integer_parameter(parameter: Schema) -> bool:
    """Return whether a parameter of a published operation is an integer."""
    kind = parameter["schema"].get("type")
    return kind == "integer" or (isinstance(kind, list) and "integer" in kind)
