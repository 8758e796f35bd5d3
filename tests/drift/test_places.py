"""Every change has all of its places, each with its operation."""

import json
from typing import Any

import pytest

from onefolio.drift import compare

from .documents import Json, document

TEXT = {"type": "string"}
NUMBER = {"type": "number"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def fields(**properties: Any) -> Json:
    return {"type": "object", "properties": properties}


def parameters(*names: str, **more: Any) -> Json:
    return document(parameters=[{"name": name, "in": "query", "schema": TEXT, **more} for name in names])


def response(**more: Any) -> Json:
    return document(responses={"200": {"description": "", **more}})


def places(old: Any, new: Any) -> list[tuple[str, str, str]]:
    """Return the rule, operation and place of all places of the JSON report."""
    report = json.loads(compare(old, new).to_json())
    return [(change["rule"], at["operation"], at["place"]) for change in report["changes"] for at in change["places"]]


HEADERS = {"headers": {"X-A": {"schema": TEXT}, "X-B": {"schema": TEXT}}}
SEVERAL: dict[str, tuple[Json, Json, list[tuple[str, str]]]] = {
    "parameters added": (document(), parameters("a", "b", "c", required=True), [
        ("required-parameter-added", f"query parameter {name}") for name in "abc"]),
    "parameters removed": (parameters("a", "b"), document(), [
        ("parameter-removed", f"query parameter {name}") for name in "ab"]),
    "headers added": (response(), response(**HEADERS), [
        ("header-added", f"response 200 header X-{name}") for name in "AB"]),
    "headers removed": (response(**HEADERS), response(), [
        ("header-removed", f"response 200 header X-{name}") for name in "AB"]),
    "statuses added": (document(responses={"200": {}}), document(responses={"200": {}, "204": {}, "206": {}}), [
        ("success-status-added", "response 204"), ("success-status-added", "response 206")]),
    "equal inline branches removed": (
        document(fields(a={"oneOf": [fields(x=TEXT), fields(y=TEXT), NUMBER]}, b=TEXT)),
        document(fields(a={"oneOf": [NUMBER, TEXT]}, b=TEXT)), [
            ("union-branch-added", "response 200 /a"), *[("union-branch-removed", "response 200 /a")] * 2]),
    "inline schemas": (
        document(fields(long=fields(amount=TEXT), short=fields(amount=TEXT, fee=TEXT))),
        document(fields(long=fields(amount=NUMBER), short=fields(amount=NUMBER, fee=NUMBER))), [
            ("type-changed", f"response 200 {path}") for path in ("/long/amount", "/short/amount", "/short/fee")]),
}  # fmt: skip


@pytest.mark.parametrize("name", SEVERAL)
def test_changes_at_one_operation_are_listed_apart(name: str) -> None:
    old, new, expected = SEVERAL[name]
    assert sorted(places(old, new)) == sorted((rule, "GET /things", place) for rule, place in expected)
    text = compare(old, new).to_text()
    assert all(place in text for _, place in expected)


def test_a_component_has_one_change_with_all_of_its_places() -> None:
    def nested(amount: Json) -> Json:
        leg = fields(amount=ref("Amount"), fee=ref("Amount"), parent=ref("Leg"))
        spec = document(
            fields(long=ref("Leg"), short=ref("Leg")), components={"schemas": {"Amount": amount, "Leg": leg}}
        )
        spec["paths"]["/more"] = spec["paths"]["/things"]
        return spec

    (change,) = compare(nested(TEXT), nested(NUMBER)).changes
    assert [(each.operation, each.place) for each in change.places] == [
        (operation, f"response 200 {path}")
        for operation in ("GET /things", "GET /more")
        for path in ("/long/amount", "/long/fee", "/short/amount", "/short/fee")
    ]
    assert {(each.old, each.new) for each in change.places} == {("#/components/schemas/Amount",) * 2}
    assert not change.more_places
    text = compare(nested(TEXT), nested(NUMBER)).to_text()
    assert text.count("type changed") == 1
    assert "also GET /things (and 1 more operation), response 200 /short/fee" in text


def test_places_are_bounded_in_schemas_that_refer_to_each_other_in_all_ways() -> None:
    def mesh(kind: Json) -> Json:
        names = [f"N{index}" for index in range(12)]
        node = fields(value=ref("Value"), **{name: ref(name) for name in names})
        return document(ref("N0"), components={"schemas": {"Value": kind, **{name: dict(node) for name in names}}})

    (change,) = compare(mesh(TEXT), mesh(NUMBER)).changes
    assert change.places[0].place == "response 200 /value"
    assert change.more_places
    assert len(change.places) <= 1_000


def test_documents_in_memory_may_share_objects() -> None:
    thing = fields(amount=ref("Amount"))
    old, new = (document(ref("T"), components={"schemas": {"T": thing, "Amount": each}}) for each in (TEXT, NUMBER))
    assert [change.rule for change in compare(old, new).changes] == ["type-changed"]
