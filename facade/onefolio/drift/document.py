"""OpenAPI documents as they are on disk: read, checked for what they are, their references followed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from .._core.errors import ComparisonError
from .._core.extras import require_extra
from .._core.strict_json import reject_duplicate_names
from ..providers.registry import known

_VERSIONS = ("3.0", "3.1")

_KINDS: Mapping[type, str] = {type(None): "nothing", bool: "true or false", str: "a text", list: "a list"}

_DEPTH = 500
"""Levels of nesting that YAML may have."""


@frozen(eq=False)
class Node:
    """A place in a document.

    Args:
        document: the document, or the other file of it that a reference led to.
        pointer: the JSON pointer of the place, such as `/components/schemas/Account`.
        value: what is there.
    """

    document: Document
    pointer: str
    value: Any

    @property
    def key(self) -> object:
        """What tells this place from every other; one that YAML aliases share is one place."""
        return id(self.value) if isinstance(self.value, (dict, list)) else (id(self.document), self.pointer)

    def __str__(self) -> str:
        return f"{self.document.prefix}#{self.pointer}"

    def __contains__(self, name: str) -> bool:
        return name in self.mapping()

    def get(self, name: str) -> Any:
        """Return the plain value of a field, None where it is absent."""
        return self.mapping().get(name)

    def mapping(self) -> Mapping[str, Any]:
        """Return the value as the object that it has to be; an empty YAML value is an empty one."""
        if self.value is None:
            return {}
        return self.value if isinstance(self.value, dict) else self.fail("an object")

    def child(self, *names: str | int) -> Node:
        """Return the node below this one; its value is None where nothing is there."""
        node = self
        for name in names:
            value = node.value[name] if isinstance(name, int) else node.mapping().get(name)
            node = Node(node.document, f"{node.pointer}/{_escaped(str(name))}", value)
        return node

    def fields(self, name: str) -> Iterator[tuple[str, Node]]:
        """Yield the names and nodes of the object under `name`; none where it is absent."""
        parent = self.child(name)
        for each in parent.mapping():
            yield each, parent.child(each)

    def listed(self) -> list[Node]:
        """Return the nodes of the list that this one has to be; none where nothing is there."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fail("a list")
        return [self.child(index) for index in range(len(self.value))]

    def items(self, name: str) -> list[Node]:
        """Return the nodes of the list under `name`; none where it is absent."""
        return self.child(name).listed()

    def texts(self, name: str) -> list[str]:
        """Return the list of texts under `name`; none where it is absent."""
        found = self.items(name)
        return [each.value if isinstance(each.value, str) else each.fail("a text") for each in found]

    def resolved(self) -> Node:
        """Return what a node stands for: itself, or what its `$ref` leads to.

        Raises:
            ComparisonError: the reference leads nowhere, in a circle, or off this machine.
        """
        node, seen = self, set[object]()
        while isinstance(node.value, dict) and isinstance(reference := node.value.get("$ref"), str):
            if node.key in seen:
                raise ComparisonError(f"{self.document.name}: the $ref at {self} goes in a circle")
            seen.add(node.key)
            node = node.document.follow(reference, node)
        return node

    def fail(self, wanted: str) -> NoReturn:
        """Raise the error of a place that holds something else than it has to."""
        came = "" if isinstance(self.value, dict) else f", not {_KINDS.get(type(self.value), 'a number')}"
        raise ComparisonError(f"{self.document.name}: at {self} there has to be {wanted}{came}")


@frozen(eq=False)
class Document:
    """An OpenAPI document, or another file that one refers to.

    Args:
        name: what the user calls it.
        value: its content.
        version: the OpenAPI version, `"3.0"` or `"3.1"`.
        path: where it is, for references to other files; None where it has no place.
        prefix: what stands before its pointers: nothing, or the other file's name.
        files: the other files read so far, by path.
    """

    name: str
    value: Any
    version: str
    path: Path | None = None
    prefix: str = ""
    files: dict[Path, Document] = field(factory=dict, repr=False)

    @property
    def root(self) -> Node:
        """The whole document."""
        return Node(self, "", self.value)

    def follow(self, reference: str, origin: Node) -> Node:
        """Return where a reference leads.

        Raises:
            ComparisonError: it leads nowhere, or off this machine.
        """
        where, _, fragment = reference.partition("#")
        node = (self._file(where, reference, origin) if where else self).root
        steps = unquote(fragment).split("/")
        if steps[0]:
            raise ComparisonError(
                f"{self.name}: the $ref {reference!r} at {origin} is no JSON pointer; bundle it first"
            )
        for step in steps[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(node.value, list) and name.isdecimal() and int(name) < len(node.value):
                node = node.child(int(name))
            elif isinstance(node.value, dict) and name in node.value:
                node = node.child(name)
            else:
                raise ComparisonError(f"{self.name}: the $ref {reference!r} at {origin} leads nowhere")
        return node

    def _file(self, where: str, reference: str, origin: Node) -> Document:
        parts = urlsplit(where)
        if parts.scheme or parts.netloc:
            raise ComparisonError(
                f"{self.name}: the $ref {reference!r} at {origin} is elsewhere, and nothing is fetched; "
                "bundle the document first"
            )
        if self.path is None:
            raise ComparisonError(f"{self.name}: the $ref {reference!r} at {origin} leads to another file of no folder")
        path = (self.path.parent / unquote(where)).resolve()
        if path not in self.files:
            self.files[path] = Document(
                self.name, _parse(_read(path, f"{self.name}: the $ref {reference!r} at {origin}"), path, self.name),
                self.version, path, unquote(where), self.files,
            )  # fmt: skip
        return self.files[path]


def open_document(source: str | os.PathLike[str] | Mapping[str, Any]) -> Document:
    """Return the OpenAPI document at a path, of a provider's name, or given as it is.

    Raises:
        ComparisonError: it cannot be read, or is no OpenAPI 3.0 or 3.1 document.
    """
    path: Path | None = None
    if isinstance(source, Mapping):
        name, value = "the document", dict(source)
    elif isinstance(source, str) and source in known():
        name, value = f"the curated spec of {source}", known()[source].contract.spec
    else:
        path, name = Path(source), os.fspath(source)
        if not path.exists():
            raise ComparisonError(f"{name} is no file, and no provider either (these are {', '.join(known())})")
        value = _parse(_read(path, name), path, name)
    document = Document(name, value, _version(name, value), path and path.resolve())
    document.files.update({document.path: document} if document.path else {})
    return document


def canonical(value: Any) -> str:
    """Return a JSON value as text: equal texts are equal values, whatever the order of names or form of numbers.

    Raises:
        ComparisonError: it goes in a circle, or too deep.
    """
    try:
        return _canonical(value)
    except RecursionError:
        raise ComparisonError("a value is nested too deep, or in a circle of YAML aliases") from None


def wording(value: Any) -> str:
    """Return what is said to a person as canonical text, however its lines are broken."""
    return canonical(" ".join(value.split()) if isinstance(value, str) else value)


def _canonical(value: Any) -> str:
    match value:
        case dict():
            pairs = sorted((str(name), _canonical(item)) for name, item in value.items())
            return "{" + ",".join(f"{json.dumps(name)}:{item}" for name, item in pairs) + "}"
        case list():
            return "[" + ",".join(map(_canonical, value)) + "]"
        case bool() | None | str():
            return json.dumps(value, ensure_ascii=False)
        case _:
            number = Decimal(str(value))
            return str(number.normalize()) if number else "0"


def _version(name: str, value: Any) -> str:
    if not isinstance(value, dict):
        raise ComparisonError(f"{name} is no OpenAPI document: there is no object at its top")
    if "swagger" in value:
        raise ComparisonError(f"{name} is Swagger {value['swagger']}, not OpenAPI 3.0 or 3.1; convert it first")
    stated = value.get("openapi")
    if not isinstance(stated, str):
        raise ComparisonError(f"{name} is no OpenAPI document: it has no field `openapi` with its version")
    version = ".".join(stated.split(".")[:2])
    if version not in _VERSIONS:
        raise ComparisonError(f"{name} is OpenAPI {stated[:20]}; only {' and '.join(_VERSIONS)} can be compared")
    return version


def _read(path: Path, what: str) -> str:
    try:
        if path.exists() and not path.is_file():
            raise ComparisonError(f"{what}: {'this' if what == str(path) else path} is no file")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ComparisonError(f"{what}: {path} is no UTF-8 text") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ComparisonError(f"{what} cannot be read: {reason}") from None


def _parse(text: str, path: Path, name: str) -> Any:
    where = name if str(path) == name else f"{name}, {path.name}"
    try:
        if path.suffix == ".json" or text.lstrip()[:1] == "{":
            return json.loads(
                text, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=reject_duplicate_names
            )
        return _from_yaml(text)
    except RecursionError:
        raise ComparisonError(f"{where} is nested too deep") from None
    except ValueError as error:
        raise ComparisonError(f"{where} is neither JSON nor YAML: {' '.join(str(error).split())}") from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON value")


def _from_yaml(text: str) -> Any:
    with require_extra("drift", "reading YAML"):
        import yaml  # type: ignore[import-untyped]  # it has no types of its own
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_yaml_loader()):  # loading is a recursion in C: too deep ends the process
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEPTH:
                    raise RecursionError
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
        return yaml.load(text, Loader=_yaml_loader())  # noqa: S506  # a safe loader, with fewer types still
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


@cache
def _yaml_loader() -> Any:
    """Return a loader of YAML as the JSON that OpenAPI documents are: names are texts, `no` and dates too."""
    import re

    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # one of two at run time
        yaml_implicit_resolvers: dict[str, Any] = {}

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002  # PyYAML's
            if not isinstance(node, yaml.MappingNode):
                return dict(super().construct_mapping(node, deep=deep))
            own = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            reject_duplicate_names([(name, None) for name in own])
            self.flatten_mapping(node)
            return {str(key.value): self.construct_object(value, deep=deep) for key, value in node.value}

        def construct_number(self, node: Any) -> int | Decimal:
            return int(node.value) if re.fullmatch(r"[-+]?\d+", node.value) else Decimal(node.value)

    core = {
        "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
        "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
        "float": (r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+0123456789.")),
        "merge": (r"<<", ["<"]),
    }
    for kind, (pattern, first) in core.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(rf"(?:{pattern})\Z"), first)
    Loader.add_constructor("tag:yaml.org,2002:float", Loader.construct_number)
    return Loader


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
