"""Every kind of change is found and has its level, in what is read and in what is sent."""

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


SCHEMAS: list[tuple[str, Any, Any]] = [
    ("field-removed", fields(a=TEXT, b=TEXT), fields(a=TEXT)),
    ("field-added", fields(a=TEXT), fields(a=TEXT, b=TEXT)),
    ("field-added-to-closed", {**fields(a=TEXT), "additionalProperties": False}, {
        **fields(a=TEXT, b=TEXT), "additionalProperties": False}),
    ("field-optional", fields("a b", a=TEXT, b=TEXT), fields("b", a=TEXT, b=TEXT)),
    ("field-required", fields("b", a=TEXT, b=TEXT), fields("a b", a=TEXT, b=TEXT)),
    ("field-of-requests", fields(a=TEXT), fields(a={**TEXT, "writeOnly": True})),
    ("other-fields-removed", {"type": "object", "additionalProperties": TEXT}, {
        "type": "object", "additionalProperties": False}),
    ("other-fields-allowed", {**fields(a=TEXT), "additionalProperties": False}, fields(a=TEXT)),
    ("other-fields-refused", fields(a=TEXT), {**fields(a=TEXT), "additionalProperties": False}),
    ("other-fields-stated", {"type": "object"}, {"type": "object", "additionalProperties": TEXT}),
    ("type-changed", TEXT, NUMBER),
    ("type-widened", TEXT, {"type": ["string", "number"]}),
    ("type-widened", {"type": "integer"}, NUMBER),
    ("type-widened", TEXT, {"anyOf": [{**TEXT, "format": "uuid"}, fields(a=TEXT)]}),
    ("type-dropped", TEXT, {}),
    ("type-dropped", {"type": "array", "items": TEXT}, {"type": "array"}),
    ("type-unstated", fields(a=TEXT), {"properties": {"a": TEXT}}),
    ("type-narrowed", NUMBER, {"type": "integer"}),
    ("type-narrowed", {}, TEXT),
    ("null-added", TEXT, {"type": ["string", "null"]}),
    ("null-removed", {"type": ["string", "null"]}, TEXT),
    ("alternative-added", {"oneOf": [CAT, {"type": "array"}]}, {"oneOf": [CAT, {"type": "array"}, DOG]}),
    ("alternative-unlike", CAT, {"oneOf": [CAT, DOG]}),
    ("alternative-removed", {"oneOf": [CAT, DOG]}, {"oneOf": [CAT]}),
    ("tag-changed", tagged({"cat": "Cat", "dog": "Dog"}), tagged({"cat": "Cat", "dog": "Dog"}, "type")),
    ("tag-added", tagged({"cat": "Cat", "dog": "Dog"}), tagged({"cat": "Cat", "dog": "Dog", "wolf": "Dog"})),
    ("tag-removed", tagged({"cat": "Cat", "dog": "Dog", "wolf": "Dog"}), tagged({"cat": "Cat", "dog": "Dog"})),
    ("tag-moved", tagged({"cat": "Cat", "dog": "Dog"}), tagged({"dog": "Cat", "cat": "Dog"})),
    ("word-added", WORDS, {"type": "string", "enum": ["A", "B", "C"]}),
    ("word-added", {"anyOf": [WORDS, TEXT]}, {"anyOf": [{"enum": ["A", "B", "C"]}, TEXT]}),
    ("word-removed", WORDS, {"const": "A"}),
    ("words-opened", WORDS, {"anyOf": [WORDS, TEXT]}),
    ("words-opened", WORDS, TEXT),
    ("words-closed", TEXT, WORDS),
    ("words-unlisted", {"anyOf": [WORDS, TEXT]}, TEXT),
    ("words-listed", TEXT, {"anyOf": [WORDS, TEXT]}),
    ("format-changed", {**TEXT, "format": "date-time"}, {**TEXT, "format": "date"}),
    ("format-widened", {"type": "integer", "format": "int32"}, {"type": "integer", "format": "int64"}),
    ("format-narrowed", {"type": "integer", "format": "int64"}, {"type": "integer", "format": "int32"}),
    ("format-dropped", {**TEXT, "format": "uuid"}, TEXT),
    ("format-stated", TEXT, {**TEXT, "format": "uuid"}),
    ("format-other", {**TEXT, "format": "decimal"}, {**TEXT, "format": "amount"}),
    ("pattern-changed", {**TEXT, "pattern": "^a$"}, {**TEXT, "pattern": "^b$"}),
    ("pattern-dropped", {**TEXT, "pattern": "^a$"}, TEXT),
    ("pattern-stated", TEXT, {**TEXT, "pattern": "^a$"}),
    ("limit-widened", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 6}),
    ("limit-widened", {**NUMBER, "exclusiveMinimum": 0}, {**NUMBER, "minimum": 0}),
    ("limit-widened", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 1}),
    ("limit-widened", {"type": "array", "uniqueItems": True}, {"type": "array"}),
    ("limit-widened", {"type": "array", "minItems": 1}, {"type": "array"}),
    ("limit-narrowed", {**NUMBER, "maximum": 5}, {**NUMBER, "maximum": -5}),
    ("limit-narrowed", {**NUMBER, "multipleOf": 1}, {**NUMBER, "multipleOf": 2}),
    ("limit-narrowed", {"type": "array"}, {"type": "array", "uniqueItems": True}),
    ("keyword-changed", {**TEXT, "not": {"const": "a"}}, {**TEXT, "not": {"const": "b"}}),
    ("keyword-changed", {**NUMBER, "multipleOf": 2}, {**NUMBER, "multipleOf": 3}),
    ("tag-dropped", tagged({"cat": "Cat", "dog": "Dog"}), {"oneOf": tagged({"a": "Cat", "b": "Dog"})["oneOf"]}),
    ("deprecated", TEXT, {**TEXT, "deprecated": True}),
    ("undeprecated", {**TEXT, "deprecated": True}, TEXT),
    ("reworded", {**TEXT, "description": "one"}, {**TEXT, "description": "two"}),
    ("reworded", {**TEXT, "examples": ["one"]}, {**TEXT, "examples": ["two"]}),
    ("default-changed", {**TEXT, "default": "one"}, {**TEXT, "default": "two"}),
]  # fmt: skip

ONLY_SENT: list[tuple[str, Any, Any]] = [
    ("field-demanded", fields(a=TEXT), fields("b", a=TEXT, b=TEXT)),
    ("field-of-answers", fields(a=TEXT), fields(a={**TEXT, "readOnly": True})),
]


@pytest.mark.parametrize(("rule", "old", "new"), SCHEMAS)
def test_what_is_read(rule: str, old: Any, new: Any) -> None:
    components = {"schemas": TAGGED}
    seen = found(document(fields(x=old), components=components), document(fields(x=new), components=components))
    assert (rule, str(RULES[rule].response)) in seen


@pytest.mark.parametrize(("rule", "old", "new"), [*SCHEMAS, *ONLY_SENT])
def test_what_is_sent(rule: str, old: Any, new: Any) -> None:
    if rule in ("field-of-requests", "field-added-to-closed"):
        return
    components = {"schemas": TAGGED}
    seen = found(
        document(body=fields(x=old), components=components), document(body=fields(x=new), components=components)
    )
    assert (rule, str(RULES[rule].request)) in seen


def parameter(name: str = "limit", where: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": where, "schema": {"type": "integer"}, **more}


def answers(**by_status: Any) -> dict[str, Any]:
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
    ("parameter-added", document(), document(parameters=[parameter()])),
    ("parameter-demanded", document(), document(parameters=[parameter(required=True)])),
    ("parameter-demanded", document(parameters=[parameter()]), document(parameters=[parameter(required=True)])),
    ("parameter-freed", document(parameters=[parameter(required=True)]), document(parameters=[parameter()])),
    ("parameter-style", document(parameters=[parameter()]), document(parameters=[parameter(explode=False)])),
    ("type-changed", document(parameters=[parameter()]), document(parameters=[parameter(schema=TEXT)])),
    ("default-changed", document(parameters=[parameter(schema={**NUMBER, "default": 1})]),
     document(parameters=[parameter(schema={**NUMBER, "default": 2})])),
    ("body-demanded", document(), document(requestBody={**BODY, "required": True})),
    ("body-demanded", document(requestBody=BODY), document(requestBody={**BODY, "required": True})),
    ("body-freed", document(requestBody={**BODY, "required": True}), document(requestBody=BODY)),
    ("body-removed", document(requestBody=BODY), document()),
    ("body-added", document(), document(requestBody=BODY)),
    ("success-removed", answers(_200=JSON, _206=JSON), answers(_200=JSON)),
    ("success-removed", answers(_200=JSON, _206=JSON, default=JSON), answers(_200=JSON, default=JSON)),
    ("success-added", answers(_200=JSON), answers(_200=JSON, _206=JSON)),
    ("success-added", answers(_200=JSON, default=JSON), answers(_200=JSON, _204={}, default=JSON)),
    ("error-removed", answers(_200=JSON, _404=JSON), answers(_200=JSON)),
    ("error-added", answers(_200=JSON), answers(_200=JSON, _404=JSON)),
    ("type-changed", answers(_200=JSON, _404=JSON), answers(_200=JSON, _4XX={
        "content": {"application/json": {"schema": NUMBER}}})),
    ("type-changed", answers(_200=JSON, default=JSON), answers(_200=JSON, default=JSON, _404={
        "content": {"application/json": {"schema": NUMBER}}})),
    ("content-removed", answers(_200=JSON), answers(_200={"content": {"text/html": {"schema": TEXT}}})),
    ("content-removed", answers(_200=JSON), answers(_200={})),
    ("content-added", answers(_200=JSON), answers(_200={"content": {**JSON["content"], "text/csv": {}}})),
    ("header-removed", answers(_200={"headers": {"X-Left": {"schema": TEXT}}}), answers(_200={})),
    ("header-added", answers(_200={}), answers(_200={"headers": {"X-Left": {"schema": TEXT}}})),
    ("header-optional", answers(_200={"headers": {"X-Left": {"required": True}}}), answers(_200={
        "headers": {"x-left": {}}})),
    ("header-promised", answers(_200={"headers": {"X-Left": {}}}), answers(_200={
        "headers": {"X-Left": {"required": True}}})),
    ("type-changed", answers(_200={"headers": {"X-Left": {"schema": TEXT}}}), answers(_200={
        "headers": {"X-Left": {"schema": NUMBER}}})),
    ("type-dropped", answers(_200=JSON), answers(_200={"content": {"application/json": {}}})),
    ("deprecated", document(), document(deprecated=True)),
    ("reworded", document(), document(summary="Things")),
    ("reworded", answers(_200=JSON), answers(_200={**JSON, "description": "more"})),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "old", "new"), OPERATIONS)
def test_operations(rule: str, old: Any, new: Any) -> None:
    assert rule in {name for name, _ in found(old, new)}


def test_an_operation_is_found_again_under_another_server_and_with_other_names_in_its_path() -> None:
    things = document()["paths"]["/things"]
    old = {**document(), "servers": [{"url": "https://a.test/v1"}], "paths": {"/things/{id}": things}}
    new = {**document(), "servers": [{"url": "https://a.test/v2"}], "paths": {"/things/{key}": things}}
    assert {rule for rule, _ in found(old, new)} == {"server-removed"}


def test_every_rule_of_the_table_has_a_case_here() -> None:
    assert {rule for rule, _, _ in (*SCHEMAS, *ONLY_SENT, *OPERATIONS)} == set(RULES)


def test_the_documentation_has_the_table_and_the_levels() -> None:
    page = (Path(__file__).parents[2] / "docs" / "drift.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    stated = {name.strip("`"): (read, sent, title) for name, read, sent, title in rows}
    assert stated == {name: (str(rule.response), str(rule.request), rule.title) for name, rule in RULES.items()}


def test_what_is_risky_or_breaking_says_what_to_do() -> None:
    for name, rule in RULES.items():
        assert rule.advice or max(rule.response, rule.request) < Level.RISKY, name


def test_a_change_names_its_place_in_both_documents_and_the_operations_it_is_met_in() -> None:
    old = document({"$ref": "#/components/schemas/Thing"}, components={"schemas": {"Thing": fields(a=TEXT)}})
    old["paths"]["/more"] = old["paths"]["/things"]
    new = document(fields(a=NUMBER), components={"schemas": {}})
    new["paths"]["/more"] = new["paths"]["/things"]
    (change,) = changes(old, new)
    assert change.operations == ("GET /things", "GET /more")
    assert change.place == "answer 200 /a"
    assert change.old == "#/components/schemas/Thing/properties/a"
    assert change.new == "#/paths/~1things/get/responses/200/content/application~1json/schema/properties/a"
    assert change.detail == "string → number"


def test_what_is_read_and_sent_alike_has_a_level_for_each() -> None:
    def both(thing: dict[str, Any]) -> dict[str, Any]:
        reference = {"$ref": "#/components/schemas/Thing"}
        return document(reference, body=reference, components={"schemas": {"Thing": thing}})

    seen = found(both(fields("a", a=TEXT)), both(fields(a=TEXT)))
    assert seen == {("field-optional", "risky"), ("field-optional", "additive")}


def test_a_removed_field_names_the_one_it_may_have_become() -> None:
    (removed, _) = changes(document(fields(cash=TEXT)), document(fields(cash_total=TEXT)))
    assert "perhaps it is now 'cash_total'" in removed.detail


def test_what_is_only_sent_does_not_count_for_who_reads() -> None:
    assert not found(document(fields(pin={**TEXT, "writeOnly": True})), document(fields()))
    assert not found(document(body=fields(id={**TEXT, "readOnly": True})), document(body=fields()))


def test_operations_of_the_new_document_alone_are_counted_and_not_judged() -> None:
    from onefolio.drift import compare

    new = document()
    new["paths"]["/more"] = new["paths"]["/things"]
    assert compare(document(), new).new_operations == ("GET /more",)
    assert not compare(document(), new).changes
