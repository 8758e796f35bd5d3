"""Assignments of unified fields in the methods of an adapter that convert rows."""

from __future__ import annotations

from attrs import frozen

from ..field_matching import FieldMatch, find_restrictions
from ..field_names import field_names
from ..schemas import Components, Schema
from .expressions import quote, render_value

_SET_BY_BUILDER = ("side", "currency")
"""Fields of a position that are arguments of the method that completes it."""


@frozen
class Assignment:
    """A unified field, the expression of its value, and a comment for the reviewer."""

    field: str
    expression: str
    comment: str = ""


def assign_account(components: Components, row: Schema, matches: list[FieldMatch]) -> list[Assignment]:
    """Return the assignments of an `Account`."""
    assignments = []
    for match in matches:
        expression = render_value(match)
        if match.field == "id":
            pointer = quote(match.native.pointer)
            is_required = match.native.required[-1]
            assignments.append(Assignment("id", expression if is_required else f"_stated({expression}, {pointer})"))
        elif match.kind in ("status", "kind"):
            assignments.append(Assignment(match.field, f"_{match.kind}({expression})", _make_comment(match)))
            if match.kind == "status":
                assignments.append(Assignment("native_status", expression))
        else:
            assignments.append(Assignment(match.field, expression, _make_comment(match)))
    if flags := find_restrictions(components, row):
        names = ", ".join(map(quote, flags)) + ("," if len(flags) == 1 else "")
        expression = f"frozenset(flag for flag in ({names}) if row.to_dict().get(flag))"
        assignments.append(Assignment("restrictions", expression))
    return assignments


def assign_balance(matches: list[FieldMatch], *, has_unknown_unit: bool) -> list[Assignment]:
    """Return the assignments of a `Balance`."""
    assignments = [Assignment(match.field, render_value(match), _make_comment(match)) for match in matches]
    if has_unknown_unit:
        comment = "check: the spec does not state the unit"
        assignments.append(Assignment("unit", "Unit.AS_SENT", comment))
    return assignments


def assign_position(matches: list[FieldMatch]) -> list[Assignment]:
    """Return the assignments of a position's draft, which requires every field."""
    by_field = {match.field: match for match in matches}
    assignments = []
    for name in field_names()["positions"]:
        if name in _SET_BY_BUILDER:
            continue
        match = by_field.get(name)
        expression = "None" if match is None else render_value(match)
        if name == "instrument_type":
            unified = "InstrumentType.UNKNOWN" if match is None else f"_type({expression})"
            assignments.append(Assignment(name, unified, _make_comment(match)))
            assignments.append(Assignment("native_instrument_type", expression))
        else:
            assignments.append(Assignment(name, expression, _make_comment(match)))
    return assignments


def _make_comment(match: FieldMatch | None) -> str:
    return "" if match is None or match.is_certain else "check: the name of the field is ambiguous"
