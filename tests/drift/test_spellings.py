"""Spellings with the same meaning are not changes."""

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio.drift import compare
from onefolio.providers.registry import known

from .documents import document, found

TEXT = {"type": "string"}
THING = {"type": "object", "properties": {"a": TEXT, "b": TEXT}, "required": ["a", "b"]}
REFERRED = {"schemas": {"Thing": THING}}
REF = {"$ref": "#/components/schemas/Thing"}
SUBTYPES: dict[str, Any] = {
    "schemas": {
        "Pet": {"type": "object", "properties": {"kind": TEXT}, "oneOf": [
            {"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]},
        "Cat": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"claws": TEXT}}]},
        "Dog": {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"type": "object", "properties": {"bark": TEXT}}]},
    }
}  # fmt: skip
CHOICE: dict[str, Any] = {
    "oneOf": [{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}],
    "discriminator": {
        "propertyName": "kind",
        "mapping": {"a": "#/components/schemas/A", "b": "#/components/schemas/B"},
    },
}
TREE: dict[str, Any] = {
    "schemas": {
        "Tree": {
            "type": "object",
            "properties": {"leaf": TEXT, "trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}},
        }
    }
}

PAIRS: dict[str, tuple[Any, Any]] = {
    "nullable or a list of types": (
        document({**TEXT, "nullable": True}, version="3.0.3"), document({"type": ["string", "null"]})),
    "nullable or a union with null": (
        document({**TEXT, "nullable": True}, version="3.0.3"), document({"anyOf": [{"type": "null"}, TEXT]})),
    "a nullable reference": (
        document({"allOf": [REF], "nullable": True}, version="3.0.3", components=REFERRED),
        document({"oneOf": [REF, {"type": "null"}]}, components=REFERRED)),
    "null among the values": (
        document({**TEXT, "nullable": True, "enum": ["a", None]}, version="3.0.3"),
        document({"type": ["string", "null"], "enum": [None, "a"]})),
    "nullable without null among the values": (
        document({**TEXT, "nullable": True, "enum": ["a"]}, version="3.0.3"),
        document({"anyOf": [{"enum": ["a"]}, {"const": None}]})),
    "inlined or referenced": (document(REF, components=REFERRED), document(THING)),
    "under another name": (
        document(REF, components=REFERRED),
        document({"$ref": "#/components/schemas/It"}, components={"schemas": {"It": THING}})),
    "a reference to a reference": (
        document(REF, components=REFERRED),
        document({"$ref": "#/components/schemas/It"}, components={"schemas": {**REFERRED["schemas"], "It": REF}})),
    "a percent-encoded reference": (
        document(REF, components=REFERRED),
        document({"$ref": "#/components/schemas/T%68ing"}, components=REFERRED)),
    "allOf of one": (document({"allOf": [REF]}, components=REFERRED), document(THING)),
    "allOf of parts": (
        document({"allOf": [
            {"type": "object", "properties": {"a": TEXT}, "required": ["a"]},
            {"properties": {"b": TEXT}, "required": ["b"]}]}), document(THING)),
    "a union of one": (document({"anyOf": [THING]}), document(THING)),
    "a union of unions": (
        document({"oneOf": [{"oneOf": [THING, TEXT]}, {"type": "array"}]}),
        document({"oneOf": [{"type": "array"}, TEXT, THING]})),
    "a union of types": (document({"anyOf": [TEXT, {"type": "integer"}]}), document({"type": ["integer", "string"]})),
    "branches of different types": (
        document({"anyOf": [{**TEXT, "format": "uuid"}, {"type": "integer"}]}),
        document({"type": ["string", "integer"], "format": "uuid"})),
    "an integer is a number": (document({"type": ["integer", "number"]}), document({"type": "number"})),
    "an enum of one value": (document({**TEXT, "enum": ["a"]}), document({"const": "a"})),
    "a union of single values": (
        document({"oneOf": [{"const": "a", "title": "A"}, {"const": "b"}]}), document({**TEXT, "enum": ["b", "a"]})),
    "both truth values": (document({"type": "boolean", "enum": [True, False]}), document({"type": "boolean"})),
    "an extensible enum": (
        document({**TEXT, "x-extensible-enum": ["a"]}), document({"anyOf": [{"enum": ["a"]}, TEXT]})),
    "an exclusive limit": (
        document({"type": "number", "minimum": 0, "exclusiveMinimum": True}, version="3.0.3"),
        document({"type": "number", "exclusiveMinimum": 0})),
    "an exclusive limit of whole numbers": (
        document({"type": "integer", "exclusiveMaximum": 10}), document({"type": "integer", "maximum": 9.0})),
    "limits without effect": (
        document({"type": "array", "minItems": 0, "uniqueItems": False}), document({"type": "array", "maxLength": 5})),
    "additional properties allowed explicitly": (
        document({**THING, "additionalProperties": True}), document({**THING, "additionalProperties": {}})),
    "base64": (
        document({**TEXT, "format": "byte"}, version="3.0.3"), document({**TEXT, "contentEncoding": "base64"})),
    "an example": (document({**TEXT, "example": "a"}), document({**TEXT, "examples": ["a"]})),
    "another notation of numbers": (
        document({"type": "number", "maximum": 100}), document({"type": "number", "maximum": 1e2})),
    "the name of a path parameter": (
        {**document(), "paths": {"/a/{id}": {"get": {"responses": {}, "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": TEXT}]}}}},
        {**document(), "paths": {"/a/{key}": {"parameters": [
            {"name": "key", "in": "path", "required": True, "schema": TEXT}], "get": {"responses": {}}}}}),
    "a path prefix in the server URL": (
        {**document(), "servers": [{"url": "https://a.test/v1/"}]},
        {**document(), "servers": [{"url": "https://a.test"}], "paths": {
            "/v1/things": document()["paths"]["/things"]}}),
    "the case of a status class": (
        document(responses={"5xx": {"description": ""}}), document(responses={"5XX": {"description": ""}})),
    "a content type's parameters": (
        document(responses={"200": {"content": {"application/json": {}}}}),
        document(responses={"200": {"content": {"Application/JSON; charset=utf-8": {}}}})),
    "the name of a security scheme": (
        document(security=[{"a": []}], components={"securitySchemes": {"a": {"type": "http", "scheme": "bearer"}}}),
        document(components={"securitySchemes": {"b": {"type": "http", "scheme": "Bearer"}}}, top={
            "security": [{"b": []}]})),
    "a recursive type": (
        document({"$ref": "#/components/schemas/Tree"}, components=TREE),
        document({"type": "object", "properties": {
            "leaf": TEXT, "trees": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
            components=TREE)),
    "subtypes that extend their union": (
        document({"$ref": "#/components/schemas/Pet"}, components=SUBTYPES),
        document({"allOf": [{"$ref": "#/components/schemas/Pet"}]}, components=SUBTYPES)),
    "inlined branches with the same discriminator values": (
        document(CHOICE, components={"schemas": {"A": THING, "B": {"type": "object", "properties": {"c": TEXT}}}}),
        document({**CHOICE, "oneOf": [THING, {"type": "object", "properties": {"c": TEXT}}]}, components={
            "schemas": {"A": THING, "B": {"type": "object", "properties": {"c": TEXT}}}})),
    "unused components": (document(THING), document(THING, components=SUBTYPES)),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_spelling_is_not_a_change_in_either_direction(name: str) -> None:
    one, other = PAIRS[name]
    assert not found(one, other)
    assert not found(other, one)


def test_a_subtype_is_compared_without_its_siblings() -> None:
    other = copy.deepcopy(SUBTYPES)
    del other["schemas"]["Cat"]["allOf"][1]["properties"]["claws"]
    cat = {"$ref": "#/components/schemas/Cat"}
    (change,) = compare(document(cat, components=SUBTYPES), document(cat, components=other)).changes
    assert (change.rule, change.place) == ("property-removed", "response 200 /claws")
    another = copy.deepcopy(SUBTYPES)
    another["schemas"]["Bird"] = {"allOf": [{"$ref": "#/components/schemas/Pet"}]}
    another["schemas"]["Pet"]["oneOf"].append({"$ref": "#/components/schemas/Bird"})
    assert not found(document(cat, components=SUBTYPES), document(cat, components=another))
    pet = {"$ref": "#/components/schemas/Pet"}
    assert found(document(pet, components=SUBTYPES), document(pet, components=another)) == {
        ("union-branch-added", "risky")
    }


@pytest.mark.parametrize("provider", known())
@given(seed=st.integers(0, 2**32))
def test_a_randomly_rewritten_curated_spec_has_no_changes(provider: str, seed: int) -> None:
    spec = known()[provider].contract.spec
    rewritten = rewrite(spec, random.Random(seed))
    assert rewritten != spec
    assert not compare(spec, rewritten).changes
    assert not compare(rewritten, spec).changes


def rewrite(spec: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return an equivalent spec in which some schemas have another spelling."""
    spec = copy.deepcopy(spec)
    extra: dict[str, Any] = {}
    for holder, key in list(_schema_places(spec)):
        if chance.random() < 0.3:
            holder[key] = chance.choice(_REWRITINGS)(holder[key], spec, extra, chance)
    spec["components"]["schemas"].update(extra)
    shuffled: dict[str, Any] = _shuffled(spec, chance)
    return shuffled


def _schema_places(node: Any, *, inside: bool = False) -> Iterator[tuple[Any, Any]]:
    """Yield the container and the key of each schema, the innermost first."""
    if isinstance(node, list):
        for item in node:
            yield from _schema_places(item)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key in ("example", "examples", "enum", "x-mock", "links"):
            continue
        if key in ("schemas", "properties"):
            for name in value:
                yield from _schema_places(value[name])
                yield value, name
            continue
        yield from _schema_places(value)
        if key in ("schema", "items") or (key == "additionalProperties" and isinstance(value, dict)):
            yield node, key


def _inlined(schema: Any, spec: Any, extra: Any, chance: random.Random) -> Any:
    name = schema.get("$ref", "").rpartition("/")[2]
    return copy.deepcopy(spec["components"]["schemas"][name]) | {k: v for k, v in schema.items() if k != "$ref"} if (
        name) else schema  # fmt: skip


def _moved_out(schema: Any, spec: Any, extra: Any, chance: random.Random) -> Any:
    name = f"Moved{len(extra)}"
    extra[name] = schema
    return {"$ref": f"#/components/schemas/{name}"}


def _null_apart(schema: Any, spec: Any, extra: Any, chance: random.Random) -> Any:
    types = schema.get("type")
    if not isinstance(types, list) or "null" not in types or "enum" in schema:
        return schema
    rest = [each for each in types if each != "null"]
    plain = {**schema, "type": rest[0] if len(rest) == 1 else rest}
    return chance.choice([{"anyOf": [plain, {"type": "null"}]}, {"oneOf": [{"const": None}, plain]}, {
        **plain, "nullable": True}])  # fmt: skip


def _parted(schema: Any, spec: Any, extra: Any, chance: random.Random) -> Any:
    if "properties" not in schema or "additionalProperties" in schema:
        return schema
    names = list(schema["properties"])
    mine = set(chance.sample(names, len(names) // 2))
    parts = [
        {
            "type": schema["type"],
            "properties": {name: schema["properties"][name] for name in names if (name in mine) is part},
            "required": [name for name in schema.get("required", []) if (name in mine) is part],
        }
        for part in (True, False)
    ]
    return {"allOf": parts, **{k: v for k, v in schema.items() if k not in ("type", "properties", "required")}}


_REWRITINGS: list[Callable[[Any, Any, Any, random.Random], Any]] = [
    _inlined,
    _moved_out,
    _null_apart,
    _parted,
    lambda schema, *_: {"allOf": [schema]},
    lambda schema, *_: {"anyOf": [schema]},
    lambda schema, *_: {"allOf": [schema, {}]},
    lambda schema, *_: {**schema, "nullable": False} if schema.get("type") == "string" else schema,
]


def _shuffled(node: Any, chance: random.Random, key: str = "") -> Any:
    if isinstance(node, dict):
        names = list(node)
        chance.shuffle(names)
        return {name: _shuffled(node[name], chance, name) for name in names}
    if isinstance(node, list):
        items = [_shuffled(item, chance) for item in node]
        if key in ("required", "enum", "anyOf", "oneOf", "parameters", "type"):
            chance.shuffle(items)
        return items
    return node
