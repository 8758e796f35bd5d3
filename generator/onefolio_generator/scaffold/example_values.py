"""Example values for curated schemas, for responses without a published example."""

from __future__ import annotations

import re
from typing import Any

from .field_names import fold_name
from .schemas import Components, Schema

_MAX_DEPTH = 8
_STRINGS = {
    "currency": "USD",
    "currencycode": "USD",
    "ccy": "USD",
    "asset": "USD",
    "country": "US",
    "symbol": "ACME",
    "ticker": "ACME",
}
_NUMBERS = (
    (re.compile(r"(qty|quantity|units|shares|size|contracts)"), "10"),
    (re.compile(r"(ratio|percent|pct|rate|plpc)"), "0.05"),
    (re.compile(r"(price|averagecost|avgcost|mark|last)"), "25.50"),
)
_OTHER_NUMBER = "255.25"
_IDENTIFIER = re.compile(r"(id|uuid|number|no|ref|key|isin|cusip|figi)$")
_DECIMAL = re.compile(r"-?[0-9]{1,78}(\.[0-9]{1,38})?")
_UUID = "0f8fad5b-d9cb-469f-a165-70867728{:04d}"


def make_example(components: Components, schema: Schema, name: str = "", number: int = 1, depth: int = 0) -> Any:
    """Return a value that a schema admits.

    Args:
        components: the components that the schema refers to.
        schema: a curated schema.
        name: the name of its field, which decides between strings and between numbers.
        number: the number of its row, so that rows have different identifiers.
        depth: the number of objects and lists around it.
    """
    target = components.target(schema)
    published = next(iter(schema.get("examples") or target.get("examples") or []), None)
    match target:
        case {"anyOf": [{"enum": [value, *_]}, *_]}:
            return value
        case {"anyOf": [{"format": "decimal"}, *_]}:
            return _make_decimal(name)
        case {"properties": dict()}:
            return _make_object(components, target, number, depth)
        case {"type": "object"}:
            return {}
        case {"items": items}:
            numbers = (1, 2) if "properties" in components.target(items) else (1,)
            return [make_example(components, items, name, each, depth + 1) for each in numbers if depth < _MAX_DEPTH]
        case {"format": "decimal"}:
            is_decimal = isinstance(published, str) and _DECIMAL.fullmatch(published)
            return published if is_decimal else _make_decimal(name)
        case {"type": "number"}:
            return published if isinstance(published, (int, float)) else float(_make_decimal(name))
        case {"type": "integer", "minimum": low, "maximum": high}:
            usual = 1000 + number if _IDENTIFIER.search(fold_name(name)) else 1
            return max(low, min(high, published if type(published) is int else usual))
        case {"type": "boolean"}:
            return False
        case {"type": "string"}:
            return _make_string(target.get("format"), published, fold_name(name), number)
    return None


def _make_object(components: Components, target: Schema, number: int, depth: int) -> dict[str, Any]:
    required = target.get("required", [])
    return {
        name: make_example(components, inner, name, number, depth + 1)
        for name, inner in target["properties"].items()
        if depth < _MAX_DEPTH or name in required
    }


def _make_decimal(name: str) -> str:
    folded = fold_name(name)
    return next((value for pattern, value in _NUMBERS if pattern.search(folded)), _OTHER_NUMBER)


def _make_string(string_format: str | None, published: Any, folded: str, number: int) -> str:
    match string_format:
        case "date":
            return "2024-01-15"
        case "date-time":
            return "2024-01-15T09:30:00Z"
        case "uuid":
            return _UUID.format(number)
    prefix = published if isinstance(published, str) else ""
    if _IDENTIFIER.search(folded):
        return f"{prefix or folded}-{number:08}"
    return prefix or _STRINGS.get(folded, folded or "text")
