"""JSON pointers: formatted, parsed and resolved."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio_runtime import format_pointer, parse_pointer, resolve_pointer

VALUE: dict[str, Any] = {"a": {"b": [1, {"c": 2}]}, "x/y": {"~": 3}, "": {"": 4}, "~1": 5, "10": 6, "none": None}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", VALUE),
        ("/a/b/0", 1),
        ("/a/b/1/c", 2),
        ("/x~1y/~0", 3),
        ("/", {"": 4}),
        ("//", 4),
        ("/~01", 5),
        ("/10", 6),
    ],
)
def test_resolve_selects_a_part(pointer: str, expected: object) -> None:
    assert resolve_pointer(VALUE, pointer) == expected


@pytest.mark.parametrize(
    "pointer", ["/b", "/a/c", "/a/b/2", "/a/b/-1", "/a/b/01", "/a/b/x", "/a/b/0/c", "/none/a", f"/a/b/{'9' * 9_000}"]
)
def test_resolve_returns_none_if_nothing_is_selected(pointer: str) -> None:
    assert resolve_pointer(VALUE, pointer) is None


def test_a_pointer_begins_with_a_slash() -> None:
    with pytest.raises(ValueError, match="does not begin with '/'"):
        parse_pointer("a/b")


@given(path=st.lists(st.text(max_size=4)))
def test_a_formatted_path_is_parsed_to_itself_and_resolved(path: list[str]) -> None:
    value: Any = "found"
    for name in reversed(path):
        value = {name: value}
    pointer = format_pointer(path)
    assert parse_pointer(pointer) == path
    assert resolve_pointer(value, pointer) == "found"


def test_indexes_are_formatted_as_numbers() -> None:
    assert format_pointer(["data", 0, "a~b/c"]) == "/data/0/a~0b~1c"
