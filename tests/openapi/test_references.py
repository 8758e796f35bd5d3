"""References inside of one document."""

from typing import Any

import pytest

from onefolio.openapi.errors import CircularReferenceError, DocumentError
from onefolio.openapi.references import follow, reference_of, resolve, split_reference

DOCUMENT: dict[str, Any] = {
    "a": {"$ref": "#/b"},
    "b": {"$ref": "#/paths/~1x~1%7Bid%7D"},
    "paths": {"/x/{id}": {"type": "string"}},
    "loop": {"$ref": "#/back"},
    "back": {"$ref": "#/loop"},
}


def test_references_are_followed_to_the_end() -> None:
    assert resolve(DOCUMENT, {"$ref": "#/a"}) == {"type": "string"}
    assert resolve(DOCUMENT, {"$ref": "#"}) is DOCUMENT


def test_a_node_without_a_reference_is_its_own_target() -> None:
    node = {"type": "string"}
    assert resolve(DOCUMENT, node) is node
    assert reference_of({"$ref": 5}) is None
    assert reference_of(None) is None


@pytest.mark.parametrize("reference", ["#/c", "#/paths/x", "other.yaml#/a", "#anchor"])
def test_a_reference_without_a_target_is_an_error(reference: str) -> None:
    with pytest.raises(DocumentError, match="has no target"):
        resolve(DOCUMENT, {"$ref": reference})


def test_a_cycle_is_an_error() -> None:
    with pytest.raises(CircularReferenceError):
        resolve(DOCUMENT, DOCUMENT["loop"])


def test_follow_yields_each_node_once() -> None:
    after = {1: 2, 2: 3}
    assert list(follow(1, after.get)) == [1, 2, 3]


def test_a_reference_has_a_url_and_a_decoded_fragment() -> None:
    assert split_reference("parts/a%20b.yaml#/T%68ing") == ("parts/a%20b.yaml", "/Thing")
    assert split_reference("a.yaml") == ("a.yaml", "")
