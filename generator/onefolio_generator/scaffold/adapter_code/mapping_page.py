"""Tables of the docs page: the origin of each unified field, and the provider's fields that are not read."""

from __future__ import annotations

from attrs import frozen

from ..curate import CuratedSpec
from ..field_matching import FieldMatch, find_native_fields, find_restrictions
from ..field_names import Capability, field_names
from ..schemas import Components, Schema
from .value_tables import find_value_table

_SIGNED_FIELDS = ("quantity", "cost_basis", "market_value")


@frozen
class MappingRow:
    """A unified field, the provider's field that it is read from, and a remark."""

    field: str
    native: str
    remark: str


@frozen
class Section:
    """The part of the page about one model."""

    heading: str
    rows: list[MappingRow]
    unread: list[str]


def make_sections(curated: CuratedSpec) -> list[Section]:
    """Return the sections for the models that the provider has."""
    components, accounts = curated.components, curated.selection["accounts"]
    embedded, positions = curated.embedded, curated.selection.get("positions")
    in_account_row = embedded.matches if embedded and not embedded.rows.path else []
    rows = [*_make_rows("accounts", accounts.matches), _make_restrictions_row(components, accounts.rows.schema)]
    unread = _find_unread(components, accounts.rows.schema, [*accounts.matches, *in_account_row])
    sections = [Section("Account", rows, unread)]
    if curated.balance_row is not None:
        unread = _find_unread(components, curated.balance_row, curated.balance_matches)
        sections.append(Section("Balance", _make_rows("balances", curated.balance_matches), unread))
    if positions is not None:
        unread = _find_unread(components, positions.rows.schema, positions.matches)
        sections.append(Section("Position", _make_rows("positions", positions.matches), unread))
    return sections


def _make_rows(capability: Capability, matches: list[FieldMatch]) -> list[MappingRow]:
    by_field = {match.field: match for match in matches}
    return [
        MappingRow(name, f"`{match.native.label}`", _make_remark(match))
        if (match := by_field.get(name))
        else MappingRow(name, "", "None")
        for name in field_names()[capability]
    ]


def _make_restrictions_row(components: Components, row: Schema) -> MappingRow:
    flags = ", ".join(f"`{flag}`" for flag in find_restrictions(components, row))
    return MappingRow("restrictions", flags, "the flags that are true" if flags else "none")


def _make_remark(match: FieldMatch) -> str:
    table = find_value_table(match)
    if table is not None and table.unknown:
        unknown = ", ".join(f"`{value}`" for value in table.unknown)
        return f"the sign of the quantity decides for {unknown}" if match.kind == "side" else f"UNKNOWN for {unknown}"
    if match.kind == "date" and match.native.schema.get("format") == "date-time":
        return "the date in UTC"
    if not match.is_certain:
        return "check"
    if match.field in _SIGNED_FIELDS:
        return "negative for short positions"
    return "never positive" if match.field == "short_market_value" else ""


def _find_unread(components: Components, row: Schema, matches: list[FieldMatch]) -> list[str]:
    read = {match.native.path for match in matches} | {(name,) for name in find_restrictions(components, row)}
    return [f"`{each.label}`" for each in find_native_fields(components, row) if each.path not in read]
