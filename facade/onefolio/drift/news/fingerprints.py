"""Fingerprints of the operations that are not read, so that their changes are noticed although they are not kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

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
    """A change of an operation that is not read, or that the accepted document lacks.

    Args:
        operation: the method and the path.
        kind: `added`, `removed` or `changed`.
        parts: the parts that were added, removed or changed, such as `response 200`; empty unless it is changed.
        is_read: whether onefolio reads the operation, which the accepted document lacks.
    """

    operation: str
    kind: str
    parts: tuple[str, ...] = ()
    is_read: bool = False


def find_fingerprints(document: Document, is_read: Callable[[Operation], bool]) -> Fingerprints:
    """Return the fingerprints of the operations that are not read.

    Args:
        document: a document without prose and descriptions.
        is_read: returns True for the operations to leave out.

    Raises:
        DocumentError: YAML aliases make a value too long.
    """
    hasher = _Hasher()
    others = [operation for operation in list_operations(document) if not is_read(operation)]
    return {operation.label: dict(hasher.hash_parts(operation)) for operation in others}


def compare_fingerprints(old: Fingerprints, new: Fingerprints) -> tuple[OtherChange, ...]:
    """Return the differences between the fingerprints of two documents."""
    changes = [OtherChange(label, "removed") for label in old if label not in new]
    for label, parts in new.items():
        if label not in old:
            changes.append(OtherChange(label, "added"))
        elif differing := [part for part in {**old[label], **parts} if old[label].get(part) != parts.get(part)]:
            changes.append(OtherChange(label, "changed", tuple(differing)))
    return tuple(changes)


class _Hasher:
    """Hash the parts of operations; each component is encoded once."""

    def __init__(self) -> None:
        self._encoded: dict[int, str] = {}

    def hash_parts(self, operation: Operation) -> Iterator[tuple[str, str]]:
        """Yield the names and hashes of an operation's parts."""
        try:
            credentials = sorted(sorted(each) for each in operation.credentials())
            parts = {each.label: each.node for each in operation.parameters().values()}
            parts["request body"] = operation.request_body()
            parts |= {f"response {status}": node for status, node in operation.responses().items()}
            targets = {name: find_targets(node.document, [node.value]) for name, node in parts.items()}
        except DocumentError:
            # Nothing depends on the operation, so a malformed one is compared as a whole.
            yield "operation", self._hash(operation.node, {})
            return
        yield "credentials", _digest(canonical(credentials))
        for name, node in parts.items():
            if node.value is not None:
                yield name, self._hash(node, targets[name])

    def _hash(self, node: Node, targets: Mapping[str, Node]) -> str:
        """Return the hash of a value and of the targets of its references."""
        lines = [f"{reference} {self._encode(target)}" for reference, target in sorted(targets.items())]
        return _digest("\n".join([canonical(node.value), *lines]))

    def _encode(self, node: Node) -> str:
        key = id(node.value)
        if key not in self._encoded:
            # The target of a reference to another file is the document, whose other operations do not matter.
            self._encoded[key] = "" if node.parent is None else canonical(node.value)
        return self._encoded[key]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
