"""OpenAPI documents of any origin: read from disk, checked, with references to other files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from onefolio_runtime import find_key, format_pointer, parse_pointer

from .._core.files import open_regular
from .._core.text import count_items
from .decoding import decode_document
from .errors import CircularReferenceError, DocumentError
from .references import follow, reference_of, split_reference

_VERSIONS = ("3.0", "3.1")

_MAX_BYTES = 64 * 2**20
"""Size of a file."""

_TYPE_NAMES: Mapping[type, str] = {type(None): "null", bool: "a boolean", str: "a string", list: "a list"}

_NO_FIELDS: Mapping[str, Any] = {}


@frozen(eq=False)
class Node:
    """A place in a document.

    Args:
        document: the document, or the other file that a reference led to.
        value: the JSON value at the place.
        parent: the place that contains this one; None for the root.
        name: the member name or list index in the parent.
    """

    document: Document
    value: Any
    parent: Node | None = None
    name: str | int = ""

    @property
    def key(self) -> object:
        """A value that identifies the place; objects and lists that YAML aliases share are one place.

        Two documents in memory may share objects, in which references have other targets in each document.
        """
        if isinstance(self.value, (dict, list)) or self.parent is None:
            return id(self.document), id(self.value)
        return id(self.document), id(self.parent.value), self.name

    @property
    def pointer(self) -> str:
        """The JSON pointer of the place, such as `/components/schemas/Account`."""
        path: list[str | int] = []
        node = self
        while node.parent is not None:
            path.append(node.name)
            node = node.parent
        return format_pointer(reversed(path))

    def __str__(self) -> str:
        return f"{self.document.file}#{self.pointer}"

    def __contains__(self, name: object) -> bool:
        value = self.value
        return name in (value if isinstance(value, dict) else self.mapping())

    def get(self, name: str) -> Any:
        """Return the value of a field, or None if it is absent."""
        value = self.value
        return (value if isinstance(value, dict) else self.mapping()).get(name)

    def mapping(self) -> Mapping[str, Any]:
        """Return the value as an object; null, which an empty YAML value is, is an empty object.

        Raises:
            DocumentError: the value has another type.
        """
        if isinstance(self.value, dict):
            return self.value
        return _NO_FIELDS if self.value is None else self.fail("an object")

    def child(self, *names: str | int) -> Node:
        """Return the node at a path below this one. The value of an absent field is None."""
        node = self
        for name in names:
            value = node.value[name] if isinstance(name, int) else node.mapping().get(name)
            node = Node(node.document, value, node, name)
        return node

    def fields(self, name: str) -> Iterator[tuple[str, Node]]:
        """Yield the names and nodes of the object in a field; nothing if the field is absent."""
        if self.get(name) is None:
            return
        parent = self.child(name)
        for each, value in parent.mapping().items():
            yield each, Node(self.document, value, parent, each)

    def elements(self) -> list[Node]:
        """Return the nodes of a list; null is an empty list.

        Raises:
            DocumentError: the value has another type.
        """
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fail("a list")
        return [Node(self.document, value, self, index) for index, value in enumerate(self.value)]

    def items(self, name: str) -> list[Node]:
        """Return the nodes of the list in a field; nothing if the field is absent."""
        return [] if self.get(name) is None else self.child(name).elements()

    def strings(self, name: str) -> list[str]:
        """Return the list of strings in a field; nothing if the field is absent."""
        return [each.value if isinstance(each.value, str) else each.fail("a string") for each in self.items(name)]

    def targets(self) -> Iterator[Node]:
        """Yield this node, then the target of its reference, and so on until a node that is not a reference.

        Raises:
            DocumentError: a reference has no target, is remote, or is part of a cycle.
        """
        try:
            yield from follow(self, _find_target, _key)
        except CircularReferenceError:
            raise DocumentError(f"{self.document.name}: the references at {self} form a cycle") from None

    def resolve(self) -> Node:
        """Return the target of the node's reference, or the node itself if it is not a reference.

        Raises:
            DocumentError: a reference has no target, is remote, or is part of a cycle.
        """
        target = self
        if reference_of(self.value) is not None:
            *_, target = self.targets()
        return target

    def fail(self, expected: str) -> NoReturn:
        """Raise the error of a place that does not contain the expected kind of value."""
        found = "" if isinstance(self.value, dict) else f", found {_TYPE_NAMES.get(type(self.value), 'a number')}"
        raise DocumentError(f"{self.document.name}: expected {expected} at {self}{found}")


def _key(node: Node) -> object:
    return node.key


def _find_target(node: Node) -> Node | None:
    reference = reference_of(node.value)
    return None if reference is None else node.document.find(reference, node)


@frozen(eq=False)
class Document:
    """An OpenAPI document, or another file that one refers to.

    Args:
        name: the name that the user gave, for messages.
        value: the JSON value.
        path: the path, for references to other files; None if the document was not read from disk.
        file: the prefix of pointers: empty, or the relative path of another file.
        files: the files that were read so far, by path.
    """

    name: str
    value: Any = field(repr=count_items)
    path: Path | None = None
    file: str = ""
    files: dict[Path, Document] = field(factory=dict, repr=False)
    _targets: dict[str, Node] = field(factory=dict, repr=False, init=False)

    @cached_property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, self.value)

    def find(self, reference: str, origin: Node) -> Node:
        """Return the target of a reference.

        Args:
            reference: the `$ref`.
            origin: the node that contains it, for messages.

        Raises:
            DocumentError: the reference has no target, is remote, or is not a JSON pointer.
        """
        target = self._targets.get(reference)
        if target is None:
            target = self._targets[reference] = self._find(reference, f"{self.name}: $ref {reference!r} at {origin}")
        return target

    def _find(self, reference: str, subject: str) -> Node:
        url, fragment = split_reference(reference)
        node = (self._open(url, subject) if url else self).root
        try:
            tokens = parse_pointer(fragment)
        except ValueError:
            raise DocumentError(f"{subject} is not a JSON pointer. Bundle the document first.") from None
        for token in tokens:
            key = find_key(node.value, token)
            if key is None:
                raise DocumentError(f"{subject} has no target")
            node = node.child(key)
        return node

    def _open(self, url: str, subject: str) -> Document:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            raise DocumentError(f"{subject} is remote, and nothing is fetched. Bundle the document first.")
        if self.path is None:
            raise DocumentError(f"{subject} is in another file, and the document has no path. Bundle it first.")
        path = (self.path.parent / unquote(url)).resolve()
        if path not in self.files:
            value = _decode(_read(path, subject), path, self.name)
            self.files[path] = Document(self.name, value, path, unquote(url), self.files)
        return self.files[path]


def read_document(path: str | os.PathLike[str]) -> Document:
    """Return the OpenAPI document in a file.

    Raises:
        DocumentError: the file cannot be read, or is not an OpenAPI 3.0 or 3.1 document.
        ConfigurationError: the document is YAML and PyYAML is not installed.
    """
    name, absolute = os.fspath(path), Path(path).resolve()
    document = Document(name, _decode(_read(Path(path), name), Path(path), name), absolute)
    document.files[absolute] = document
    _check_version(document)
    return document


def make_document(value: Mapping[str, Any], name: str) -> Document:
    """Return the OpenAPI document with a given JSON value.

    Raises:
        DocumentError: the value is not an OpenAPI 3.0 or 3.1 document.
    """
    document = Document(name, dict(value))
    _check_version(document)
    return document


def _check_version(document: Document) -> None:
    name, value = document.name, document.value
    if not isinstance(value, dict):
        raise DocumentError(f"{name} is not an OpenAPI document: the top level is not an object")
    if "swagger" in value:
        raise DocumentError(f"{name} is Swagger {value['swagger']}. Convert it to OpenAPI 3.0 or 3.1 first.")
    version = value.get("openapi")
    if not isinstance(version, str):
        raise DocumentError(f"{name} is not an OpenAPI document: the field openapi with the version is missing")
    if ".".join(version.split(".")[:2]) not in _VERSIONS:
        raise DocumentError(f"{name} is OpenAPI {version[:20]}; supported versions: {', '.join(_VERSIONS)}")


def _read(path: Path, subject: str) -> str:
    """Return the content of a file; the subject begins the error messages."""
    shown = "" if subject == str(path) else f" {path}"
    try:
        if path.exists() and not path.is_file():
            raise DocumentError(f"{subject}:{shown or ' this'} is not a file")
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise DocumentError(f"{subject}:{shown or ' this'} is larger than {_MAX_BYTES // 2**20} MiB")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DocumentError(f"{subject}: cannot read{shown}: the encoding is not UTF-8") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DocumentError(f"{subject}: cannot read{shown}: {reason}") from None


def _decode(content: str, path: Path, name: str) -> Any:
    shown = name if str(path) == name else f"{name}, {path.name}"
    return decode_document(content, is_json=path.suffix == ".json", name=shown)
