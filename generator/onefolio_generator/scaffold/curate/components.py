"""The components section of a curated spec."""

from __future__ import annotations

from typing import Any

from ...references import component_reference, find_component_names
from ..schemas import DECIMAL, Components, Schema

_DECIMAL_NAME = "ExactDecimal"


def collect_components(components: Components, document: Schema) -> Schema:
    """Return the schemas that a document needs, sorted by name, with a component for decimal strings."""
    return _extract_decimals(_find_needed(components, document))


def _find_needed(components: Components, document: Schema) -> Schema:
    needed: Schema = {}
    pending = list(find_component_names(document))
    while pending:
        name = pending.pop()
        if name not in needed:
            needed[name] = components.by_name[name]
            pending += find_component_names(needed[name])
    return dict(sorted(needed.items()))


def _extract_decimals(schemas: Schema) -> Schema:
    name = _DECIMAL_NAME
    while name in schemas:
        name += "2"
    extracted: Schema = _replace_decimals(schemas, name)
    if name in find_component_names(extracted):
        extracted[name] = {"description": "An exact number.", **DECIMAL}
    return dict(sorted(extracted.items()))


def _replace_decimals(node: Any, name: str) -> Any:
    match node:
        case {"type": "string", "format": "decimal", **rest}:
            kept = {key: value for key, value in rest.items() if key in ("description", "x-mock")}
            return {**component_reference(name), **kept}
        case dict():
            return {key: _replace_decimals(item, name) for key, item in node.items()}
        case list():
            return [_replace_decimals(item, name) for item in node]
    return node
