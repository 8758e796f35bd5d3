"""Example bodies of the selected operations."""

from __future__ import annotations

import re
from typing import Any

import jsonschema_rs

from ..example_values import make_example
from ..field_names import fold_name
from ..schemas import Components, enum_values, without_null
from ..select_operations import SelectedOperation
from .errors import WRAPPERS
from .json_values import copy_value, get_value, set_value

_VARIED_FIELDS = ("name", "symbol", "asset")
"""Unified fields whose values differ from row to row."""


def add_examples(components: Components, selected: SelectedOperation, examples: dict[str, Any]) -> list[str]:
    """Add the examples of an operation's response to `examples` and return their names; the first is a last page."""
    capability = selected.capability
    made = _make_last_page(selected, _make_response(components, selected))
    added: dict[str, Any] = {capability: made}
    if selected.operation.example is not None:
        published = _make_last_page(selected, selected.operation.example)
        if _is_usable(components, selected, published):
            added = {capability: published, f"{capability}-made-up": made}
        else:
            selected.notes.append(
                f"`{selected.operation.id}`: the published example does not match its own schema and is not used"
            )
    paging = selected.paging
    if paging is not None and paging.by == "token" and paging.next is not None:
        more = _make_response(components, selected)
        schema = without_null(components.property_at(selected.response, paging.next))
        set_value(more, paging.next, 2 if schema.get("type") == "integer" else "next")
        added[f"{capability}-more"] = more
    examples.update(added)
    return list(added)


def _make_response(components: Components, selected: SelectedOperation) -> Any:
    """Return a successful response made from the schema, in which a second row has a name, symbol and asset of its own.

    The mock multiplies the rows of an example; without such differences they would look like duplicates.
    """
    body = make_example(components, selected.response)
    _remove_errors(components, selected, body)
    rows = get_value(body, selected.rows.path)
    varied = [each for each in selected.matches if each.field in _VARIED_FIELDS and not enum_values(each.native.schema)]
    for number, row in enumerate(rows[1:] if isinstance(rows, list) else [], 2):
        for each in varied:
            value = get_value(row, each.native.path)
            if isinstance(value, str):
                set_value(row, each.native.path, "EUR" if each.field == "asset" else f"{value}-{number}")
    return body


def _remove_errors(components: Components, selected: SelectedOperation, body: Any) -> None:
    target = components.target(selected.response)
    for name, schema in target.get("properties", {}).items():
        if fold_name(name) not in WRAPPERS or name in selected.rows.path:
            continue
        if name not in target.get("required", []):
            del body[name]
        elif components.is_nullable(schema):
            body[name] = None


def _make_last_page(selected: SelectedOperation, body: Any) -> Any:
    """Return a copy of a response whose fields about the page say that these are all rows."""
    body = copy_value(body)
    rows = get_value(body, selected.rows.path)
    paging = selected.paging
    if paging is None or not isinstance(rows, list):
        return body
    for path, value in ((paging.total, len(rows)), (paging.pages, 1), (paging.more, False), (paging.next, None)):
        if path is not None and get_value(body, path) is not None:
            set_value(body, path, value)
    return body


def _is_usable(components: Components, selected: SelectedOperation, body: Any) -> bool:
    """Return whether a published example is valid, has rows, and has identifiers that the mock can multiply."""
    rows = get_value(body, selected.rows.path)
    if selected.rows.is_list and not (isinstance(rows, list) and rows):
        return False
    root = {**selected.response, "components": {"schemas": components.by_name}}
    try:
        is_valid: bool = jsonschema_rs.Draft202012Validator(root, validate_formats=True).is_valid(body)
    except ValueError:
        return False
    identity = selected.find_match("id")
    if identity is None or len(identity.native.path) > 1:
        return is_valid
    listed = rows if isinstance(rows, list) else [rows]
    return is_valid and all(_is_variable(get_value(row, identity.native.path)) for row in listed)


def _is_variable(value: Any) -> bool:
    """Return whether the mock can make very many identifiers like this one."""
    tail = re.search(r"[0-9A-Za-z]*\Z", value) if isinstance(value, str) else None
    return isinstance(value, int) or (tail is not None and len(tail[0]) >= 4)
