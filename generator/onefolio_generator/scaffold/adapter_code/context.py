"""The values that the templates of a provider's package are rendered with."""

from __future__ import annotations

from typing import Any

from ...references import component_name
from ..curate import CuratedSpec
from ..field_matching import FieldMatch
from ..schemas import Schema
from .assignments import assign_account, assign_balance, assign_position
from .error_case import make_error_case
from .expressions import quote, render_value
from .mapping_page import make_sections
from .resources import render_embedded_rows, render_options, render_request
from .value_tables import ValueTable, find_value_table


def make_context(curated: CuratedSpec, name: str) -> dict[str, Any]:
    """Return the variables of the templates; `name` is that of the provider."""
    return {
        **_name_provider(curated, name),
        **_describe_resources(curated),
        **_describe_conversions(curated),
        **_describe_errors(curated),
        "sections": make_sections(curated),
        "notes": curated.notes,
    }


def _name_provider(curated: CuratedSpec, name: str) -> dict[str, Any]:
    words = [part.capitalize() for part in name.split("_")]
    environments = curated.environments
    return {
        "name": name,
        "class_name": "".join(words),
        "title": " ".join(words),
        "api_title": curated.document["info"]["title"],
        "credentials": curated.credentials,
        "variables": {key: f"{name.upper()}_{key.upper()}" for key in curated.credentials},
        "base_url_variable": f"{name.upper()}_BASE_URL",
        "environments": environments,
        "environment": "production" if "production" in environments else environments[0],
    }


def _describe_resources(curated: CuratedSpec) -> dict[str, Any]:
    selection, embedded = curated.selection, curated.embedded
    accounts = selection["accounts"]
    balance_row = curated.balance_row
    return {
        "accounts": accounts,
        "balances": selection.get("balances"),
        "positions": selection.get("positions"),
        "embedded": embedded,
        "embedded_rows": render_embedded_rows(curated.components, accounts.rows, embedded) if embedded else "",
        "capabilities": [*selection] + (["balances"] if embedded else []),
        "balance_model": balance_row and _model_of(balance_row),
        "model": lambda selected: _model_of(selected.rows.schema),
        "request": render_request,
        "options": render_options,
    }


def _describe_conversions(curated: CuratedSpec) -> dict[str, Any]:
    accounts, positions = curated.selection["accounts"], curated.selection.get("positions")
    side, currency, quantity = (
        positions.find_match(field) if positions else None for field in ("side", "currency", "quantity")
    )
    matches = [*accounts.matches, *curated.balance_matches, *(positions.matches if positions else [])]
    return {
        "tables": _find_tables(matches),
        "account_assignments": assign_account(curated.components, accounts.rows.schema, accounts.matches),
        "balance_assignments": assign_balance(curated.balance_matches, has_unknown_unit=curated.has_unknown_unit),
        "position_assignments": assign_position(positions.matches) if positions else [],
        "side": side and render_value(side),
        "currency": currency and render_value(currency),
        "quantity_pointer": quote(quantity.native.pointer if quantity else ""),
        "needs_stated": not accounts.id_match.native.required[-1],
    }


def _describe_errors(curated: CuratedSpec) -> dict[str, Any]:
    case = make_error_case(curated)
    return {"error_pattern": case.pattern, "error_code": case.code, "success_fields": case.success_fields}


def _find_tables(matches: list[FieldMatch]) -> list[ValueTable]:
    tables = [table for match in matches if (table := find_value_table(match))]
    return list({table.name: table for table in tables}.values())


def _model_of(row: Schema) -> str:
    return component_name(row["$ref"])
