"""Each rule is found with its levels in responses and in requests."""

import json
from pathlib import Path
from typing import Any

import pytest

from onefolio.drift import RULES, Level

from .documents import changes, document, found

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WORDS = {"type": "string", "enum": ["A", "B"]}


def fields(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **({"required": required.split()} if required else {})}


CAT = {**fields("kind", kind={"const": "cat"}, claws=NUMBER)}
DOG = {**fields("kind", kind={"const": "dog"}, bark=TEXT)}
TAGGED = {"Cat": fields("kind", kind=TEXT, claws=NUMBER), "Dog": fields("kind", kind=TEXT, bark=TEXT)}


def tagged(mapping: dict[str, str], name: str = "kind") -> dict[str, Any]:
    return {
        "oneOf": [{"$ref": f"#/components/schemas/{each}"} for each in dict.fromkeys(mapping.values())],
        "discriminator": {
            "propertyName": name,
            "mapping": {word: f"#/components/schemas/{each}" for word, each in mapping.items()},
        },
    }


CAT_OR_DOG = tagged({"cat": "Cat", "dog": "Dog"})
WITH_WOLF = tagged({"cat": "Cat", "dog": "Dog", "wolf": "Dog"})

SCHEMAS: list[tuple[str, Any, Any]] = [
    ("property-removed", fields(a=TEXT, b=TEXT), fields(a=TEXT)),
    ("property-added", fields(a=TEXT), fields(a=TEXT, b=TEXT)),
    ("property-added-to-closed-object", {**fields(a=TEXT), "additionalProperties": False}, {
        **fields(a=TEXT, b=TEXT), "additionalProperties": False}),
    ("property-became-optional", fields("a b", a=TEXT, b=TEXT), fields("b", a=TEXT, b=TEXT)),
    ("property-became-required", fields("b", a=TEXT, b=TEXT), fields("a b", a=TEXT, b=TEXT)),
    ("property-became-write-only", fields(a=TEXT), fields(a={**TEXT, "writeOnly": True})),
    ("property-became-not-write-only", fields(a={**TEXT, "writeOnly": True}), fields(a=TEXT)),
    ("additional-properties-removed", {"type": "object", "additionalProperties": TEXT}, {
        "type": "object", "additionalProperties": False}),
    ("additional-properties-allowed", {**fields(a=TEXT), "additionalProperties": False}, fields(a=TEXT)),
    ("additional-properties-disallowed", fields(a=TEXT), {**fields(a=TEXT), "additionalProperties": False}),
    ("additional-properties-restricted", {"type": "object"}, {"type": "object", "additionalProperties": TEXT}),
    ("type-changed", TEXT, NUMBER),
    ("type-generalized", TEXT, {"type": ["string", "number"]}),
    ("type-generalized", {"type": "integer"}, NUMBER),
    ("type-generalized", TEXT, {"anyOf": [{**TEXT, "format": "uuid"}, fields(a=TEXT)]}),
    ("type-removed", TEXT, {}),
    ("type-removed", {"type": "array", "items": TEXT}, {"type": "array"}),
    ("type-became-implicit", fields(a=TEXT), {"properties": {"a": TEXT}}),
    ("type-specialized", NUMBER, {"type": "integer"}),
    ("type-specialized", {}, TEXT),
    ("became-nullable", TEXT, {"type": ["string", "null"]}),
    ("became-not-nullable", {"type": ["string", "null"]}, TEXT),
    ("union-branch-added", {"oneOf": [CAT, {"type": "array"}]}, {"oneOf": [CAT, {"type": "array"}, DOG]}),
    ("union-incompatible-branch-added", CAT, {"oneOf": [CAT, DOG]}),
    ("union-branch-removed", {"oneOf": [CAT, DOG]}, {"oneOf": [CAT]}),
    ("union-overlap-changed", {"oneOf": [fields(a=TEXT), fields(b=TEXT)]}, {"anyOf": [fields(a=TEXT), fields(b=TEXT)]}),
    ("discriminator-property-name-changed", CAT_OR_DOG, tagged({"cat": "Cat", "dog": "Dog"}, "type")),
    ("discriminator-mapping-added", CAT_OR_DOG, WITH_WOLF),
    ("discriminator-mapping-removed", WITH_WOLF, CAT_OR_DOG),
    ("discriminator-mapping-changed", CAT_OR_DOG, tagged({"dog": "Cat", "cat": "Dog"})),
    ("enum-value-added", WORDS, {"type": "string", "enum": ["A", "B", "C"]}),
    ("enum-value-added", {"anyOf": [WORDS, TEXT]}, {"anyOf": [{"enum": ["A", "B", "C"]}, TEXT]}),
    ("enum-value-removed", WORDS, {"const": "A"}),
    ("enum-opened", WORDS, {"anyOf": [WORDS, TEXT]}),
    ("enum-opened", WORDS, TEXT),
    ("enum-closed", TEXT, WORDS),
    ("enum-extensible-removed", {"anyOf": [WORDS, TEXT]}, TEXT),
    ("enum-extensible-added", TEXT, {"anyOf": [WORDS, TEXT]}),
    ("format-changed", {**TEXT, "format": "date-time"}, {**TEXT, "format": "date"}),
    ("format-generalized", {"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}),
    ("format-specialized", {"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
    ("format-removed", {**TEXT, "format": "uuid"}, TEXT),
    ("format-added", TEXT, {**TEXT, "format": "uuid"}),
    ("format-custom-changed", {**TEXT, "format": "decimal"}, {**TEXT, "format": "amount"}),
    ("pattern-changed", {**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}),
    ("pattern-removed", {**TEXT, "pattern": "^a$"}, TEXT),
    ("pattern-added", TEXT, {**TEXT, "pattern": "^a$"}),
    ("constraint-relaxed", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 6}),
    ("constraint-relaxed", {**NUMBER, "exclusiveMinimum": 0}, {**NUMBER, "minimum": 0}),
    ("constraint-relaxed", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 1}),
    ("constraint-relaxed", {"type": "array", "uniqueItems": True}, {"type": "array"}),
    ("constraint-relaxed", {"type": "array", "minItems": 1}, {"type": "array"}),
    ("constraint-tightened", {**NUMBER, "maximum": 5}, {**NUMBER, "maximum": -5}),
    ("constraint-tightened", {**NUMBER, "multipleOf": 1}, {**NUMBER, "multipleOf": 2}),
    ("constraint-tightened", {"type": "array"}, {"type": "array", "uniqueItems": True}),
    ("keyword-changed", {**TEXT, "not": {"const": "a"}}, {**TEXT, "not": {"const": "b"}}),
    ("keyword-changed", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 3}),
    ("discriminator-removed", CAT_OR_DOG, {"oneOf": tagged({"a": "Cat", "b": "Dog"})["oneOf"]}),
    ("deprecated", TEXT, {**TEXT, "deprecated": True}),
    ("reactivated", {**TEXT, "deprecated": True}, TEXT),
    ("documentation-changed", {**TEXT, "description": "one"}, {**TEXT, "description": "two"}),
    ("documentation-changed", {**TEXT, "examples": ["one"]}, {**TEXT, "examples": ["two"]}),
    ("default-value-changed", {**TEXT, "default": "one"}, {**TEXT, "default": "two"}),
]  # fmt: skip

REQUESTS_ONLY: list[tuple[str, Any, Any]] = [
    ("required-property-added", fields(a=TEXT), fields("b", a=TEXT, b=TEXT)),
    ("property-became-read-only", fields(a=TEXT), fields(a={**TEXT, "readOnly": True})),
    ("property-became-not-read-only", fields(a={**TEXT, "readOnly": True}), fields(a=TEXT)),
    ("property-became-required", fields("a", a={**TEXT, "readOnly": True}), fields("a", a=TEXT)),
]


@pytest.mark.parametrize(("rule", "old", "new"), SCHEMAS)
def test_a_change_in_a_response_has_its_level(rule: str, old: Any, new: Any) -> None:
    components = {"schemas": TAGGED}
    seen = found(document(fields(x=old), components=components), document(fields(x=new), components=components))
    assert (rule, str(RULES[rule].response)) in seen


@pytest.mark.parametrize(("rule", "old", "new"), [*SCHEMAS, *REQUESTS_ONLY])
def test_a_change_in_a_request_has_its_level(rule: str, old: Any, new: Any) -> None:
    responses_only = "property-became-write-only", "property-became-not-write-only", "property-added-to-closed-object"
    if rule in responses_only:
        return
    if rule == "union-overlap-changed":
        old, new = new, old
    components = {"schemas": TAGGED}
    seen = found(
        document(body=fields(x=old), components=components), document(body=fields(x=new), components=components)
    )
    assert (rule, str(RULES[rule].request)) in seen


def parameter(name: str = "limit", where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "integer"}, **more}


def responses(**by_status: Any) -> dict[str, Any]:
    return document(responses={status.removeprefix("_"): {"description": "", **of} for status, of in by_status.items()})


def secured(*schemes: dict[str, Any]) -> dict[str, Any]:
    named = {f"key{index}": scheme for index, scheme in enumerate(schemes)}
    return document(components={"securitySchemes": named}, security=[{name: []} for name in named])


JSON = {"content": {"application/json": {"schema": TEXT}}}
BEARER = {"type": "http", "scheme": "bearer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
BODY = {"content": {"application/json": {"schema": TEXT}}}

OPERATIONS: list[tuple[str, Any, Any]] = [
    ("operation-removed", document(), {**document(), "paths": {"/others": document()["paths"]["/things"]}}),
    ("server-removed", document(servers=[{"url": "https://a.test"}]), document(servers=[{"url": "https://b.test"}])),
    ("security-changed", secured(KEY), secured(BEARER)),
    ("security-changed", document(), secured(BEARER)),
    ("security-changed", secured(KEY), secured({**KEY, "name": "X-Other"})),
    ("security-added", secured(KEY), secured(KEY, BEARER)),
    ("callbacks-changed", document(), document(callbacks={"done": {"{$url}": {"post": {"responses": {}}}}})),
    ("parameter-removed", document(parameters=[parameter()]), document()),
    ("optional-parameter-added", document(), document(parameters=[parameter()])),
    ("required-parameter-added", document(), document(parameters=[parameter(required=True)])),
    ("parameter-became-required", document(parameters=[parameter()]), document(parameters=[parameter(required=True)])),
    ("parameter-became-optional", document(parameters=[parameter(required=True)]), document(parameters=[parameter()])),
    ("parameter-style-changed", document(parameters=[parameter()]), document(parameters=[parameter(explode=False)])),
    ("type-changed", document(parameters=[parameter()]), document(parameters=[parameter(schema={"type": "boolean"})])),
    ("type-generalized", document(parameters=[parameter()]), document(parameters=[parameter(schema=TEXT)])),
    ("default-value-changed", document(parameters=[parameter(schema={**NUMBER, "default": 1})]),
     document(parameters=[parameter(schema={**NUMBER, "default": 2})])),
    ("required-request-body-added", document(), document(requestBody={**BODY, "required": True})),
    ("request-body-became-required", document(requestBody=BODY), document(requestBody={**BODY, "required": True})),
    ("request-body-became-optional", document(requestBody={**BODY, "required": True}), document(requestBody=BODY)),
    ("request-body-removed", document(requestBody=BODY), document()),
    ("optional-request-body-added", document(), document(requestBody=BODY)),
    ("success-status-removed", responses(_200=JSON, _206=JSON), responses(_200=JSON)),
    ("success-status-removed", responses(_200=JSON, _206=JSON, default=JSON), responses(_200=JSON, default=JSON)),
    ("success-status-added", responses(_200=JSON), responses(_200=JSON, _206=JSON)),
    ("success-status-added", responses(_200=JSON, default=JSON), responses(_200=JSON, _204={}, default=JSON)),
    ("non-success-status-removed", responses(_200=JSON, _404=JSON), responses(_200=JSON)),
    ("non-success-status-added", responses(_200=JSON), responses(_200=JSON, _404=JSON)),
    ("type-changed", responses(_200=JSON, _404=JSON), responses(_200=JSON, _4XX={
        "content": {"application/json": {"schema": NUMBER}}})),
    ("type-changed", responses(_200=JSON, default=JSON), responses(_200=JSON, default=JSON, _404={
        "content": {"application/json": {"schema": NUMBER}}})),
    ("media-type-removed", responses(_200=JSON), responses(_200={"content": {"text/html": {"schema": TEXT}}})),
    ("media-type-removed", responses(_200=JSON), responses(_200={})),
    ("media-type-added", responses(_200=JSON), responses(_200={"content": {**JSON["content"], "text/csv": {}}})),
    ("header-removed", responses(_200={"headers": {"X-Left": {"schema": TEXT}}}), responses(_200={})),
    ("header-added", responses(_200={}), responses(_200={"headers": {"X-Left": {"schema": TEXT}}})),
    ("header-became-optional", responses(_200={"headers": {"X-Left": {"required": True}}}), responses(_200={
        "headers": {"x-left": {}}})),
    ("header-became-required", responses(_200={"headers": {"X-Left": {}}}), responses(_200={
        "headers": {"X-Left": {"required": True}}})),
    ("type-specialized", responses(_200={"headers": {"X-Left": {"schema": TEXT}}}), responses(_200={
        "headers": {"X-Left": {"schema": NUMBER}}})),
    ("type-changed", responses(_200={"headers": {"X-Left": {"schema": {**TEXT, "format": "date"}}}}), responses(_200={
        "headers": {"X-Left": {"schema": NUMBER}}})),
    ("type-removed", responses(_200=JSON), responses(_200={"content": {"application/json": {}}})),
    ("deprecated", document(), document(deprecated=True)),
    ("documentation-changed", document(), document(summary="Things")),
    ("documentation-changed", responses(_200=JSON), responses(_200={**JSON, "description": "more"})),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "old", "new"), OPERATIONS)
def test_a_change_of_an_operation_is_found(rule: str, old: Any, new: Any) -> None:
    assert rule in {name for name, _ in found(old, new)}


def test_operations_are_matched_without_servers_and_names_of_path_parameters() -> None:
    things = document()["paths"]["/things"]
    old = {**document(), "servers": [{"url": "https://a.test/v1"}], "paths": {"/things/{id}": things}}
    new = {**document(), "servers": [{"url": "https://a.test/v2"}], "paths": {"/things/{key}": things}}
    assert {rule for rule, _ in found(old, new)} == {"server-removed"}


def test_each_rule_has_a_case() -> None:
    assert {rule for rule, _, _ in (*SCHEMAS, *REQUESTS_ONLY, *OPERATIONS)} == set(RULES)


def test_the_documentation_lists_all_rules_with_their_levels() -> None:
    page = (Path(__file__).parents[2] / "docs" / "drift.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    listed = {name.strip("`"): (response, request, title) for name, response, request, title in rows}
    assert listed == {name: (str(rule.response), str(rule.request), rule.title) for name, rule in RULES.items()}


def test_risky_and_breaking_rules_have_advice() -> None:
    for name, rule in RULES.items():
        assert rule.advice or max(rule.response, rule.request) < Level.RISKY, name


def test_a_change_has_its_places_and_all_its_operations() -> None:
    old = document({"$ref": "#/components/schemas/Thing"}, components={"schemas": {"Thing": fields(a=TEXT)}})
    old["paths"]["/more"] = old["paths"]["/things"]
    new = document(fields(a=NUMBER), components={"schemas": {}})
    new["paths"]["/more"] = new["paths"]["/things"]
    (change,) = changes(old, new)
    assert change.operations == ("GET /things", "GET /more")
    assert change.place == "response 200 /a"
    assert change.old == "#/components/schemas/Thing/properties/a"
    assert change.new == "#/paths/~1things/get/responses/200/content/application~1json/schema/properties/a"
    assert change.detail == "string → number"


def test_a_schema_of_both_directions_has_a_change_for_each() -> None:
    def both(thing: dict[str, Any]) -> dict[str, Any]:
        reference = {"$ref": "#/components/schemas/Thing"}
        return document(reference, body=reference, components={"schemas": {"Thing": thing}})

    seen = found(both(fields("a", a=TEXT)), both(fields(a=TEXT)))
    assert seen == {("property-became-optional", "risky"), ("property-became-optional", "additive")}


def test_a_removed_property_has_a_hint_at_a_possible_rename() -> None:
    (removed, _) = changes(document(fields(cash=TEXT)), document(fields(cash_total=TEXT)))
    assert "possibly renamed to 'cash_total'" in removed.detail


def test_write_only_and_read_only_properties_count_in_one_direction() -> None:
    assert not found(document(fields(pin={**TEXT, "writeOnly": True})), document(fields()))
    assert not found(document(body=fields(id={**TEXT, "readOnly": True})), document(body=fields()))


def test_operations_of_the_new_document_only_are_listed_and_not_compared() -> None:
    from onefolio.drift import compare

    new = document()
    new["paths"]["/more"] = new["paths"]["/things"]
    assert compare(document(), new).new_operations == ("GET /more",)
    assert not compare(document(), new).changes


@pytest.mark.parametrize("number", ["1e999999999", "-1e999999999", "1e-999999999", "9" * 4000, "0.0"])
def test_a_number_of_any_size_is_compared_exactly(number: str, tmp_path: Path) -> None:
    def write(name: str, text: str) -> Path:
        file = tmp_path / name
        schema = {"enum": ["@"], "example": "@", "maximum": "@", "exclusiveMinimum": "@", "type": "integer"}
        file.write_text(json.dumps(document(schema)).replace('"@"', text))
        return file

    assert changes(write("a.json", number), write("b.json", number)) == []
    assert changes(write("c.json", "1" * 40), write("d.json", "1" * 39 + "2"))
