"""Reading of OpenAPI documents from one or several files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer, MaxDepthExceededError
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent
from ruamel.yaml.nodes import CollectionNode

_MAX_BYTES = 64 * 2**20
"""Size of a file."""

_MAX_DEPTH = 100
"""Levels of nesting. Several recursive functions, each with several frames for a level, read a document."""

_MAX_ALIASED = 500_000
"""Values that the aliases of a file repeat; a few hundred bytes expand to billions."""

_MAX_INLINED = 1_000_000
"""Values that references to other files insert; files may refer to one file many times."""


class DocumentError(Exception):
    """A document, or an argument beside it, from which nothing can be generated. The message gives the reason."""


class _JsonConstructor(SafeConstructor):
    """Constructs JSON values only: an unquoted date stays a string."""


_JsonConstructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


class _BoundedComposer(Composer):
    """Counts the values that aliases repeat, and refuses aliases inside of the value that they repeat."""

    values = aliased = 0

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self._extents: dict[int, tuple[int, int]] = {}
        self._levels = [0]

    def compose_node(self, parent: Any, index: Any) -> Any:
        is_alias = self.parser.check_event(AliasEvent)
        before = self.values
        self._levels.append(0)
        if not is_alias:
            self.values += 1
        node = super().compose_node(parent, index)
        below = self._levels.pop()
        if is_alias:
            if id(node) not in self._extents:
                raise ValueError("an alias is inside of the value that it repeats")
            repeated, below = self._extents[id(node)]
            self.values += repeated
            self.aliased += repeated
            if self.aliased > _MAX_ALIASED:
                raise ValueError(f"its aliases repeat more than {_MAX_ALIASED} values")
        else:
            below += isinstance(node, CollectionNode)
            self._extents[id(node)] = self.values - before, below
        self._levels[-1] = max(self._levels[-1], below)
        if len(self._levels) + below > _MAX_DEPTH:
            raise RecursionError
        return node


def read_document(path: Path) -> dict[str, Any]:
    """Return the OpenAPI document at `path`, with references to other files replaced by their contents.

    Raises:
        DocumentError: a file is missing, is neither YAML nor JSON, refers to itself or exceeds a limit; or the document
            is no object.
    """
    try:
        document = _Inliner().inline(_load(path), (path.resolve(),))
    except RecursionError:
        raise DocumentError(f"{path}: the document is nested in more than {_MAX_DEPTH} levels") from None
    if not isinstance(document, dict):
        raise DocumentError(f"{path}: the document is {type(document).__name__}, not an object. Pass an OpenAPI file.")
    return document


def _load(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer, yaml.Constructor, yaml.max_depth = _BoundedComposer, _JsonConstructor, _MAX_DEPTH
    try:
        text = _read(path)
        return json.loads(text) if path.suffix == ".json" else yaml.load(text)
    except MaxDepthExceededError:
        raise RecursionError from None
    except (OSError, ValueError, YAMLError) as error:
        raise DocumentError(f"{path}: {error}") from error


def _read(path: Path) -> str:
    # A pipe or a device could block for ever, or have no end.
    if path.exists() and not path.is_file():
        raise DocumentError(f"{path} is not a regular file")
    with path.open("rb") as file:
        content = file.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise DocumentError(f"{path} is larger than {_MAX_BYTES // 2**20} MiB")
    return content.decode()


class _Inliner:
    """Replaces references to other files by their contents."""

    def __init__(self) -> None:
        self._inlined = 0
        self._files: dict[tuple[Path, str], tuple[Path, Any]] = {}

    def _open(self, origin: Path, reference: str) -> tuple[Path, Any]:
        """Return the resolved path of the file that another one refers to, and its value."""
        if (origin, reference) not in self._files:
            path = origin.parent / reference
            self._files[origin, reference] = path.resolve(), _load(path)
        return self._files[origin, reference]

    def inline(self, node: Any, chain: tuple[Path, ...]) -> Any:
        """Return a copy of a node; `chain` lists the resolved files from the first one to its own."""
        self._inlined += len(chain) > 1
        if self._inlined > _MAX_INLINED:
            raise DocumentError(f"{chain[0]}: references to other files insert more than {_MAX_INLINED} values")
        if isinstance(node, list):
            return [self.inline(item, chain) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            other, value = self._open(chain[-1], reference)
            if other in chain:
                raise DocumentError(f"{chain[-1]}: $ref {reference} leads back to this file. Use a local $ref instead.")
            return self.inline(value, (*chain, other))
        return {name: self.inline(item, chain) for name, item in node.items()}
