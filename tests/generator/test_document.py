"""Documents that would grow without bound while they are read."""

import json
import os
from pathlib import Path

import pytest

from onefolio_generator.document import DocumentError, read_document
from onefolio_generator.scaffold.normalize import Normalizer
from onefolio_generator.scaffold.published_spec import PublishedSpec


def levels(template: str, number: int, first: str) -> str:
    """Return a YAML document in which each level refers to the one before."""
    return "\n".join(
        [f"x0: &x0 {first}", *(f"x{level}: &x{level} " + template.format(level - 1) for level in range(1, number))]
    )


DOCUMENTS = {
    "a billion laughs": (levels("[*x{0}, *x{0}, *x{0}, *x{0}]", 30, "[lol]"), "aliases repeat more than 500000 values"),
    "nested merge keys": (levels("{{<<: [*x{0}, *x{0}]}}", 30, "{a: 1}"), "aliases repeat more than 500000 values"),
    "an alias of itself": ("x: &x [*x]", "inside of the value that it repeats"),
    "a mapping that merges itself": ("x: &x {<<: *x}", "inside of the value that it repeats"),
    "deep nesting": ("x: " + "[" * 50_000, "nested in more than 100 levels"),
    "deep nesting by aliases": (levels("[*x{0}]", 300, "[1]"), "nested in more than 100 levels"),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_grows_is_refused(name: str, tmp_path: Path) -> None:
    content, message = DOCUMENTS[name]
    path = tmp_path / "spec.yaml"
    path.write_text(content)
    with pytest.raises(DocumentError, match=f"spec.yaml: .*{message}"):
        read_document(path)


def test_aliases_and_merge_keys_are_read(tmp_path: Path) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: [*a, *a]\nd: 2026-01-02\n")
    one = {"x": 1, "y": 2}
    assert read_document(path) == {"a": one, "b": {"x": 1, "y": 3}, "c": [one, one], "d": "2026-01-02"}


def test_deeply_nested_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "spec.json"
    path.write_text('{"a":' * 900 + "1" + "}" * 900)
    with pytest.raises(DocumentError, match="levels"):
        read_document(path)


def test_files_that_refer_to_one_another_many_times_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("onefolio_generator.document._MAX_INLINED", 10_000)
    for number in range(20):
        reference = {"$ref": f"f{number + 1}.json"}
        (tmp_path / f"f{number}.json").write_text(json.dumps({"a": reference, "b": reference}))
    (tmp_path / "f20.json").write_text("{}")
    with pytest.raises(DocumentError, match=r"f0\.json: references to other files insert more than 10000 values"):
        read_document(tmp_path / "f0.json")


def test_only_regular_files_of_a_limited_size_are_read(tmp_path: Path) -> None:
    pipe, device, large = (tmp_path / name for name in ("pipe.yaml", "device.yaml", "large.json"))
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    large.touch()
    os.truncate(large, 2**40)
    for path, message in ((pipe, "not a regular file"), (device, "not a regular file"), (large, "larger than 64 MiB")):
        with pytest.raises(DocumentError, match=message):
            read_document(path)


def test_repeated_and_circular_parts_are_merged_once() -> None:
    schemas = {f"S{number}": {"allOf": [{"$ref": f"#/components/schemas/S{number + 1}"}] * 2} for number in range(60)}
    schemas["S60"] = {"allOf": [{"$ref": "#/components/schemas/S0"}], "properties": {"id": {"type": "string"}}}  # type: ignore[dict-item]  # of another shape
    normalizer = Normalizer(PublishedSpec(Path("spec.json"), {"components": {"schemas": schemas}}))
    normalizer.normalize_to_component({"$ref": "#/components/schemas/S0"}, "S")
    assert [list(each.get("properties", {})) for each in normalizer.components.by_name.values() if each] == [["id"]]
