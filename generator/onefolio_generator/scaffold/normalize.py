"""A published OpenAPI document: its operations, and its schemas in the form that the curated specs have.

Whatever way a schema is spelled in OpenAPI 3.0 or 3.1, it comes out in one: objects, lists and enums are named
components, enums are open, what may be null is `anyOf` of the schema and null, `allOf` is one object. A choice of other
schemas becomes any value; what is lost with that is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define, field

from ..clients.python_names import to_class_name as ClassName
from ..document import DocumentError, read_document

Schema: TypeAlias = dict[str, Any]

DECIMAL = r"^-?[0-9]{1,78}(\.[0-9]{1,38})?$"
_YEAR = "^[12][0-9]{3}-"
_INT64 = 2**63 - 1
_DECIMAL_FORMATS = ("decimal", "number", "double", "float", "money", "currency", "bigdecimal")
_KEPT_FORMATS = ("date", "date-time", "uuid")
_RESERVED = {
    *("Any", "Answer", "AsyncClient", "Base", "Client", "ClassVar", "Contract", "Credentials", "Decimal", "Model"),
    *("Operation", "Request", "Secret", "StrEnum", "Unset", "UUID"),
}
"""Names that generated modules import."""


@define
class Operation:
    """A GET operation with a JSON answer.

    Attributes:
        id: its `operationId`, made from the path where it has none.
        path: the path template.
        node: the operation.
        parameters: those of the path among its own, references followed.
        schema: of the answer.
        example: of the answer, as published; None where there is none.
    """

    id: str
    path: str
    node: Schema
    parameters: list[Schema]
    schema: Schema
    example: Any


@define
class Published:
    """A published document.

    Attributes:
        path: the file.
        document: what is in it.
        components: the curated schemas so far, by name.
        notes: what of the schemas is not held as published.
    """

    path: Path
    document: Schema
    components: dict[str, Schema] = field(factory=dict)
    notes: list[str] = field(factory=list)
    _by_reference: dict[str, str] = field(factory=dict)
    _to_be: dict[int, tuple[Schema, str]] = field(factory=dict)
    """Published objects that are being read, and the components that they become."""

    @classmethod
    def read(cls, path: Path) -> Published:
        """Read a file.

        Raises:
            DocumentError: it is no OpenAPI 3.0 or 3.1 document with paths.
        """
        document = read_document(path)
        if not isinstance(document, dict):
            raise DocumentError(f"{path}: no OpenAPI document, the top of it is no object")
        if "swagger" in document:
            raise DocumentError(
                f"{path}: OpenAPI 2 (swagger: {document['swagger']}); convert it to OpenAPI 3 first, for example with "
                "`npx swagger2openapi`"
            )
        if not str(document.get("openapi", "")).startswith("3."):
            raise DocumentError(f"{path}: no `openapi: 3.…` at the top; only OpenAPI 3.0 and 3.1 can be read")
        if not isinstance(document.get("paths"), dict) or not document["paths"]:
            raise DocumentError(f"{path}: `paths` is missing or empty")
        return cls(path, document)

    def resolve(self, node: Any) -> Any:
        """Return what a node stands for: itself, or what its local `$ref` points to.

        Raises:
            DocumentError: there is nothing.
        """
        for _ in range(50):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            reference, target = node["$ref"], self.document
            for part in reference.removeprefix("#/").split("/"):
                name = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
                if not isinstance(target, dict) or name not in target:
                    raise DocumentError(
                        f"{self.path}: nothing is at {reference}; bundle a document of several files first"
                    )
                target = target[name]
            node = target
        raise DocumentError(f"{self.path}: {node['$ref']} refers to itself")

    def operations(self) -> Iterator[Operation]:
        """Yield every GET operation with a JSON answer."""
        for path, listed in self.document["paths"].items():
            item = self.resolve(listed)
            node = item.get("get") if isinstance(item, dict) else None
            if not isinstance(node, dict):
                continue
            content = json_content(self.resolve(_success(node.get("responses") or {})))
            if content is None or "schema" not in content:
                continue
            stated = [self.resolve(each) for each in [*item.get("parameters", []), *node.get("parameters", [])]]
            if not all(isinstance(each.get("name"), str) and isinstance(each.get("in"), str) for each in stated):
                raise DocumentError(f"{self.path}: GET {path}: a parameter lacks its `name` or its `in`")
            by_place = {(each.get("in"), each.get("name")): each for each in stated}
            yield Operation(
                _operation_id(node, path),
                path,
                node,
                list(by_place.values()),
                content["schema"],
                self._example(content),
            )

    def _example(self, content: Schema) -> Any:
        if "example" in content:
            return content["example"]
        examples = content.get("examples")
        if isinstance(examples, dict) and examples:
            return self.resolve(next(iter(examples.values()))).get("value")
        schema = self.resolve(content["schema"])
        return schema.get("example") if isinstance(schema, dict) else None

    def named(self, schema: Schema, name: str) -> Schema:
        """Return a reference to the component that a schema becomes."""
        curated = self.curated(schema, name)
        return curated if "$ref" in curated else self._component(name, curated)

    def target(self, schema: Schema) -> Schema:
        """Return the curated schema itself: without its reference and its null."""
        while True:
            if "$ref" in schema:
                schema = self.components[schema["$ref"].rpartition("/")[2]]
            elif (inner := not_null(schema)) is not schema:
                schema = inner
            else:
                return schema

    def curated(self, schema: Any, name: str) -> Schema:
        """Return a schema in the curated form; `name` is what it is called where it becomes a component."""
        if not isinstance(schema, dict):
            return {}
        if isinstance(schema.get("$ref"), str):
            return self._referred(schema)
        if not any(keyword in schema for keyword in ("allOf", "anyOf", "oneOf")):
            return self._plain(schema, name)
        if "allOf" in schema:
            return self._merged(schema, name)
        branches = [each for key in ("anyOf", "oneOf") for each in schema.get(key, [])]
        kinds = [self.resolve(each) for each in branches]
        some = [each for each, kind in zip(branches, kinds, strict=True) if not _is_null(kind)]
        nullable = len(some) < len(branches) or schema.get("nullable") is True
        if len(some) == 1:
            return _or_null(_described(self.curated(some[0], name), schema), nullable=nullable)
        chosen = [self.resolve(each) for each in some]
        if any("enum" in each for each in chosen) and all(each.get("type") == "string" for each in chosen):
            words = [word for each in chosen for word in each.get("enum", [])]
            return _or_null(self._enum(words, schema, name), nullable=nullable)
        if chosen and {each.get("type") for each in chosen} <= {"string", "number", "integer"}:
            stated = {"type": sorted({str(each["type"]) for each in chosen}), "description": schema.get("description")}
            return _or_null(self._plain(stated, name), nullable=nullable)
        self.notes.append(f"`{name}` is a choice of schemas; its values are not checked")
        return _described({}, schema)

    def _referred(self, schema: Schema) -> Schema:
        reference: str = schema["$ref"]
        if reference in self._by_reference:
            return _described({"$ref": f"#/components/schemas/{self._by_reference[reference]}"}, schema)
        target = self.resolve(schema)
        name = reference.rpartition("/")[2]
        if self._is_object(target) or "allOf" in target:
            # Known before its fields are read: one of them may lead back here.
            component = self._unique(name)
            self._by_reference[reference], self._to_be[id(target)] = component, (target, component)
            self.components[component] = {}
        curated = self.curated(target, name)
        self._by_reference.pop(reference, None)
        if "$ref" in curated:
            self._by_reference[reference] = curated["$ref"].rpartition("/")[2]
        return _described(curated, schema)

    def _is_object(self, schema: Any) -> bool:
        return isinstance(schema, dict) and ("properties" in schema or schema.get("type") == "object")

    def _merged(self, schema: Schema, name: str) -> Schema:
        parts = [self.resolve(each) for each in schema["allOf"]]
        own = {key: value for key, value in schema.items() if key != "allOf"}
        nullable = own.pop("nullable", False) is True or any(each.get("nullable") is True for each in parts)
        if len(parts) == 1 and not own.keys() - {
            "description",
            "title",
            "example",
            "examples",
            "default",
            "deprecated",
        }:
            return _or_null(_described(self.curated(schema["allOf"][0], name), own), nullable=nullable)
        merged: Schema = {"type": "object", "properties": {}, "required": []}
        for part in self._parts([*parts, own]):
            if not self._is_object(part) and part.keys() & {"type", "enum", "anyOf", "oneOf"}:
                return _or_null(_described(self.curated(part, name), own), nullable=nullable)
            merged["properties"] |= part.get("properties", {})
            merged["required"] += part.get("required", [])
            merged.update({key: part[key] for key in ("description", "example") if key in part})
        if id(schema) in self._to_be:
            self._to_be[id(merged)] = (merged, self._to_be[id(schema)][1])
        return _or_null(self._plain(merged, name), nullable=nullable)

    def _parts(self, schemas: list[Schema]) -> Iterator[Schema]:
        for schema in schemas:
            for each in schema.get("allOf", []):
                yield from self._parts([self.resolve(each)])
            yield schema

    def _plain(self, schema: Schema, name: str) -> Schema:
        kinds = schema.get("type")
        nullable = schema.get("nullable") is True
        if isinstance(kinds, list):
            nullable = nullable or "null" in kinds
            some = [each for each in kinds if each != "null"]
            if set(some) > {"string"} and set(some) <= {"string", "number", "integer"}:
                return _or_null(
                    _described(
                        {"anyOf": [{"type": "string", "format": "decimal", "pattern": DECIMAL}, {"type": "number"}]},
                        schema,
                    ),
                    nullable=nullable,
                )
            kinds = some[0] if len(some) == 1 else None
        if kinds is None:
            kinds = "object" if "properties" in schema else "array" if "items" in schema else None
        if "enum" in schema or "const" in schema:
            words = schema.get("enum", [schema.get("const")])
            nullable = nullable or None in words
            if all(isinstance(word, str) for word in words if word is not None):
                return _or_null(
                    self._enum([word for word in words if word is not None], schema, name), nullable=nullable
                )
            kinds = kinds or "integer"
        match kinds:
            case "object":
                curated = self._object(schema, name)
            case "array":
                items = self.curated(schema.get("items", {}), f"{name}Item")
                curated = {"type": "array", "items": items}
            case "string":
                curated = self._string(schema)
            case "integer":
                low, high = schema.get("minimum"), schema.get("maximum")
                curated = {
                    "type": "integer",
                    "minimum": low if isinstance(low, int) else -_INT64,
                    "maximum": high if isinstance(high, int) else _INT64,
                }
            case "number" | "boolean":
                curated = {"type": kinds}
            case _:
                return _described({}, schema)
        return _or_null(_described(curated, schema), nullable=nullable)

    def _object(self, schema: Schema, name: str) -> Schema:
        fields = schema.get("properties") or {}
        curated: Schema = {"description": _text(schema.get("description")) or f"{name}.", "type": "object"}
        component = self._to_be.pop(id(schema), (schema, self._unique(name)))[1]
        self.components[component] = curated
        required = [each for each in dict.fromkeys(schema.get("required") or []) if each in fields]
        if required:
            curated["required"] = required
        curated["properties"] = {
            each: self.curated(inner, f"{component}{ClassName(each, 'Field')}") for each, inner in fields.items()
        }
        return {"$ref": f"#/components/schemas/{component}"}

    def _string(self, schema: Schema) -> Schema:
        stated = str(schema.get("format", "")).lower()
        if stated in _DECIMAL_FORMATS:
            return {"type": "string", "format": "decimal", "pattern": DECIMAL}
        curated: Schema = {"type": "string"}
        if stated in _KEPT_FORMATS:
            curated["format"] = stated
        if stated in ("date", "date-time"):
            curated["pattern"] = _YEAR
        return curated

    def _enum(self, words: list[str], schema: Schema, name: str) -> Schema:
        words = list(dict.fromkeys(words))
        return self._component(
            name,
            {
                "description": f"{_text(schema.get('description')) or name}. Any other word may come.".replace(
                    "..", "."
                ),
                "anyOf": [{"type": "string", "enum": words}, {"type": "string"}],
            },
        )

    def _component(self, name: str, schema: Schema) -> Schema:
        unique = self._unique(name)
        self.components[unique] = schema
        return {"$ref": f"#/components/schemas/{unique}"}

    def _unique(self, name: str) -> str:
        plain = str(ClassName(name, "Schema"))
        plain = f"{plain}Data" if plain in _RESERVED else plain
        found, number = plain, 2
        while found in self.components:
            found, number = f"{plain}{number}", number + 1
        return found


def json_content(response: Any) -> Schema | None:
    """Return the JSON content of a response, whatever its media type is called; None where it has none."""
    content = response.get("content") if isinstance(response, dict) else None
    for kind, described in (content or {}).items():
        plain = kind.partition(";")[0].strip().lower()
        if plain == "application/json" or plain.endswith("+json") or plain == "*/*":
            return described if isinstance(described, dict) else None
    return None


def not_null(schema: Schema) -> Schema:
    """Return what `anyOf` of a schema and null is but for the null; any other schema as it is."""
    match schema:
        case {"anyOf": [inner, {"type": "null"}]}:
            found: Schema = inner
            return found
    return schema


def _success(responses: Schema) -> Any:
    by_status = {str(status): each for status, each in responses.items()}
    return next((by_status[status] for status in ("200", "2XX", "2xx", "default") if status in by_status), None)


def _operation_id(node: Schema, path: str) -> str:
    stated = str(node.get("operationId") or "")
    plain = re.sub(r"[^0-9A-Za-z_]+", "_", stated).strip("_")
    if plain and not plain[0].isdigit():
        return plain
    return "get" + "".join(part[:1].upper() + part[1:] for part in re.findall(r"[0-9A-Za-z]+", path))


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (schema.get("type") == "null" or schema.get("enum") == [None])


def _or_null(schema: Schema, *, nullable: bool) -> Schema:
    if not nullable or not schema or not_null(schema) is not schema:
        return schema
    inner = {key: value for key, value in schema.items() if key not in ("description", "examples", "deprecated")}
    outer = {key: value for key, value in schema.items() if key in ("description", "deprecated")}
    if "examples" in schema:
        inner["examples"] = schema["examples"]
    return {**outer, "anyOf": [inner, {"type": "null"}]}


def _described(curated: Schema, schema: Schema) -> Schema:
    """Return a curated schema with the words and the example of the published one."""
    found: Schema = {}
    if text := _text(schema.get("description")):
        found["description"] = text if text.endswith((".", "!", "?")) else f"{text}."
    found |= {key: value for key, value in curated.items() if key not in found}
    if schema.get("deprecated") is True and "$ref" not in found:
        found["deprecated"] = True
    shown = schema.get("example", next(iter(schema.get("examples") or []), schema.get("default")))
    if isinstance(shown, (str, int, float)) and not found.keys() & {"examples", "$ref"}:
        found["examples"] = [shown]
    return found


def _text(words: Any) -> str:
    return " ".join(str(words).split()) if words else ""
