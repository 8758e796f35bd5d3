"""A keyword that only narrows a value is harmless in responses, and one that only widens it is harmless in requests."""

from typing import Any

import jsonschema_rs
import pytest

from onefolio.drift import Level, compare

from .documents import Json, document
from .test_soundness import VALUES

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
LIST = {"type": "array"}
OBJECT = {"type": "object"}
CLOSED = {"unevaluatedProperties": False}


def fields(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


AB = fields(a=NUMBER, b=TEXT)
ADULT = {"if": {"properties": {"a": {"const": "x"}}}, "then": {"required": ["b"]}}

# The name of a keyword and a case, a schema, and keywords that narrow it.
NARROWER: list[tuple[str, Json, Json]] = [
    ("minimum", NUMBER, {"minimum": 1}),
    ("maximum", {**NUMBER, "maximum": 5}, {"maximum": 4}),
    ("exclusiveMinimum", {**NUMBER, "minimum": 1}, {"exclusiveMinimum": 1}),
    ("exclusiveMaximum", NUMBER, {"exclusiveMaximum": 1}),
    ("multipleOf", {**NUMBER, "multipleOf": 2}, {"multipleOf": 4}),
    ("multipleOf of a part", {**NUMBER, "multipleOf": 2}, {"allOf": [{"multipleOf": 3}]}),
    ("minLength", TEXT, {"minLength": 1}),
    ("maxLength", {**TEXT, "maxLength": 5}, {"maxLength": 4}),
    ("pattern", TEXT, {"pattern": "^a"}),
    ("enum", TEXT, {"enum": ["a", "b"]}),
    ("const", TEXT, {"const": "a"}),
    ("const beside enum", TEXT, {"enum": ["a", "b"], "const": "a"}),
    ("type", {"type": ["string", "number"]}, {"type": "string"}),
    ("integer", NUMBER, {"type": "integer"}),
    ("no type", {}, {"minLength": 1}),
    ("null", {"type": ["string", "null"]}, {"type": "string"}),
    ("minItems", LIST, {"minItems": 1}),
    ("maxItems", {**LIST, "maxItems": 3}, {"maxItems": 2}),
    ("uniqueItems", LIST, {"uniqueItems": True}),
    ("items", {**LIST, "items": NUMBER}, {"items": {"type": "integer"}}),
    ("prefixItems", LIST, {"prefixItems": [NUMBER]}),
    ("prefixItems beside items", {**LIST, "items": NUMBER}, {"prefixItems": [{"type": "integer"}]}),
    ("unevaluatedItems", {**LIST, "prefixItems": [NUMBER]}, {"unevaluatedItems": False}),
    ("contains", LIST, {"contains": NUMBER}),
    ("contains a narrower value", {**LIST, "contains": NUMBER}, {"contains": {"type": "integer"}}),
    ("minContains", {**LIST, "contains": NUMBER}, {"minContains": 2}),
    ("maxContains", {**LIST, "contains": NUMBER, "maxContains": 2}, {"maxContains": 1}),
    ("required", AB, {"required": ["a"]}),
    ("minProperties", AB, {"minProperties": 1}),
    ("maxProperties", OBJECT, {"maxProperties": 1}),
    ("additionalProperties", {**OBJECT, "additionalProperties": NUMBER}, {"additionalProperties": {"type": "integer"}}),
    ("additionalProperties beside unevaluatedProperties", {**AB, **CLOSED, "additionalProperties": NUMBER}, {
        "additionalProperties": {"type": "integer"}}),
    ("unevaluatedProperties", {**AB, "unevaluatedProperties": NUMBER}, {"unevaluatedProperties": {"type": "integer"}}),
    ("patternProperties", OBJECT, {"patternProperties": {"^a": NUMBER}}),
    ("patternProperties of narrower values", {**OBJECT, "patternProperties": {"^a": NUMBER}}, {
        "patternProperties": {"^a": {"type": "integer"}}}),
    ("propertyNames", OBJECT, {"propertyNames": {"minLength": 2}}),
    ("propertyNames of narrower names", {**OBJECT, "propertyNames": {"minLength": 2}}, {
        "propertyNames": {"minLength": 3}}),
    ("dependentRequired", OBJECT, {"dependentRequired": {"a": ["b"]}}),
    ("dependentRequired of more", {**OBJECT, "dependentRequired": {"a": ["b"]}}, {
        "dependentRequired": {"a": ["b", "c"]}}),
    ("dependentSchemas", OBJECT, {"dependentSchemas": {"a": {"required": ["b"]}}}),
    ("if", OBJECT, ADULT),
    ("else", {**OBJECT, **ADULT}, {"else": {"required": ["c"]}}),
    ("not", TEXT, {"not": {"const": "a"}}),
    ("not of more", {**NUMBER, "not": {"minimum": 2}}, {"not": {"minimum": 1}}),
    ("not with a property named like a keyword", {**OBJECT, "not": {
        "required": ["title"], "properties": {"title": {"minLength": 2}}}}, {"not": {
            "required": ["title"], "properties": {"title": {"minLength": 1}}}}),
    ("allOf", AB, {"allOf": [{"required": ["a"]}]}),
    ("anyOf", {"anyOf": [NUMBER, TEXT, LIST]}, {"anyOf": [NUMBER, TEXT]}),
    ("anyOf beside oneOf", {"anyOf": [NUMBER, TEXT, LIST], "oneOf": [NUMBER, TEXT, LIST]}, {"anyOf": [NUMBER, TEXT]}),
    ("oneOf", {"oneOf": [NUMBER, TEXT, LIST]}, {"oneOf": [NUMBER, TEXT]}),
    ("oneOf of one branch beside constraints", {"oneOf": [{"anyOf": [NUMBER, LIST]}]}, {
        "oneOf": [{"anyOf": [NUMBER, LIST], "type": "number"}]}),
]  # fmt: skip


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize(("name", "wide", "more"), NARROWER, ids=[name for name, _, _ in NARROWER])
def test_the_level_follows_the_direction(name: str, wide: Json, more: Json, inside: bool) -> None:
    narrow = {**wide, **more}
    schemas = [fields(x=each) if inside else each for each in (wide, narrow)]
    narrowing, widening = (
        {
            "response": compare(document(old), document(new)).worst(),
            "request": compare(document(body=old), document(body=new)).worst(),
        }
        for old, new in (schemas, schemas[::-1])
    )
    assert narrowing["response"] == widening["request"] == Level.ADDITIVE
    assert (widening["response"] or 0) >= Level.RISKY
    assert (narrowing["request"] or 0) >= Level.RISKY


def test_the_cases_are_narrower() -> None:
    for name, wide, more in NARROWER:
        before, after = (jsonschema_rs.Draft202012Validator(each) for each in (wide, {**wide, **more}))
        assert all(before.is_valid(value) for value in VALUES if after.is_valid(value)), name


SECRET = {**TEXT, "writeOnly": True}
OWN = {**TEXT, "readOnly": True}
UNSEEN: dict[str, tuple[Json, Json]] = {
    "required of a writeOnly field in responses": (
        document({**fields(a=SECRET), "required": ["a"]}), document(fields(a=SECRET))),
    "a writeOnly field that becomes required in responses": (
        document(fields(a=SECRET)), document({**fields(a=SECRET), "required": ["a"]})),
    "required of a readOnly field in requests": (
        document(body=fields(a=OWN)), document(body={**fields(a=OWN), "required": ["a"]})),
    "the type of a writeOnly field in responses": (
        document(fields(a=SECRET)), document(fields(a={**SECRET, "type": "number"}))),
    "a limit of other types": (document({**NUMBER, "minLength": 2}), document(NUMBER)),
    "then without if": (document({**OBJECT, "then": False}), document(OBJECT)),
    "unevaluatedProperties beside additionalProperties": (
        document({**OBJECT, "additionalProperties": TEXT, **CLOSED}), document({
            **OBJECT, "additionalProperties": TEXT})),
}  # fmt: skip


@pytest.mark.parametrize("name", UNSEEN)
def test_a_keyword_without_effect_is_not_a_change(name: str) -> None:
    old, new = UNSEEN[name]
    assert not compare(old, new).changes
    assert not compare(new, old).changes


def parameter(**more: Any) -> Json:
    return document(parameters=[{"name": "limit", "in": "query", **more}])


def header(**schema: Any) -> Json:
    return document(responses={"200": {"headers": {"X-Left": {"schema": schema}}}})


def body(*required: str, **schema: Any) -> Json:
    return document(body={**fields(a={**TEXT, **schema}), "required": list(required)})


LEVELS: list[tuple[str, Json, Json, Level]] = [
    ("the default of an optional parameter", parameter(schema={"default": 1}), parameter(schema={"default": 2}),
     Level.RISKY),
    ("the default of a required parameter", parameter(required=True, schema={"default": 1}), parameter(
        required=True, schema={"default": 2}), Level.EDITORIAL),
    ("the default of an optional field", body(default="x"), body(default="y"), Level.RISKY),
    ("the default of a required field", body("a", default="x"), body("a", default="y"), Level.EDITORIAL),
    ("a header's string becomes an integer", header(type="string"), header(type="integer"), Level.ADDITIVE),
    ("a header's string becomes a string or an integer", header(type="string"), header(type=["string", "integer"]),
     Level.EDITORIAL),
    ("a header's integer becomes a string", header(type="integer"), header(type="string"), Level.BREAKING),
    ("a header's date becomes an integer", header(type="string", format="date"), header(type="integer"),
     Level.BREAKING),
    ("a header's list of strings becomes one of integers", header(type="array", items=TEXT), header(
        type="array", items={"type": "integer"}), Level.ADDITIVE),
    ("a parameter's integer becomes a string", parameter(schema={"type": "integer"}), parameter(schema=TEXT),
     Level.ADDITIVE),
    ("a parameter's string becomes an integer", parameter(schema=TEXT), parameter(schema={"type": "integer"}),
     Level.BREAKING),
    ("a writeOnly field becomes readable", document(fields(a=SECRET)), document(fields(a=TEXT)), Level.RISKY),
    ("a writeOnly field becomes readable and required", document(fields(a=SECRET)), document(
        {**fields(a=TEXT), "required": ["a"]}), Level.RISKY),
    ("a required readOnly field becomes writable", document(body={**fields(a=OWN), "required": ["a"]}), document(
        body={**fields(a=TEXT), "required": ["a"]}), Level.BREAKING),
    ("a part allows the field of another part", document({"allOf": [
        {**fields(a=TEXT), "additionalProperties": False}, fields(b=TEXT)]}), document({
            **fields(a=TEXT, b=TEXT), "additionalProperties": False}), Level.RISKY),
    ("branches that overlap are no longer exclusive", document({"oneOf": [fields(a=TEXT), fields(b=TEXT)]}), document(
        {"anyOf": [fields(a=TEXT), fields(b=TEXT)]}), Level.RISKY),
    ("branches that exclude each other may overlap", document({"oneOf": [TEXT, NUMBER]}), document(
        {"oneOf": [TEXT]}), Level.ADDITIVE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "level"), LEVELS, ids=[name for name, *_ in LEVELS])
def test_a_change_has_the_level_of_its_meaning(name: str, old: Json, new: Json, level: Level) -> None:
    assert compare(old, new).worst() == level
