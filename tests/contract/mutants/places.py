"""Changes of a field, at places that are found by following the schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from onefolio._core.json_paths import FieldPath
from onefolio.openapi.specs import Spec

from .server import Kind


class Place(NamedTuple):
    container: Any
    key: Any
    schema: Mapping[str, Any]
    is_required: bool
    path: FieldPath


def places(
    spec: Spec, schema: Mapping[str, Any], value: Any, *, last: bool = False, path: FieldPath = ()
) -> Iterator[Place]:
    """Yield every field of a body; of a list, only the fields of the first row, or of the last one."""
    if isinstance(value, list) and value:
        yield from places(spec, spec.items(schema), value[-1 if last else 0], last=last, path=(*path, "*"))
    if isinstance(value, dict):
        required = {name for layer in spec.layers(schema) for name in layer.get("required", [])}
        for name, field in spec.properties(schema).items():
            if name in value:
                yield Place(value, name, field, name in required, (*path, name))
                yield from places(spec, field, value[name], last=last, path=(*path, name))


def holders(spec: Spec, schema: Mapping[str, Any], value: Any, path: FieldPath) -> Iterator[Place]:
    """Yield every object that contains, or could contain, the last field of a path."""
    name = path[0]
    if name == "*":
        for item in value if isinstance(value, list) else []:
            yield from holders(spec, spec.items(schema), item, path[1:])
    elif isinstance(value, dict):
        required = {field for layer in spec.layers(schema) for field in layer.get("required", [])}
        field = spec.properties(schema).get(name, {})
        if len(path) == 1:
            yield Place(value, name, field, name in required, path)
        else:
            yield from holders(spec, field, value.get(name), path[1:])


def is_decimal(spec: Spec, place: Place) -> bool:
    return spec.format(place.schema) == "decimal" and isinstance(place.container[place.key], str)


def admits(spec: Spec, schema: Mapping[str, Any], kind: str) -> bool:
    types = {str(each) for layer in spec.layers(schema) for each in _listed(layer.get("type"))}
    return kind in types


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def drop(place: Place) -> None:
    del place.container[place.key]


def rename(place: Place) -> None:
    place.container[f"{place.key}_v2"] = place.container.pop(place.key)


def put(value: Any) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        old = place.container[place.key]
        place.container[place.key] = value(old) if callable(value) else value

    return change


def add(place: Place) -> None:
    place.container["x_new_field"] = {"since": "today"}


Finder: TypeAlias = Callable[[Spec, Place], bool]


def _is_scalar(place: Place) -> bool:
    return place.is_required and not isinstance(place.container[place.key], dict | list)


def _refuses_null(spec: Spec, place: Place) -> bool:
    return place.is_required and not admits(spec, place.schema, "null")


def _refuses_number(spec: Spec, place: Place) -> bool:
    return is_decimal(spec, place) and not admits(spec, place.schema, "number")


def _is_enum(spec: Spec, place: Place) -> bool:
    return any("enum" in layer for layer in spec.layers(place.schema)) and isinstance(place.container[place.key], str)


def _refuses_empty(spec: Spec, place: Place) -> bool:
    patterns = [layer["pattern"] for layer in spec.layers(place.schema) if "pattern" in layer]
    return is_decimal(spec, place) and not any(re.search(pattern, "") for pattern in patterns)


def _of_format(*formats: str) -> Finder:
    return lambda spec, place: spec.format(place.schema) in formats and isinstance(place.container[place.key], str)


def _is_integer(spec: Spec, place: Place) -> bool:
    return isinstance(place.container[place.key], int) and not admits(spec, place.schema, "string")


FIELDS: tuple[tuple[str, Kind, Finder, Callable[[Place], None]], ...] = (
    ("a required field dropped", "response", lambda _, place: _is_scalar(place), drop),
    ("a required field renamed", "response", lambda _, place: _is_scalar(place), rename),
    ("a required field in a list", "response", lambda _, place: _is_scalar(place), put(lambda old: [old])),
    ("a required field null", "response", _refuses_null, put(None)),
    ("money as a float", "response", _refuses_number, put(lambda old: float(old) + 0.1)),
    ("money as an integer", "response", _refuses_number, put(1000)),
    ("money with an exponent", "response", is_decimal, put("1E+3")),
    ("money with commas", "response", is_decimal, put("1,000.00")),
    ("money empty", "response", _refuses_empty, put("")),
    ("money in a new shape", "response", is_decimal, put(lambda old: {"amount": old, "currency": "USD"})),
    ("an impossible date", "response", _of_format("date", "date-time"), put("2026-02-30")),
    ("a malformed uuid", "response", _of_format("uuid"), put("not-a-uuid")),
    ("an integer as a string", "response", _is_integer, put(str)),
    ("an enum as a number", "response", _is_enum, put(7)),
    ("a new enum value", "additive", _is_enum, put("BRAND_NEW_VALUE")),
    ("a new field", "additive", lambda _, place: place.is_required, add),
)
LAST_ROW = {"a required field dropped", "money as a float", "a required field null"}
