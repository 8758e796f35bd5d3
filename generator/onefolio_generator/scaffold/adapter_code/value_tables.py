"""Tables from a provider's values to unified ones, for a status, kind, instrument type or side."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from ..field_matching import FieldMatch
from ..field_names import fold_name
from ..schemas import enum_values

_STATUS = {
    "ACTIVE": "active open opened enabled normal ok",
    "PENDING": "pending onboarding submitted approved inreview opening created new pendingapproval approvalpending",
    "RESTRICTED": "restricted limited suspended frozen blocked locked onhold",
    "INACTIVE": "inactive dormant disabled archived",
    "CLOSED": "closed terminated closing pendingclose",
    "REJECTED": "rejected denied declined failed",
}
_KIND = {"CASH": "cash cashaccount", "MARGIN": "margin marginaccount"}
_TYPE = {
    "EQUITY": "equity equities stock stocks commonstock preferredstock usequity share shares etf etfs",
    "OPTION": "option options equityoption usoption stockoption",
    "CRYPTO": "crypto cryptocurrency digitalasset cryptoasset",
    "CASH": "cash currency fiat",
    "INDEX": "index indices",
}
_SIDE = {"LONG": "long longcall longput", "SHORT": "short shortcall shortput"}


@frozen
class _Unified:
    """A unified enum: the constant and the function of its table, its class, and folded values for each member."""

    name: str
    function: str
    enum: str
    values: Mapping[str, str]


_BY_KIND = {
    "status": _Unified("_STATUS", "_status", "AccountStatus", _STATUS),
    "kind": _Unified("_KIND", "_kind", "AccountKind", _KIND),
    "type": _Unified("_INSTRUMENT_TYPE", "_type", "InstrumentType", _TYPE),
    "side": _Unified("_SIDE", "_side", "Side", _SIDE),
}


@frozen
class ValueTable:
    """A table of a provider's values.

    Attributes:
        name: the name of its constant.
        function: the name of the function that looks a value up.
        enum: the unified enum.
        rows: pairs of a provider's value and the unified member.
        unknown: the provider's values without a unified member.
        is_folded: whether the spec has no values, so that common ones are looked up in lower case.
    """

    name: str
    function: str
    enum: str
    rows: list[tuple[str, str]]
    unknown: list[str]
    is_folded: bool


def find_value_table(match: FieldMatch) -> ValueTable | None:
    """Return the table of a matched field; None if its kind has none."""
    unified = _BY_KIND.get(match.kind)
    if unified is None:
        return None
    members = {value: member for member, values in unified.values.items() for value in values.split()}
    stated = enum_values(match.native.schema)
    if not stated:
        return ValueTable(unified.name, unified.function, unified.enum, list(members.items()), [], is_folded=True)
    known = {value: member for value in stated if (member := _find_member(match.kind, fold_name(value), members))}
    unknown = [value for value in stated if value not in known]
    return ValueTable(unified.name, unified.function, unified.enum, list(known.items()), unknown, is_folded=False)


def _find_member(kind: str, value: str, members: Mapping[str, str]) -> str | None:
    if kind == "side" and value not in members:
        return next((member for member in _SIDE if value.endswith(member.lower())), None)
    return members.get(value)
