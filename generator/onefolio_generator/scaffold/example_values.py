"""A value that a curated schema allows, made up where the published document shows none."""

from __future__ import annotations

import re
from typing import Any

from .field_matching import plain
from .normalize import Published, Schema

_DEEPEST = 8
_TEXTS = {
    "currency": "USD",
    "currencycode": "USD",
    "ccy": "USD",
    "asset": "USD",
    "country": "US",
    "symbol": "ACME",
    "ticker": "ACME",
}
_QUANTITY = re.compile(r"(qty|quantity|units|shares|size|contracts)")
_RATIO = re.compile(r"(ratio|percent|pct|rate|plpc)")
_PRICE = re.compile(r"(price|averagecost|avgcost|mark|last)")
_ID = re.compile(r"(id|uuid|number|no|ref|key|isin|cusip|figi)$")
_DIGITS = re.compile(r"-?[0-9]{1,78}(\.[0-9]{1,38})?")
_UUID = "0f8fad5b-d9cb-469f-a165-70867728{:04d}"


def sample(published: Published, schema: Schema, name: str = "", number: int = 1, depth: int = 0) -> Any:
    """Return a value for a field of this name; `number` tells one row from another."""
    target = published.target(schema)
    shown = next(iter(schema.get("examples") or target.get("examples") or []), None)
    match target:
        case {"anyOf": [{"enum": [word, *_]}, *_]}:
            return word
        case {"anyOf": [{"format": "decimal"}, *_]}:
            return _figure(name)
        case {"properties": dict(fields)}:
            needed = target.get("required", [])
            wanted = {each: inner for each, inner in fields.items() if depth < _DEEPEST or each in needed}
            return {each: sample(published, inner, each, number, depth + 1) for each, inner in wanted.items()}
        case {"type": "object"} | {"type": "null"}:
            return {} if target["type"] == "object" else None
        case {"items": items}:
            several = (1, 2) if "properties" in published.target(items) else (1,)
            return [sample(published, items, name, each, depth + 1) for each in several] if depth < _DEEPEST else []
        case {"format": "decimal"}:
            return shown if isinstance(shown, str) and _DIGITS.fullmatch(shown) else _figure(name)
        case {"type": "number"}:
            return shown if isinstance(shown, (int, float)) else float(_figure(name))
        case {"type": "integer", "minimum": low, "maximum": high}:
            usual = 1000 + number if _ID.search(plain(name)) else 1
            return max(low, min(high, shown if type(shown) is int else usual))
        case {"type": "boolean"}:
            return False
        case {"type": "string"}:
            return _string(target.get("format"), shown, plain(name), number)
    return None


def _figure(name: str) -> str:
    key = plain(name)
    for pattern, figure in ((_QUANTITY, "10"), (_RATIO, "0.05"), (_PRICE, "25.50")):
        if pattern.search(key):
            return figure
    return "255.25"


def _string(kind: str | None, shown: Any, key: str, number: int) -> str:
    match kind:
        case "date":
            return "2024-01-15"
        case "date-time":
            return "2024-01-15T09:30:00Z"
        case "uuid":
            return _UUID.format(number)
    if _ID.search(key):
        return f"{shown}-{number:08}" if isinstance(shown, str) and shown else f"{key}-{number:08}"
    if isinstance(shown, str) and shown:
        return shown
    return _TEXTS.get(key, key or "text")
