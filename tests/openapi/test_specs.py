"""Curated specs: operations, paging, links, credentials and examples."""

from typing import Any

import pytest

from onefolio.openapi.errors import DocumentError
from onefolio.openapi.examples import examples_by_status
from onefolio.openapi.operations import Parameter, iter_operations, methods_of
from onefolio.openapi.security import credentials
from onefolio.openapi.specs import LinkSource, Spec
from onefolio.providers.registry import known


def listing(rows: Any, **more: Any) -> dict[str, Any]:
    content = {"schema": rows, "examples": {"one": {"value": {"data": [], "next": "t"}}}}
    return {"description": "", "content": {"application/json": content}, **more}


ROW = {"type": "object", "properties": {"id": {"type": "string", "x-mock": "sequence"}}}
BODY = {
    "type": "object",
    "required": ["next", "data"],
    "properties": {
        "next": {"type": "string"},
        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
    },
}
TOKEN = {"name": "token", "in": "query", "schema": {"type": "string"}}
SIZE = {"name": "size", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 9, "default": 5}}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "security": [{"key": [], "token": []}, {"basic": []}],
    "paths": {
        "/rows": {"$ref": "#/components/pathItems/Rows"},
        "/rows/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
            "get": {
                "operationId": "getRow",
                "responses": {"200": listing(ROW), "404": listing(ROW)},
            },
        },
    },
    "components": {
        "pathItems": {
            "Rows": {
                "get": {
                    "operationId": "listRows",
                    "tags": ["Accounts"],
                    "parameters": [TOKEN, SIZE],
                    "responses": {
                        "200": listing(
                            BODY,
                            links={
                                "next": {"operationId": "listRows", "parameters": {"token": "$response.body#/next"}},
                                "row": {"operationId": "getRow", "parameters": {"id": "$response.body#/data/0/id"}},
                            },
                        )
                    },
                }
            }
        },
        "schemas": {"Row": ROW},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "token": {"type": "http", "scheme": "Bearer"},
            "basic": {"type": "http", "scheme": "basic"},
            "other": {"type": "oauth2"},
        },
    },
}


@pytest.fixture
def spec() -> Spec:
    return Spec(DOCUMENT)


def test_operations_are_listed_in_order_with_path_items_resolved(spec: Spec) -> None:
    assert [(path, method) for path, method, _ in iter_operations(DOCUMENT)] == [
        ("/rows", "get"),
        ("/rows/{id}", "get"),
    ]
    assert methods_of({"post": 1, "get": 1, "summary": 1}) == ["get", "post"]
    assert [(each.id, each.method, each.path) for each in spec.operations] == [
        ("listRows", "GET", "/rows"),
        ("getRow", "GET", "/rows/{id}"),
    ]


def test_a_listing_has_rows_and_page_tokens(spec: Spec) -> None:
    rows, row = spec.operations
    assert (rows.rows, rows.token, rows.token_pointer) == (("data",), "token", "/next")
    assert rows.next_token({"next": "t"}) == "t"
    assert rows.is_last({"next": None})
    assert not rows.is_last({"next": "t"})
    assert rows.page_size is not None
    assert rows.page_size.name == "size"
    assert rows.is_of_accounts
    assert (row.rows, row.token, row.page_size) == (None, None, None)
    assert row.asked_names == {"id"}
    assert row.is_last({"next": "t"})


def test_a_link_has_the_field_that_it_takes_a_parameter_from(spec: Spec) -> None:
    assert spec.links == {("getRow", "id"): LinkSource("listRows", "id")}


def test_alternatives_of_credentials_are_kept_apart(spec: Spec) -> None:
    (key, token), (basic,) = spec.operations[0].security
    assert (key.where, key.name, key.prefix) == ("header", "X-Key", "")
    assert token.fits("bearer " + token.secret)
    assert not token.fits(token.secret)
    assert not token.fits(None)
    assert basic.prefix == "Basic "
    with pytest.raises(DocumentError, match="security scheme other is not supported"):
        credentials(DOCUMENT, {"other": []})


def test_examples_are_returned_by_status() -> None:
    found = examples_by_status(DOCUMENT, "GET", "/rows/{id}")
    assert found == {"200": [{"data": [], "next": "t"}], "404": [{"data": [], "next": "t"}]}


@pytest.mark.parametrize(
    ("schema", "accepted", "rejected", "message"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 9}, "9", "10", "p must be between 1 and 9"),
        ({"type": "integer", "minimum": 1}, "10", "1.0", "p must be at least 1"),
        ({"type": "string", "enum": ["a"]}, "a", "b", "p is not supported"),
        ({"type": "string", "format": "uuid"}, "0" * 8 + "-0000-4000-8000-" + "0" * 12, "x", "p is not valid"),
    ],
)
def test_a_parameter_accepts_values_of_its_schema(schema: Any, accepted: str, rejected: str, message: str) -> None:
    parameter = Parameter({"name": "p", "in": "query"}, schema, {})
    assert parameter.accepts(accepted)
    assert parameter.accepts(None)
    assert not parameter.accepts(rejected)
    assert parameter.demand == message
    assert not Parameter({"name": "p", "in": "query", "required": True}, schema, {}).accepts(None)


@pytest.mark.parametrize("provider", known())
def test_every_curated_spec_is_read(provider: str) -> None:
    spec = Spec(known()[provider].contract.spec)
    assert spec.operations
    for operation in spec.operations:
        assert operation.security
        assert operation.examples
        assert spec.properties(operation.schema) or operation.rows == ()
