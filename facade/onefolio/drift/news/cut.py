"""Cut a published document to some of its operations, without examples and prose.

Descriptions are replaced by their hashes, so that a new description is noticed although the old one is not kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from onefolio_runtime import find_key, format_pointer, parse_pointer

from ...openapi.documents import Document, Node, make_document
from ...openapi.errors import DocumentError
from ...openapi.references import reference_of, split_reference
from ..operations import Operation, list_operations

_MAPS: Final = frozenset((
    "$defs", "callbacks", "content", "definitions", "dependentSchemas", "encoding", "headers", "parameters",
    "pathItems", "paths", "patternProperties", "properties", "requestBodies", "responses", "schemas", "securitySchemes",
    "variables",
))  # fmt: skip
"""Fields whose members are named by the provider, so that a member may be called `title` or `example`."""

_VALUES: Final = frozenset(("const", "default", "dependentRequired", "enum", "mapping", "required", "security"))
"""Fields that are kept unchanged."""

_PROSE: Final = frozenset((
    "$comment", "example", "examples", "externalDocs", "links", "operationId", "summary", "tags", "title",
))  # fmt: skip
"""Fields that are left out, with all extensions but one."""

_EXTENSION: Final = "x-extensible-enum"
"""An extension that lists values."""

_HASH: Final = re.compile(r"sha256:[0-9a-f]{16}")


def strip_prose(document: Document, *, hash_descriptions: bool = True) -> Document:
    """Return a document without examples, prose and extensions.

    Objects that YAML aliases share are shared in the result as well.

    Args:
        document: the document.
        hash_descriptions: whether descriptions are replaced by their hashes; otherwise they are left out.
    """
    stripped = _Stripper(hash_descriptions).strip(document.value)
    info = document.root.child("info").mapping()
    stripped["info"] = {name: str(info[name]) for name in ("title", "version") if name in info}
    return make_document(stripped, document.name)


class _Stripper:
    def __init__(self, hash_descriptions: bool) -> None:  # noqa: FBT001  # private
        self._hash_descriptions = hash_descriptions
        self._done: dict[tuple[int, bool], Any] = {}

    def strip(self, value: Any, *, is_map: bool = False) -> Any:
        """Return a value without prose; the members of a map are never left out."""
        if not isinstance(value, dict | list):
            return value
        key = (id(value), is_map)
        if key in self._done:
            return self._done[key]
        if isinstance(value, list):
            items: list[Any] = []
            self._done[key] = items
            items.extend(self.strip(each) for each in value)
            return items
        fields: dict[str, Any] = {}
        self._done[key] = fields
        for name, each in value.items():
            if is_map:
                fields[name] = self.strip(each)
            elif name == "description" and isinstance(each, str):
                if self._hash_descriptions and each.strip():
                    fields[name] = _hash_prose(each)
            elif name in _VALUES or name == _EXTENSION:
                fields[name] = each
            elif name not in _PROSE and not name.startswith("x-"):
                fields[name] = self.strip(each, is_map=name in _MAPS)
        return fields


def _hash_prose(text: str) -> str:
    """Return the hash of a description; line breaks are ignored, and a hash is returned unchanged."""
    words = " ".join(text.split())
    return words if _HASH.fullmatch(words) else f"sha256:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def cut_operations(document: Document, is_read: Callable[[Operation], bool]) -> dict[str, Any]:
    """Return the JSON value of a stripped document with some of its operations and the components that they need.

    Args:
        document: a document without prose.
        is_read: returns True for the operations to keep.

    Raises:
        DocumentError: a kept operation is malformed, or refers to another file.
    """
    root = document.root
    schemes: dict[str, None] = {}
    paths: dict[str, Any] = {}
    for operation in filter(is_read, list_operations(document)):
        item = operation.item
        shared = {name: item.get(name) for name in ("parameters", "servers") if item.get(name) is not None}
        paths.setdefault(operation.path, shared)[operation.method.lower()] = operation.node.value
        for requirement in operation.effective("security").elements():
            schemes.update(dict.fromkeys(requirement.mapping()))
    defined = root.child("components", "securitySchemes").mapping()
    used = {name: defined[name] for name in schemes if name in defined}
    kept: dict[str, Any] = {"paths": paths, "components": {"securitySchemes": used} if used else {}}
    moved: dict[str, str] = {}
    for reference, target in find_targets(document, [paths, used]).items():
        if split_reference(reference)[0]:
            raise DocumentError(f"{document.name} refers to another file: {reference!r}. Bundle it first.")
        tokens = parse_pointer(target.pointer)
        if not target.pointer.startswith("/components/") and not _contains(kept, tokens):
            # A part of an operation that is not kept would look like an operation.
            tokens = ["components", "targets", target.pointer]
            moved[reference] = f"#{format_pointer(tokens)}"
        _insert(kept, tokens, target.value)
    stated = {name: root.get(name) for name in ("openapi", "info", "servers", "security") if name in root}
    cut: dict[str, Any] = _move_references({**stated, **kept}, moved, {}) if moved else {**stated, **kept}
    return cut


def find_targets(document: Document, values: list[Any]) -> dict[str, Node]:
    """Return the targets of all references in some values, and in these targets, by reference.

    The target of a reference to another file is the document itself.

    Raises:
        DocumentError: a reference has no target.
    """
    found: dict[str, Node] = {}
    seen: set[int] = set()
    waiting = list(values)
    for value in waiting:
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        waiting.extend(value.values() if isinstance(value, dict) else value)
        for reference in _references_of(document, value):
            if reference not in found:
                is_remote = bool(split_reference(reference)[0])
                target = document.root if is_remote else document.find(reference, Node(document, value))
                found[reference] = target
                if not is_remote:
                    waiting.append(target.value)
    return found


def _references_of(document: Document, value: Any) -> Iterator[str]:
    """Yield the references of an object: its `$ref`, or the schemas that a discriminator names."""
    if not isinstance(value, dict):
        return
    if (reference := reference_of(value)) is not None:
        yield reference
    discriminator = value.get("discriminator")
    mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
    schemas = document.root.child("components", "schemas").mapping()
    for each in mapping.values() if isinstance(mapping, dict) else ():
        if isinstance(each, str):
            yield f"#/components/schemas/{each}" if each in schemas else each


def _contains(value: Any, tokens: list[str]) -> bool:
    """Return True if a pointer has a target in a JSON value."""
    for token in tokens:
        key = find_key(value, token)
        if key is None:
            return False
        value = value[key]
    return True


def _insert(kept: dict[str, Any], tokens: list[str], target: Any) -> None:
    """Add a value at a pointer, unless a value that contains it has been added."""
    node = kept
    for token in tokens[:-1]:
        node = node.setdefault(token, {})
        if not isinstance(node, dict):
            return
    node.setdefault(tokens[-1], target)


def _move_references(value: Any, moved: Mapping[str, str], done: dict[int, Any]) -> Any:
    """Return a copy of a value with other references."""
    if not isinstance(value, dict | list):
        return value
    if id(value) in done:
        return done[id(value)]
    copy: Any = type(value)()
    done[id(value)] = copy
    if isinstance(value, list):
        copy.extend(_move_references(each, moved, done) for each in value)
        return copy
    for name, each in value.items():
        is_moved = name == "$ref" and isinstance(each, str) and each in moved
        copy[name] = moved[each] if is_moved else _move_references(each, moved, done)
    return copy
