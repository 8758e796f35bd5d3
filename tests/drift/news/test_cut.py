"""A published document is cut to the operations that are read, and means the same as before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onefolio.drift import ComparisonError, compare
from onefolio.drift.news import read_published
from onefolio.drift.news.comparison import cut_document
from onefolio.drift.news.fingerprints import compare_fingerprints
from onefolio.openapi.documents import make_document
from tests.drift.news.documents import Json, published, schema, write


def cut(document: Json) -> Any:
    """Return a document of Alpaca, cut."""
    return cut_document("alpaca", make_document(document, "new.json"), "new.json")


def whole() -> Json:
    """Return a document with prose, examples and an operation that is not read."""
    document = published("alpaca")
    get = document["paths"]["/v2/account"]["get"]
    get |= {"summary": "Get it", "tags": ["Accounts"], "operationId": "getAccount", "x-readme": {}}
    get["responses"]["200"]["content"]["application/json"] |= {
        "example": {"cash": "1"},
        "examples": {"a": {"value": 1}},
    }
    account = schema(document, "Account")
    account["description"] = "A  long\ndescription"
    account["properties"] |= {"title": {"type": "string", "title": "Title"}, "example": {"type": "string"}}
    account["properties"]["description"] = {"type": "string", "description": "Text"}
    document["paths"]["/v2/orders"] = {"get": {"responses": {"200": {"$ref": "#/components/responses/Orders"}}}}
    total = {"schema": {"$ref": "#/components/schemas/Total"}}
    document["components"]["schemas"]["Total"] = {"type": "integer"}
    document["components"] |= {
        "responses": {"Orders": {"description": "Orders", "headers": {"X-Total": total}}},
        "x-note": "x",
    }
    return document


def test_prose_is_cut_and_fields_with_names_of_prose_are_kept() -> None:
    document = whole()
    found = cut(document).cut
    text = json.dumps(found)
    assert not any(
        word in text for word in ("Get it", "getAccount", "/v2/orders", "Orders", "A  long", "internal", "x-readme")
    )
    properties = found["components"]["schemas"]["Account"]["properties"]
    assert {"title", "example", "description"} <= properties.keys()
    assert properties["title"] == {"type": "string"}
    assert properties["description"]["description"].startswith("sha256:")
    assert cut(found).cut == found, "a cut document is its own cut"
    rules = {change.rule for change in compare(document, found).changes}
    assert rules == {"documentation-changed", "operation-removed"}


def test_a_reference_into_an_operation_that_is_not_read_is_kept() -> None:
    document = whole()
    responses = document["paths"]["/v2/orders"]["get"]["responses"]
    responses["422"] = {"description": "Invalid", "content": {"application/json": {"schema": {"type": "object"}}}}
    account = document["paths"]["/v2/account"]["get"]["responses"]
    account["422"] = {"$ref": "#/paths/~1v2~1orders/get/responses/422"}
    found = cut(document).cut
    assert set(found["paths"]) == {"/v2/account", "/v2/positions"}
    assert not [change for change in compare(document, found).changes if change.level and change.place]
    responses["422"]["content"]["application/json"]["schema"] = {"type": "array"}
    assert [change.rule for change in compare(found, cut(document).cut).changes] == ["type-changed"]


def test_an_operation_that_is_not_read_has_a_fingerprint_of_its_structure() -> None:
    before = cut(whole()).other_operations
    document = whole()
    document["components"]["responses"]["Orders"]["description"] = "All orders"
    document["paths"]["/v2/orders"]["get"]["summary"] = "List"
    assert compare_fingerprints(before, cut(document).other_operations) == ()
    document["components"]["schemas"]["Total"]["type"] = "number"
    document["paths"]["/v2/clock"] = {"get": {"responses": {"200": {"$ref": "#/components/responses/Missing"}}}}
    changes = compare_fingerprints(before, cut(document).other_operations)
    assert [(each.operation, each.kind, each.parts) for each in changes] == [
        ("GET /v2/orders", "changed", ("response 200",)),
        ("GET /v2/clock", "added", ()),
    ]
    assert [each.kind for each in compare_fingerprints(before, {})] == ["removed"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "the field openapi"),
        (
            '{"openapi": "3.0.0", "paths": {"/v2/account": {"get": {"responses": {"200": {"$ref": "a.json#/x"}}}}}}',
            "Bundle",
        ),
        (
            '{"openapi": "3.0.0", "paths": {"/v2/account": {"get": {"responses": {"200": {"$ref": "#/x"}}}}}}',
            "no target",
        ),
        (f'{{"openapi": "3.0.0", "x": {"[" * 5_000}{"]" * 5_000}}}', "nested too deeply"),
    ],
)
def test_an_unusable_document_is_an_error_in_one_line(content: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "new.json"
    path.write_text(content)
    with pytest.raises(ComparisonError, match=message) as caught:
        read_published("alpaca", path)
    assert "\n" not in str(caught.value)


def test_aliases_that_repeat_each_other_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("onefolio.drift.canonical._MAX_CHARACTERS", 10_000)
    lines = [
        "a0: &a0 {type: string}",
        *(f"a{n}: &a{n} {{properties: {{x: *a{n - 1}, y: *a{n - 1}}}}}" for n in range(1, 60)),
    ]
    path = write({}, tmp_path / "new.yaml")
    path.write_text("\n".join([
        "openapi: 3.0.0", *lines, "paths: {/v2/account: {get: {responses: {'200': {description: '', content:",
        "  {application/json: {schema: *a59}}}}}}, /other: {get: {responses: {'200': *a59}}}}",
    ]))  # fmt: skip
    with pytest.raises(ComparisonError, match="YAML aliases"):
        read_published("alpaca", path)
