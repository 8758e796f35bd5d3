"""Parameters of curated operations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..field_names import fold_name
from ..paging import Paging
from ..schemas import Schema, is_integer_parameter
from ..select_operations import SelectedOperation
from ..text import to_one_line

_KEY_FIELDS = ("id", "instrument_id", "symbol", "asset")
"""Unified fields that identify a row."""
_INT32_MAX = 2**31 - 1
_INT64_MAX = 2**63 - 1
_MAX_PAGE_SIZE = 1000


def make_parameters(selected: SelectedOperation) -> Iterator[Schema]:
    """Yield the parameters of an operation: the account, the page, its size, and constants."""
    if selected.account is not None:
        account = _make_parameter(selected.account, required=True)
        if account["in"] == "query":
            account["x-mock"] = "account"
        yield account
    if selected.paging is not None:
        yield _make_page_parameter(selected, selected.paging)
        if selected.size is not None and (size := _make_size_parameter(selected.size)):
            yield size
    for each in selected.operation.parameters:
        if each["name"] in selected.constants:
            yield _make_constant(each, selected.constants[each["name"]])


def _make_page_parameter(selected: SelectedOperation, paging: Paging) -> Schema:
    parameter = _make_parameter(paging.parameter)
    hint = _choose_page_hint(selected, paging, parameter)
    if hint is not None:
        parameter["x-mock"] = hint
    if hint in ("page-number", "offset"):
        minimum = 0 if hint == "offset" else paging.first
        parameter["schema"] = {"type": "integer", "minimum": minimum, "maximum": _INT32_MAX}
    return parameter


def _choose_page_hint(selected: SelectedOperation, paging: Paging, parameter: Schema) -> Any:
    name = fold_name(parameter["name"])
    is_integer = parameter["schema"]["type"] == "integer"
    match paging.by:
        case "number":
            return "page-number"
        case "offset":
            return "offset"
        case "last":
            return {"after": paging.last}
        case "token" if is_integer:
            return "offset" if "offset" in name or "skip" in name else "page-number"
        case "address" if name in ("offset", "skip"):
            return "offset"
        case "address" if is_integer:
            return "page-number"
        case "address":
            keys = (each.native.path[0] for each in selected.matches if each.field in _KEY_FIELDS)
            return {"after": next(keys, "id")}
    return None


def _make_size_parameter(stated: Schema) -> Schema | None:
    """Return the parameter for the size of a page; None without a default, which the mock needs."""
    default, maximum = stated["schema"].get("default"), stated["schema"].get("maximum")
    if type(default) is not int:
        return None
    maximum = maximum if type(maximum) is int else max(_MAX_PAGE_SIZE, default)
    size_schema = {"type": "integer", "minimum": 1, "maximum": maximum, "default": default}
    return {**_make_parameter(stated), "schema": size_schema}


def _make_constant(stated: Schema, value: Any) -> Schema:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    schema = {"type": "string", "const": text, "default": text}
    return {**_make_parameter(stated), "required": False, "schema": schema}


def _make_parameter(stated: Schema, *, required: bool = False) -> Schema:
    integer = {"type": "integer", "minimum": 0, "maximum": _INT64_MAX}
    return {
        "name": stated["name"],
        "in": stated["in"],
        **({"required": True} if required else {}),
        "description": to_one_line(stated.get("description") or f"As `{stated['name']}`."),
        "schema": integer if is_integer_parameter(stated) else {"type": "string", "minLength": 1},
    }
