"""Fingerprints of the operations that are not read, so that their changes are noticed although they are not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from attrs import frozen

from ...openapi.documents import Document, Node
from ...openapi.errors import DocumentError
from ..canonical import canonical
from ..operations import Operation, list_operations
from .cut import find_targets

Fingerprints: TypeAlias = Mapping[str, Mapping[str, str]]
"""The hashes of an operation's parts by the names of operation and part."""


@frozen
class OtherChange:
    """A change of an operation that is not read.

    Args:
        operation: the method and the path.
        kind: `added`, `removed` or `changed`.
        parts: the parts that were added, removed or changed, such as `response 200`; empty unless it is changed.
    """

    operation: str
    kind: str
    parts: tuple[str, ...] = ()


def find_fingerprints(document: Document, is_read: Callable[[Operation], bool]) -> Fingerprints:
    """Return the fingerprints of the operations that are not read.

    Args:
        document: a document without prose.
        is_read: returns True for the operations to leave out.
    """
    others = [operation for operation in list_operations(document) if not is_read(operation)]
    return {operation.label: dict(_hash_parts(operation)) for operation in others}


def compare_fingerprints(old: Fingerprints, new: Fingerprints) -> tuple[OtherChange, ...]:
    """Return the differences between the fingerprints of two documents."""
    changes = [OtherChange(label, "removed") for label in old if label not in new]
    for label, parts in new.items():
        if label not in old:
            changes.append(OtherChange(label, "added"))
        elif differing := [part for part in {**old[label], **parts} if old[label].get(part) != parts.get(part)]:
            changes.append(OtherChange(label, "changed", tuple(differing)))
    return tuple(changes)


def _hash_parts(operation: Operation) -> Iterator[tuple[str, str]]:
    try:
        credentials = sorted(sorted(each) for each in operation.credentials())
        parts = {each.label: each.node for each in operation.parameters().values()}
        parts["request body"] = operation.request_body()
        parts |= {f"response {status}": node for status, node in operation.responses().items()}
        yield "credentials", _digest(canonical(credentials))
        for name, node in parts.items():
            if node.value is not None:
                yield name, _hash_node(node)
    except DocumentError:
        # Nothing depends on the operation, so a malformed one is compared as a whole.
        yield "operation", _digest(canonical(operation.node.value))


def _hash_node(node: Node) -> str:
    targets = find_targets(node.document, [node.value])
    texts = [f"{reference} {_canonical_structure(target.value)}" for reference, target in sorted(targets.items())]
    return _digest("\n".join([_canonical_structure(node.value), *texts]))


def _canonical_structure(value: Any) -> str:
    """Return a value without the hashes of descriptions, as canonical text."""
    return canonical(_without_descriptions(value))


def _without_descriptions(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_descriptions(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _without_descriptions(each)
        for name, each in value.items()
        if not (name == "description" and isinstance(each, str))
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
