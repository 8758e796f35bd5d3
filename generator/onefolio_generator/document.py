"""A spec read from its files into one document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError


class DocumentError(Exception):
    """A spec that cannot be turned into a client, and why."""


class _Json(SafeConstructor):
    """YAML read as the JSON that OpenAPI documents are: an unquoted date stays the text it is."""


_Json.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def read_document(path: Path) -> dict[str, Any]:
    """Return the OpenAPI document at `path`, references to other files put in their place.

    Raises:
        DocumentError: a file is missing, or is not YAML or JSON.
    """
    return cast("dict[str, Any]", _inline(_load(path), path))


def _load(path: Path) -> Any:
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Json
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.load(text)
    except (OSError, ValueError, YAMLError) as error:
        raise DocumentError(f"{path}: {error}") from error


def _inline(node: Any, path: Path) -> Any:
    if isinstance(node, list):
        return [_inline(item, path) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        other = path.parent / reference
        return _inline(_load(other), other)
    return {name: _inline(item, path) for name, item in node.items()}


def resolve(document: dict[str, Any], node: Any) -> Any:
    """Return what a node stands for: itself, or what its local `$ref` points to."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node
