"""Documents on disk: nodes, pointers and references to other files."""

import json
from pathlib import Path
from typing import Any

import pytest

from onefolio.openapi.documents import Node, make_document, read_document
from onefolio.openapi.errors import DocumentError

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "paths": {"/things/{id}": {"get": {"tags": ["a", "b"], "parameters": [{"$ref": "#/components/parameters/Id"}]}}},
    "components": {"parameters": {"Id": {"name": "id", "in": "path"}}},
}


@pytest.fixture
def root() -> Node:
    return make_document(DOCUMENT, "the document").root


def test_a_node_has_a_pointer_and_fields(root: Node) -> None:
    operation = root.child("paths", "/things/{id}", "get")
    assert str(operation) == "#/paths/~1things~1{id}/get"
    assert operation.strings("tags") == ["a", "b"]
    assert "tags" in operation
    assert operation.child("absent").value is None
    assert operation.items("absent") == []
    assert list(root.fields("absent")) == []


def test_a_resolved_node_has_the_pointer_of_the_target(root: Node) -> None:
    (parameter,) = root.child("paths", "/things/{id}", "get").items("parameters")
    assert str(parameter) == "#/paths/~1things~1{id}/get/parameters/0"
    assert str(parameter.resolve()) == "#/components/parameters/Id"
    assert parameter.resolve().get("name") == "id"
    assert [str(each) for each in parameter.targets()] == [str(parameter), "#/components/parameters/Id"]


def test_the_key_identifies_a_place(root: Node) -> None:
    one, other = (root.child("paths", "/things/{id}", "get") for _ in range(2))
    assert one is not other
    assert one.key == other.key
    assert one.child("absent").key == other.child("absent").key != one.child("missing").key


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("mapping", "the document: expected an object at #/openapi, found a string"),
        ("elements", "the document: expected a list at #/openapi, found a string"),
    ],
)
def test_a_value_of_another_type_is_an_error_with_its_place(root: Node, method: str, message: str) -> None:
    with pytest.raises(DocumentError) as caught:
        getattr(root.child("openapi"), method)()
    assert str(caught.value) == message


def test_a_document_without_a_path_has_no_other_files(root: Node) -> None:
    with pytest.raises(DocumentError, match="has no path"):
        root.document.find("other.yaml#/a", root)


def test_another_file_is_read_once_and_relative_to_the_first(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "thing.json").write_text('{"Thing": {"$ref": "id.json"}}')
    (tmp_path / "parts" / "id.json").write_text('{"type": "string"}')
    main = tmp_path / "main.json"
    main.write_text(json.dumps({**DOCUMENT, "a": {"$ref": "parts/thing.json#/Thing"}}))
    root = read_document(main).root
    target = root.child("a").resolve()
    assert target.value == {"type": "string"}
    assert str(target) == "id.json#"
    assert root.child("a").resolve().document is target.document


def test_the_version_is_checked(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"supported versions: 3\.0, 3\.1"):
        make_document({"openapi": "2.9"}, "the document")
    other = tmp_path / "list.json"
    other.write_text("[]")
    with pytest.raises(DocumentError, match="top level is not an object"):
        read_document(other)
