"""References and JSON pointers."""

from pathlib import Path
from typing import Any

import pytest

from onefolio_generator.document import DocumentError, read_document
from onefolio_generator.references import decode_reference, encode_pointer, find_component_names, resolve

SOURCE = Path("spec.yaml")


def test_a_pointer_escapes_its_names() -> None:
    assert encode_pointer(["a/b", "c~d", ""]) == "/a~1b/c~0d/"


@pytest.mark.parametrize("name", ["plain", "/v1/{id}", "~", "~1", "a~0/b"])
def test_an_encoded_name_is_decoded_to_itself(name: str) -> None:
    assert decode_reference("#" + encode_pointer(["paths", name])) == ["paths", name]


def test_percent_escapes_of_a_reference_are_decoded() -> None:
    assert decode_reference("#/paths/~1v1~1%7Bid%7D") == ["paths", "/v1/{id}"]


def test_a_chain_of_references_is_followed() -> None:
    document = {"a": {"$ref": "#/b~1c"}, "b/c": {"$ref": "#/d"}, "d": {"type": "string"}}
    assert resolve(document, {"$ref": "#/a"}, SOURCE) == {"type": "string"}


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "spec.yaml: \\$ref #/a has no target"),
        ({"a": "scalar"}, "spec.yaml: \\$ref #/a/b has no target"),
        ({"a": {"$ref": "#/a"}}, "spec.yaml: \\$ref #/a refers to itself"),
    ],
)
def test_a_reference_without_a_target_is_an_error(document: dict[str, Any], message: str) -> None:
    reference = "#/a/b" if document.get("a") == "scalar" else "#/a"
    with pytest.raises(DocumentError, match=message):
        resolve(document, {"$ref": reference}, SOURCE)


def test_component_names_are_found_at_every_depth() -> None:
    node = {"$ref": "#/components/schemas/A", "x": [{"$ref": "#/components/schemas/B~1C"}, {"$ref": "#/paths/D"}]}
    assert list(find_component_names(node)) == ["A", "B/C"]


def test_files_that_refer_to_each_other_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: {$ref: b.yaml}\n")
    (tmp_path / "b.yaml").write_text("y: {$ref: ./a.yaml}\n")
    with pytest.raises(DocumentError, match=r"b\.yaml: \$ref \./a\.yaml leads back"):
        read_document(tmp_path / "a.yaml")


def test_a_file_may_be_included_twice(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("x: {$ref: b.yaml}\ny: {$ref: b.yaml}\n")
    (tmp_path / "b.yaml").write_text("z: 1\n")
    assert read_document(tmp_path / "a.yaml") == {"x": {"z": 1}, "y": {"z": 1}}


def test_a_document_that_is_no_object_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- 1\n")
    with pytest.raises(DocumentError, match=r"a\.yaml: the document is list, not an object"):
        read_document(tmp_path / "a.yaml")
