"""References (`$ref`): detect, split and follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote

from onefolio_runtime import resolve_pointer

from .errors import CircularReferenceError, DocumentError

T = TypeVar("T")


def reference_of(value: Any) -> str | None:
    """Return the `$ref` of an object, or None if the value is not a reference."""
    reference = value.get("$ref") if isinstance(value, dict) else None
    return reference if isinstance(reference, str) else None


def split_reference(reference: str) -> tuple[str, str]:
    """Return the URL of the other document, empty for the same document, and the percent-decoded fragment."""
    url, _, fragment = reference.partition("#")
    return url, unquote(fragment)


def follow(start: T, find_target: Callable[[T], T | None], key: Callable[[T], object] = id) -> Iterator[T]:
    """Yield a node, then the target of its reference, and so on until a node that is not a reference.

    Args:
        start: the first node.
        find_target: returns the target of a node's reference, or None if the node is not a reference.
        key: returns a value that identifies a node.

    Raises:
        CircularReferenceError: the references form a cycle.
    """
    seen = set[object]()
    node: T | None = start
    while node is not None:
        if key(node) in seen:
            raise CircularReferenceError("the references form a cycle")
        seen.add(key(node))
        yield node
        node = find_target(node)


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Return the target of a node's local reference, or the node itself if it is not a reference.

    Raises:
        DocumentError: a reference has no target in the document, or the references form a cycle.
    """

    def find_target(node: Any) -> Any:
        reference = reference_of(node)
        return None if reference is None else _find_local(document, reference)

    *_, target = follow(node, find_target)
    return target


def _find_local(document: Mapping[str, Any], reference: str) -> Any:
    url, pointer = split_reference(reference)
    target = None if url or pointer[:1] not in ("", "/") else resolve_pointer(document, pointer)
    if target is None:
        raise DocumentError(f"$ref {reference!r} has no target in the document")
    return target
