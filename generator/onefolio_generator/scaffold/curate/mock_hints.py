"""`x-mock` hints, by which the mock makes many rows from the row of an example."""

from __future__ import annotations

from ..field_matching import FieldMatch
from ..schemas import DECIMAL, Components, Schema, without_null
from ..select_operations import SelectedOperation

_IDENTIFIERS = ("id", "number", "holder_id", "instrument_id")
_LABELS = {"name": "label", "symbol": "symbol"}
_UNSCALED = ("average_price", "price", "unrealized_pnl_ratio")
"""Numbers that do not grow with the quantity."""


def add_hints(components: Components, selected: SelectedOperation) -> None:
    """Add the hints of an operation to the schemas of its row and its response."""
    row = selected.rows.schema
    _make_decimals(components, row, selected.matches)
    for each in selected.matches:
        schema = components.property_at(row, each.native.path)
        if "$ref" not in schema and each.field in _IDENTIFIERS:
            schema["x-mock"] = "sequence"
        elif "$ref" not in schema and each.field in _LABELS:
            schema["x-mock"] = _LABELS[each.field]
    _add_scale(components, row, selected.matches)
    _add_paging_hints(components, selected)


def add_scale_hints(components: Components, row: Schema, matches: list[FieldMatch]) -> None:
    """Add the hints of numbers alone."""
    _make_decimals(components, row, matches)
    _add_scale(components, row, matches)


def _make_decimals(components: Components, row: Schema, matches: list[FieldMatch]) -> None:
    """Make decimals of the numbers that are published as plain strings."""
    for each in matches:
        inner = without_null(components.property_at(row, each.native.path))
        if each.kind == "number" and inner.get("type") == "string":
            inner |= DECIMAL
            each.native.schema.update(inner)


def _add_scale(components: Components, row: Schema, matches: list[FieldMatch]) -> None:
    for each in matches:
        if each.kind == "number" and each.field not in _UNSCALED:
            components.property_at(row, each.native.path)["x-mock"] = "scale"


def _add_paging_hints(components: Components, selected: SelectedOperation) -> None:
    paging = selected.paging
    if paging is None:
        return
    if paging.last:
        components.property_at(selected.rows.schema, (paging.last,))["x-mock"] = "sequence"
    hints = {paging.total: "total-items", paging.pages: "total-pages", paging.more: "has-more"}
    for path, hint in hints.items():
        if path is not None:
            components.property_at(selected.response, path)["x-mock"] = hint
    if paging.next is None:
        return
    schema = components.property_at(selected.response, paging.next)
    if not components.is_nullable(schema):
        _make_nullable(schema)
    is_integer = without_null(schema).get("type") == "integer"
    schema["x-mock"] = "next-address" if paging.by == "address" else "next-position" if is_integer else "next-token"


def _make_nullable(schema: Schema) -> None:
    """Make a field nullable, in place: without a next page, the mock sends null."""
    inner = {key: value for key, value in schema.items() if key not in ("description", "deprecated")}
    for key in inner:
        del schema[key]
    schema["anyOf"] = [inner, {"type": "null"}]
