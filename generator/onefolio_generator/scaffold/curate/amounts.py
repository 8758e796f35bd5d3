"""Amounts whose unit or currency the spec does not state, and notes about them."""

from __future__ import annotations

from collections.abc import Iterator

from ..field_matching import FieldMatch, find_unread_currencies, is_in_minor_units
from ..field_names import Capability
from ..schemas import Components
from ..select_operations import Selection
from .embedded_balances import EmbeddedBalances

_COUNTS = ("quantity", "available_quantity")
"""Numbers of a position that are no amounts of money."""


def _has_unknown_unit(match: FieldMatch) -> bool:
    """Return whether a number may count something else than units of the currency."""
    return match.native.schema.get("type") == "integer" or is_in_minor_units(match.native)


def drop_amounts_without_unit(capability: Capability, matches: list[FieldMatch], notes: list[str]) -> list[FieldMatch]:
    """Return the matches without amounts of positions in an unknown unit, which a `Position` cannot express."""
    if capability != "positions":
        return matches
    kept = []
    for each in matches:
        if each.kind == "number" and each.field not in _COUNTS and _has_unknown_unit(each):
            notes.append(
                f"positions: `{each.native.label}` is an integer or in minor units, so `{each.field}` is None. If you "
                "know the unit, convert it in the adapter"
            )
        else:
            kept.append(each)
    return kept


def note_unknown_unit(balances: list[FieldMatch]) -> list[str]:
    """Return a note about the numbers of balances whose unit is unknown; no note if there are none."""
    labels = [f"`{each.native.label}`" for each in balances if each.kind == "number" and _has_unknown_unit(each)]
    if not labels:
        return []
    return [
        f"balances: {', '.join(labels)}: integers or minor units, so `unit` is AS_SENT, and totals exclude these "
        "amounts. If you know the unit, set it in the adapter"
    ]


def note_unread_currencies(
    components: Components, selection: Selection, embedded: EmbeddedBalances | None
) -> Iterator[str]:
    """Yield notes about amounts with a currency other than the one that is read for the whole row."""
    read = [(each.capability, each.rows, each.matches) for each in selection.values() if each.capability != "accounts"]
    if embedded is not None:
        read.append(("balances", embedded.rows, embedded.matches))
    for capability, rows, matches in read:
        if found := find_unread_currencies(components, rows.schema, matches):
            unread, label = found
            field = "asset" if capability == "balances" else "currency"
            labels = ", ".join(f"`{each}`" for each in unread)
            yield (
                f"{capability}: {labels}: currencies of single amounts, but `{field}` is `{label}` for all of "
                "them. If they can differ, leave these amounts out in the adapter"
            )
