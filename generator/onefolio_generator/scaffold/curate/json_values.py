"""Access to values within a JSON body by their paths."""

from __future__ import annotations

from typing import Any

from ..schemas import FieldPath


def get_value(body: Any, path: FieldPath) -> Any:
    """Return the value at a path; None if the path leads nowhere."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body


def set_value(body: Any, path: FieldPath, value: Any) -> None:
    """Set the value at a path; do nothing if its parent is no object."""
    parent = get_value(body, path[:-1])
    if isinstance(parent, dict):
        parent[path[-1]] = value


def copy_value(value: Any) -> Any:
    """Return a deep copy in which no two places share an object, unlike in a document with YAML aliases."""
    if isinstance(value, dict):
        return {name: copy_value(item) for name, item in value.items()}
    return [copy_value(item) for item in value] if isinstance(value, list) else value
