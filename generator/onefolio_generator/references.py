"""Local references of OpenAPI documents and the JSON pointers in them (RFC 6901)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from .document import DocumentError

_COMPONENT_PREFIX = "#/components/schemas/"
_MAX_CHAIN = 50


def encode_pointer(path: Iterable[str]) -> str:
    """Return the JSON pointer of a path."""
    return "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)


def decode_reference(reference: str) -> list[str]:
    """Return the path that a local reference points to."""
    # A reference is a URI fragment, so its percent escapes are decoded before those of the pointer.
    tokens = unquote(reference.removeprefix("#/")).split("/")
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def resolve(document: dict[str, Any], node: Any, source: Path) -> Any:
    """Follow the local references of a node.

    Args:
        document: the document that contains the node.
        node: any node, returned as it is where it is no reference.
        source: the document's file, for error messages.

    Raises:
        DocumentError: a reference has no target, or refers to itself.
    """
    for _ in range(_MAX_CHAIN):
        if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
            return node
        reference, target = node["$ref"], document
        for name in decode_reference(reference):
            if not isinstance(target, dict) or name not in target:
                raise DocumentError(
                    f"{source}: $ref {reference} has no target. Fix the reference; bundle a document of several files "
                    "into one first."
                )
            target = target[name]
        node = target
    raise DocumentError(f"{source}: $ref {node['$ref']} refers to itself. Remove the cycle.")


def component_reference(name: str) -> dict[str, Any]:
    """Return a reference to a component schema."""
    return {"$ref": _COMPONENT_PREFIX + name}


def component_name(reference: str) -> str:
    """Return the name of the component that a reference points to."""
    return decode_reference(reference)[-1]


def find_component_names(node: Any) -> Iterator[str]:
    """Yield the name of each component schema that a node or a node below it refers to."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith(_COMPONENT_PREFIX):
            yield component_name(reference)
        for each in node.values():
            yield from find_component_names(each)
    elif isinstance(node, list):
        for each in node:
            yield from find_component_names(each)
