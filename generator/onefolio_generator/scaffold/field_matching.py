"""Matching of a provider's fields with those of the unified model, by their names.

A unified field without a match becomes None in the generated adapter, and the fields of the provider that match nothing
are listed on the docs page: only a reviewer can know their meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen

from ..references import encode_pointer
from .field_names import Capability, FieldNames, Kind, field_names, fold_name
from .schemas import Components, FieldPath, Schema, enum_values, is_number

_WRAPPERS = {
    *("account", "accountdetails", "asset", "attributes", "balance", "balances", "cash", "cost", "currency", "details"),
    *("figures", "instrument", "money", "pnl", "position", "product", "profile", "security", "summary", "totals"),
    *("valuation", "values"),
}
"""Objects in a row whose fields describe the row."""
_PERSONS = ("owner", "holder")
"""Objects in a row that describe a person: only their identifiers are of use."""
_AMOUNTS = ("amount", "value")
_CURRENCIES = ("currency", "currencycode", "ccy")
_ACCOUNT_KINDS = {"cash", "margin", "cashaccount", "marginaccount"}
_MINOR_UNITS = re.compile(
    r"\b(cents?|pennies|pence|minor units?|smallest units?|base units?|satoshis?|wei|basis points?)\b", re.I
)
_RESTRICTION = re.compile(r"(blocked|suspended|restricted|frozen|locked)$")
_MAX_DEPTH = 3


@frozen
class NativeField:
    """A field of a provider's row.

    Attributes:
        path: property names from the row down.
        schema: its curated schema, without null.
        required: for each name of the path, whether it is always there and not null.
        keys: the folded names to look it up by.
    """

    path: FieldPath
    schema: Schema
    required: tuple[bool, ...]
    keys: tuple[str, ...]

    @property
    def pointer(self) -> str:
        """Its JSON pointer within the row."""
        return encode_pointer(self.path)

    @property
    def label(self) -> str:
        """Its name in the documentation."""
        return ".".join(self.path)


@frozen
class FieldMatch:
    """A field of the unified model and the provider's field that it is read from.

    Attributes:
        field: the unified field.
        kind: how the value is read.
        native: the provider's field.
        is_certain: whether the provider's name always means the unified field.
    """

    field: str
    kind: Kind
    native: NativeField
    is_certain: bool


def find_native_fields(components: Components, row: Schema) -> list[NativeField]:
    """Return the fields of a row, including those of the objects in it."""
    return list(_walk_fields(components, [components.target(row)], (), ()))


def _walk_fields(
    components: Components, objects: list[Schema], path: FieldPath, required: tuple[bool, ...]
) -> Iterator[NativeField]:
    """Yield the fields of the last of nested objects; an object within itself is not entered a second time."""
    parent = objects[-1]
    for name, stated in parent.get("properties", {}).items():
        schema = components.target(stated)
        field_path, field_required = (*path, name), (*required, components.is_required(parent, name))
        if "properties" in schema and len(path) < _MAX_DEPTH and not any(schema is each for each in objects):
            yield from _walk_fields(components, [*objects, schema], field_path, field_required)
        else:
            yield NativeField(field_path, schema, field_required, tuple(_lookup_keys(field_path)))


def _lookup_keys(path: FieldPath) -> list[str]:
    *above, key = map(fold_name, path)
    holder_ids = field_names()["accounts"]["holder_id"].names
    is_persons_id = bool(above) and above[-1] in _PERSONS and key in holder_ids
    keys = [key] if is_persons_id or all(each in _WRAPPERS for each in above) else []
    if above:
        keys += ["".join((*above, key)), above[-1] + key]
        keys += [above[-1], "".join(above)] if key in _AMOUNTS else []
    return keys


def match_fields(components: Components, capability: Capability, row: Schema) -> list[FieldMatch]:
    """Return the unified fields that a row has, in the order of the model; no native field is used twice."""
    table = field_names()[capability]
    # The field that is nearest to the top of the row wins among those of one name.
    fields = sorted(find_native_fields(components, row), key=lambda each: len(each.path))
    matches: dict[str, FieldMatch] = {}
    used: set[FieldPath] = set()
    # Certain names go first, so that no ambiguous one takes a field from them.
    for is_certain in (True, False):
        for unified, entry in table.items():
            if unified in matches:
                continue
            names = entry.names if is_certain else entry.ambiguous
            native = _find_field(names, entry, [each for each in fields if each.path not in used])
            if native is not None:
                matches[unified] = FieldMatch(unified, entry.kind, native, is_certain)
                used.add(native.path)
    return [matches[unified] for unified in table if unified in matches]


def _find_field(names: tuple[str, ...], entry: FieldNames, fields: list[NativeField]) -> NativeField | None:
    fitting = (each for name in names for each in fields if name in each.keys and _fits_kind(each.schema, entry.kind))
    return next(fitting, None)


def _fits_kind(schema: Schema, kind: Kind) -> bool:
    """Return whether values of a schema can be read as a kind."""
    is_string = schema.get("type") == "string" and schema.get("format") not in ("date", "date-time")
    values = [fold_name(value) for value in enum_values(schema)]
    match kind:
        case "number":
            example = str(schema.get("examples", ["0"])[0])
            has_digits = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", example) is not None
            return is_number(schema) or (is_string and schema.get("format") != "uuid" and has_digits)
        case "string":
            return (is_string and schema.get("format") != "decimal") or bool(values) or schema.get("type") == "integer"
        case "date":
            return schema.get("format") in ("date", "date-time")
        case "status" | "type":
            return is_string or bool(values)
        case "kind":
            return not _ACCOUNT_KINDS.isdisjoint(values)
        case "side":
            directions = ("long", "short")
            return is_string or any(value.startswith(directions) or value.endswith(directions) for value in values)


def find_restrictions(components: Components, row: Schema) -> list[str]:
    """Return the names of an account's flags that restrict it."""
    return [
        name
        for name, schema in components.target(row).get("properties", {}).items()
        if components.target(schema).get("type") == "boolean" and _RESTRICTION.search(fold_name(name))
    ]


def find_unread_currencies(
    components: Components, row: Schema, matches: list[FieldMatch]
) -> tuple[list[str], str] | None:
    """Find the currencies of single numbers beside the one that is read for the whole row.

    Returns:
        The labels of the unread ones and that of the one that is read; None without either.
    """
    read = next((each.native for each in matches if each.field in ("asset", "currency")), None)
    if read is None:
        return None
    numbers = [match.native for match in matches if match.kind == "number"]
    unread = [
        each.label
        for each in find_native_fields(components, row)
        if each.path != read.path and any(_is_currency_of(number, each) for number in numbers)
    ]
    return (unread, read.label) if unread else None


def _is_currency_of(number: NativeField, other: NativeField) -> bool:
    """Return whether a field is the currency of a number: beside it in an object of an amount, or named after it."""
    *parents, name = number.path
    *other_parents, other_name = other.path
    is_in_amount = bool(parents) and fold_name(name) in _AMOUNTS
    names = _CURRENCIES if is_in_amount else [fold_name(name) + currency for currency in _CURRENCIES]
    return parents == other_parents and fold_name(other_name) in names


def is_in_minor_units(native: NativeField) -> bool:
    """Return whether the name or the description of a field mentions cents or similar units."""
    return bool(_MINOR_UNITS.search(native.schema.get("description", "")) or _MINOR_UNITS.search(" ".join(native.path)))
