"""Documents on disk: nodes, pointers and references to other files."""

import json
import os
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


HEAD = "openapi: 3.1.0\npaths: {}\n"


def levels(template: str, number: int, first: str) -> str:
    """Return a YAML document in which each level refers to the one before."""
    lines = [f"x0: &x0 {first}", *(f"x{level}: &x{level} " + template.format(level - 1) for level in range(1, number))]
    return HEAD + "\n".join(lines) + "\n"


def test_nested_merge_keys_keep_each_field_once(tmp_path: Path) -> None:
    path = tmp_path / "merges.yaml"
    path.write_text(levels("{{<<: [*x{0}, *x{0}, {{a: 0, own: 1}}], c: 4}}", 60, "{a: 1, b: 2}"))
    assert read_document(path).value["x59"] == {"a": 1, "b": 2, "own": 1, "c": 4}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (levels("{{<<: *x{0}, k{0}: 1}}", 300, "{a: 1}"), "merge keys .* repeat more than 10000 fields"),
        (levels("[*x{0}]", 2, "[" * 600 + "]" * 600), "nested too deeply"),
        (HEAD + "x: &x {<<: *x, a: 1}\ny: &y {<<: [*y, *y]}", None),
    ],
    ids=["a chain of merge keys", "deep nesting", "a mapping that merges itself"],
)
def test_a_document_that_grows_when_it_is_loaded_is_refused(
    content: str, message: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onefolio.openapi.decoding._MAX_MERGED", 10_000)
    path = tmp_path / "grows.yaml"
    path.write_text(content)
    if message is None:
        assert read_document(path).value["x"] == {"a": 1}
        return
    with pytest.raises(DocumentError, match=f"grows.yaml.*{message}"):
        read_document(path)


def test_only_regular_files_of_a_limited_size_are_read(tmp_path: Path) -> None:
    pipe, device, large = (tmp_path / name for name in ("pipe.yaml", "device.yaml", "large.json"))
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    large.touch()
    os.truncate(large, 2**40)
    for path, message in ((pipe, "is not a file"), (device, "is not a file"), (large, "larger than 64 MiB")):
        with pytest.raises(DocumentError, match=message):
            read_document(path)
