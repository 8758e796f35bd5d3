"""Location of the rows in a response."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from .field_matching import FieldMatch, match_fields
from .field_names import Capability, fold_name
from .schemas import Components, FieldPath, Schema

MAX_DEPTH = 3
"""The number of objects around rows, or around fields about the page, that are searched."""

RESOURCE_NAMES: dict[Capability, tuple[str, ...]] = {
    "accounts": ("accounts", "account", "portfolios", "wallets", "subaccounts", "portfolio", "wallet"),
    "balances": ("balances", "balance", "accountbalances", "accountbalance", "cash", "funds", "summary"),
    "positions": ("positions", "holdings", "openpositions", "position", "holding", "assets"),
}
"""Folded names of paths and lists, in order of precedence."""
_LIST_NAMES = ("data", "items", "results", "content", "records")
_UNTELLING_FIELDS = {"currency", "asset", "network", "country"}
"""Fields that occur in many objects, so that they identify none."""


@frozen
class Rows:
    """The rows of a response.

    Attributes:
        path: the path of the list or the single row within the response.
        is_list: whether there can be several rows.
        schema: the curated component of one row, as a reference.
    """

    path: FieldPath
    is_list: bool
    schema: Schema


def find_rows(components: Components, capability: Capability, response: Schema) -> tuple[Rows, list[FieldMatch]] | None:
    """Return the objects of a response with most of a capability's fields, and these; None without a candidate."""
    best: tuple[tuple[int, int, int], Rows, list[FieldMatch]] | None = None
    for rows in iterate_objects(components, response):
        matches = match_fields(components, capability, rows.schema)
        if not _is_plausible(capability, {each.field for each in matches}):
            continue
        is_named = bool(rows.path) and fold_name(rows.path[-1]) in (*RESOURCE_NAMES[capability], *_LIST_NAMES)
        score = sum(2 if each.is_certain else 1 for each in matches) + 2 * is_named + rows.is_list
        rank = (score, rows.is_list, -len(rows.path))
        if best is None or rank > best[0]:
            best = (rank, rows, matches)
    return best and (best[1], best[2])


def _is_plausible(capability: Capability, fields: set[str]) -> bool:
    required = {"accounts": "id", "positions": "quantity"}.get(capability)
    return bool(fields - _UNTELLING_FIELDS) and (required is None or required in fields)


def iterate_objects(components: Components, schema: Schema, path: FieldPath = ()) -> Iterator[Rows]:
    """Yield the objects of a response, single ones and those in lists."""
    if len(path) > MAX_DEPTH:
        return
    target = components.target(schema)
    if "items" in target:
        if "properties" in components.target(target["items"]):
            yield Rows(path, is_list=True, schema=target["items"])
    elif "properties" in target:
        yield Rows(path, is_list=False, schema=schema)
        for name, inner in target["properties"].items():
            yield from iterate_objects(components, inner, (*path, name))
