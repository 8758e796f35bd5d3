"""Documents of all kinds: JSON and YAML, in several files, large, deep and malformed."""

import copy
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import ConfigurationError
from onefolio.drift import ComparisonError, compare
from onefolio.providers.registry import known

from .documents import document, found

TEXT = {"type": "string"}
YAML = """
openapi: 3.1.0
info: {title: Things, version: 2024-12-01}
paths:
  /things:
    get:
      responses:
        200:
          description: Done
          content:
            application/json:
              schema:
                type: object
                properties:
                  country: {enum: [NO, SE, on], type: string}
                  from: {type: string, example: 2024-01-02}
                  <<: {more: {type: integer, maximum: 1e3}}
"""


def test_yaml_and_json_with_the_same_values_are_equal(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {
            "country": {"type": "string", "enum": ["NO", "SE", "on"]},
            "from": {"type": "string", "example": "2024-01-02"},
            "more": {"type": "integer", "maximum": 1000},
        },
    }
    written = tmp_path / "spec.yaml"
    written.write_text(YAML)
    assert not found(document(schema), written)


def test_references_to_other_files_are_relative_to_the_referring_file(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "thing.yaml").write_text(
        "Thing: {type: object, properties: {next: {$ref: '#/Thing'}, id: {$ref: ids.json#/Id}}}"
    )
    (tmp_path / "parts" / "ids.json").write_text('\ufeff{"Id": {"type": "string"}}')
    main = tmp_path / "main.json"
    main.write_text(json.dumps(document({"$ref": "parts/thing.yaml#/Thing"})))
    assert not found(main, main)
    (tmp_path / "parts" / "ids.json").write_text('{"Id": {"type": "integer"}}')
    thing = {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Thing"}, "id": TEXT}}
    old = document({"$ref": "#/components/schemas/Thing"}, components={"schemas": {"Thing": thing}})
    (change,) = compare(old, main).changes
    assert (change.rule, change.new) == ("type-changed", "ids.json#/Id")


def test_a_path_item_in_another_file_has_the_security_schemes_of_the_document(tmp_path: Path) -> None:
    keys = {"components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}, "security": [{"key": []}]}
    (tmp_path / "things.json").write_text(json.dumps(document(TEXT)["paths"]["/things"]))
    main = tmp_path / "main.json"
    main.write_text(json.dumps({**document(), **keys, "paths": {"/things": {"$ref": "things.json"}}}))
    assert not found({**document(TEXT), **keys}, main)
    assert not found(main, {**document(TEXT), **keys})


REFERS = document({"$ref": "#/components/schemas/Gone"})
BAD: dict[str, tuple[Any, str]] = {
    "no document": ([1, 2], "top level is not an object"),
    "no OpenAPI": ({"a": 1}, "not an OpenAPI document"),
    "Swagger": ({"swagger": "2.0", "paths": {}}, "Swagger 2.0"),
    "a later version": ({"openapi": "4.0.0"}, "OpenAPI 4.0.0"),
    "paths of another type": ({**document(), "paths": []}, "expected an object at #/paths, found a list"),
    "a reference without a target": (REFERS, "has no target"),
    "a reference to itself": (
        {**REFERS, "components": {"schemas": {"Gone": {"$ref": "#/components/schemas/Gone"}}}}, "form a cycle"),
    "references in a cycle": (
        {**REFERS, "components": {"schemas": {
            "Gone": {"$ref": "#/components/schemas/It"}, "It": {"allOf": [{"$ref": "#/components/schemas/Gone"}]}}}},
        "form a cycle"),
    "a parameter that refers to itself": (
        document(parameters=[{"$ref": "#/paths/~1things/get/parameters/0"}]), "form a cycle"),
    "a remote reference": (document({"$ref": "https://example.test/a.json#/A"}), "nothing is fetched"),
    "a missing file": (document({"$ref": "gone.yaml#/A"}), "No such file"),
    "a folder": (document({"$ref": ".#/A"}), "is not a file"),
    "an anchor": (document({"$ref": "#thing"}), "not a JSON pointer"),
    "a dynamic reference": (document({"$dynamicRef": "#thing"}), "$dynamicRef"),
    "an unknown type": (document({"type": "text"}), "a JSON type"),
    "a limit that is not a number": (document({"type": "number", "minimum": "one"}), "a number"),
    "properties that are a list": (document({"type": "object", "properties": ["a"]}), "an object"),
    "a union that is not a list": (document({"anyOf": {"a": TEXT}}), "a list"),
    "responses that are a list": (document(responses=[]), "an object"),
    "an invalid status": (document(responses={"OK": {}}), "a status"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("first", [True, False])
def test_a_malformed_document_is_an_error_of_one_line(name: str, first: bool, tmp_path: Path) -> None:
    content, reason = BAD[name]
    bad, good = tmp_path / "bad.json", tmp_path / "good.json"
    bad.write_text(json.dumps(content))
    good.write_text(json.dumps(document(TEXT, parameters=[{"name": "a", "in": "query"}])))
    with pytest.raises(ComparisonError) as caught:
        compare(*((bad, good) if first else (good, bad)))
    assert isinstance(caught.value, ConfigurationError)
    assert str(bad) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def two_operations(**second: Any) -> dict[str, Any]:
    """Return a document with two operations that return a number; the second has more fields."""
    spec = document({"type": "number"})
    spec["paths"]["/more"] = {"get": {**spec["paths"]["/things"]["get"], **second}}
    return spec


PARTS: dict[str, tuple[Any, str, tuple[str, ...]]] = {
    "no responses": (two_operations(responses=None), "documents none at #/paths/~1more/get/responses", ("GET /more",)),
    "an undefined security scheme": (two_operations(security=[{"key": []}]), "'key' at", ("GET /more",)),
    "a malformed schema": (two_operations(requestBody={"content": {"application/json": {"schema": {
        "type": "object", "properties": {"a": {"type": "text"}, "b": TEXT}}}}}), "a JSON type", ("GET /more",)),
    "a reference without a target": (two_operations(parameters=[{"$ref": "#/nowhere"}]), "no target", ("GET /more",)),
    "webhooks": ({**two_operations(), "webhooks": {"filled": {"post": {"responses": {}}}}}, "webhooks", ()),
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
def test_the_rest_of_a_document_is_compared_and_the_omission_is_listed(name: str) -> None:
    partial, reason, operations = PARTS[name]
    old, new = two_operations(), document(TEXT)
    old["paths"]["/more"]["get"]["requestBody"] = {"content": {"application/json": {"schema": {
        "type": "object", "properties": {"a": TEXT, "b": {"type": "integer"}}}}}}  # fmt: skip
    new["paths"]["/more"] = old["paths"]["/more"]
    both = [compare(partial, new), compare(new, partial)]
    for comparison in both[:1] if name == "no responses" else both:
        assert "type-changed" in {change.rule for change in comparison.changes if "GET /things" in change.operations}
        (omission,) = [each for each in comparison.not_compared if reason in each.reason]
        assert omission.operations == operations
        assert reason in comparison.to_text()
        assert reason in comparison.to_json()
        assert "\n" not in omission.reason
    unchanged = compare(partial, partial)
    assert not unchanged.changes
    if name not in ("a malformed schema", "a reference without a target"):
        assert not unchanged.not_compared


def test_responses_that_are_no_longer_documented_are_removed() -> None:
    comparison = compare(document(TEXT), document(responses=None))
    assert [change.rule for change in comparison.changes] == ["success-status-removed"]
    assert not comparison.not_compared


def test_a_malformed_property_does_not_hide_the_others() -> None:
    def thing(a: str, b: str, c: str) -> dict[str, Any]:
        spec = two_operations()
        properties = {name: {"type": each} for name, each in zip("abc", (a, b, c), strict=True)}
        content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
        spec["paths"]["/more"]["get"]["responses"] = {"200": {"content": content}}
        return spec

    comparison = compare(thing("string", "string", "string"), thing("number", "text", "number"))
    assert [(change.rule, change.place) for change in comparison.changes] == [
        ("type-changed", "response 200 /a"), ("type-changed", "response 200 /c")]  # fmt: skip
    (omission,) = comparison.not_compared
    assert "properties/b" in omission.reason


def test_a_document_without_operations_is_compared() -> None:
    empty = {**document(), "paths": {}}
    for without in (empty, {"openapi": "3.1.0", "webhooks": {}}):
        removed = compare(document(), without)
        assert [change.rule for change in removed.changes] == ["operation-removed"]
        added = compare(without, document())
        assert (added.changes, added.new_operations) == ((), ("GET /things",))
        assert "has no operations" in added.to_text()


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"\xff\xfe{}", b"openapi: [", b"a: b: c", b"{'a': 1", b'{"a": NaN}', b'{"a": 1, "a": 2}',
        b"a: 1\na: 2", b"!!python/object:os.system {}", b"[" * 100_000, b"a: " + b"[" * 5_000, b"\0",
        b"<html></html>", b"? {a: 1}\n: 2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", [".json", ".yaml"])
def test_bytes_that_are_not_a_document_are_an_error_of_one_line(content: bytes, suffix: str, tmp_path: Path) -> None:
    bad = tmp_path / f"bad{suffix}"
    bad.write_bytes(content)
    with pytest.raises(ComparisonError) as caught:
        compare(bad, "alpaca")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'{"openapi": "3.1.0", "paths": {}, "paths": {}}', "has the name 'paths' twice"),
        (b"openapi: 3.1.0\npaths: {}\npaths: {}", "has the name 'paths' twice"),
        (b'{"openapi": "3.1.0", "a": Infinity}', "not a JSON value"),
        (b"openapi: 3.1.0\na: " + b"[" * 600 + b"]" * 600, "nested too deeply"),
        (b'{"openapi": "3.1.0", "a": ' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_the_error_states_the_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_bytes(content)
    with pytest.raises(ComparisonError, match=reason):
        compare(bad, "alpaca")


@given(seed=st.integers(0, 2**32))
def test_a_randomly_changed_document_is_compared_or_rejected(seed: int) -> None:
    chance = random.Random(seed)
    spec = chance.choice(list(known().values())).contract.spec
    changed = copy.deepcopy(spec)
    for _ in range(chance.choice([1, 2, 5])):
        holder, key = chance.choice(list(_places(changed)))
        if isinstance(holder, dict) and chance.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(chance.choice(ANYTHING))
    for old, new in ((spec, changed), (changed, spec)):
        message = ""
        try:
            compare(old, new).to_html()
        except ComparisonError as error:
            message = str(error)
        assert "\n" not in message


ANYTHING: list[Any] = [
    None, True, False, 0, 1.5, "", "string", "#/components/schemas/Money", [], [None], ["null"], {}, {"a": 1},
    {"$ref": "#/nowhere"}, {"$ref": 5}, {"type": "text"}, {"nullable": True},
]  # fmt: skip


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def test_a_dangling_reference_in_an_unused_component_is_ignored() -> None:
    spec = document(TEXT, components={"schemas": {"Unused": {"$ref": "#/nowhere"}}})
    assert not found(spec, spec)


def test_nested_yaml_aliases_are_compared_once(tmp_path: Path) -> None:
    lines = ["x0: &x0 {type: object, properties: {a: {type: string}}}"]
    for level in range(1, 12):
        inner = ", ".join(f"f{index}: *x{level - 1}" for index in range(9))
        unions = ", ".join([f"*x{level - 1}"] * 9)
        lines.append(f"x{level}: &x{level} {{type: object, properties: {{{inner}}}, anyOf: [{unions}]}}")
    head = "openapi: 3.1.0\ninfo: {title: T, version: '1'}\n"
    paths = "paths: {/a: {get: {responses: {'200': {content: {application/json: {schema: *x11}}}}}}}\n"
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text(head + "\n".join(lines) + "\n" + paths)
    started = time.monotonic()
    assert not found(bomb, bomb)
    assert time.monotonic() - started < 20


def test_aliases_in_an_example_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onefolio.drift.canonical._MAX_CHARACTERS", 10_000)
    lines = ["x0: &x0 [lol]", *(f"x{level}: &x{level} [{', '.join([f'*x{level - 1}'] * 9)}]" for level in range(1, 12))]
    spec = json.dumps(document({"type": "string", "example": None})).replace("null", "*x11")
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text("# YAML\n{" + ", ".join([*lines, spec[1:]]))
    with pytest.raises(ComparisonError, match="more than 10000 characters"):
        compare(bomb, bomb)


def large(size: int, *, changed: bool = False) -> dict[str, Any]:
    """Return a document of more than 4 MB whose schemas refer to each other in cycles."""
    schemas = {}
    for index in range(size):
        others = {f"to{step}": {"$ref": f"#/components/schemas/T{(index * step + 1) % size}"} for step in (2, 3, 5)}
        words = {"type": "string", "description": "word " * 450, "enum": [f"W{index}", *(["NEW"] if changed else [])]}
        schemas[f"T{index}"] = {
            "type": "object",
            "properties": {**others, "many": {"type": "array", "items": others["to2"]}, "word": words},
            "required": ["word"],
        }
    spec = document({"$ref": "#/components/schemas/T0"}, components={"schemas": schemas})
    spec["paths"] |= {f"/things{index}": spec["paths"]["/things"] for index in range(100)}
    return spec


def test_a_large_document_with_cycles_is_compared_completely(tmp_path: Path) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(large(2_000)))
    new.write_text(json.dumps(large(2_000, changed=True)))
    assert old.stat().st_size > 4_000_000
    comparison = compare(old, new)
    assert comparison.operations == 101
    assert {change.rule for change in comparison.changes} == {"enum-value-added"}
    assert len(comparison.changes) > 1_000
    assert all(len(change.operations) == 101 for change in comparison.changes)
