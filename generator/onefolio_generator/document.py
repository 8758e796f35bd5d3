"""Reading of OpenAPI documents from one or several files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError


class DocumentError(Exception):
    """A document, or an argument beside it, from which nothing can be generated. The message gives the reason."""


class _JsonConstructor(SafeConstructor):
    """Constructs JSON values only: an unquoted date stays a string."""


_JsonConstructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_document(path: Path) -> dict[str, Any]:
    """Return the OpenAPI document at `path`, with references to other files replaced by their contents.

    Raises:
        DocumentError: a file is missing, is neither YAML nor JSON, or refers to itself; or the document is no object.
    """
    document = _inline_files(_load(path), (path,))
    if not isinstance(document, dict):
        raise DocumentError(f"{path}: the document is {type(document).__name__}, not an object. Pass an OpenAPI file.")
    return document


def _load(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _JsonConstructor
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.load(text)
    except (OSError, ValueError, YAMLError) as error:
        raise DocumentError(f"{path}: {error}") from error


def _inline_files(node: Any, chain: tuple[Path, ...]) -> Any:
    """Replace references to other files; `chain` lists the files from the first one to the node's own."""
    if isinstance(node, list):
        return [_inline_files(item, chain) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        other = chain[-1].parent / reference
        if other.resolve() in [path.resolve() for path in chain]:
            raise DocumentError(f"{chain[-1]}: $ref {reference} leads back to this file. Use a local $ref instead.")
        return _inline_files(_load(other), (*chain, other))
    return {name: _inline_files(item, chain) for name, item in node.items()}
