"""List the fields of a schema, and valid values of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import jsonschema_rs
from attrs import field, frozen

from onefolio._core.json_paths import FieldPath
from onefolio.openapi.specs import Spec

_STRINGS = (
    *("7", "-7", "250.25", "0", "2024-02-29", "2023-11-05T23:30:00-08:00"),
    *("1f0e7c52-3a4b-4c5d-8e6f-7a8b9c0d1e2f", "SPXW270115C00400000", "NEW_VALUE", "another string", ""),
)
_NUMBERS = (7, 0, -7, Decimal("7.25"), Decimal("-7.25"))
_LAST = "0123456789aZ"


@frozen
class Field:
    """A field of a schema.

    Attributes:
        path: the path to the field; `*` for the items of a list.
        types: the JSON types of its values, without null.
        format: for example `decimal` or `date`.
        description: the description in the schema.
        enum_values: the listed values of the field or of its items.
        is_open: whether a value that is not listed is allowed.
        is_leaf: whether the field contains a value and no further fields.
        is_required: whether the field is always present.
        is_nullable: whether null is allowed.
        is_deprecated: whether the field is deprecated.
        validator: the validator of its values.
    """

    path: FieldPath
    types: tuple[str, ...]
    format: str | None
    description: str
    enum_values: tuple[Any, ...]
    is_open: bool
    is_leaf: bool
    is_required: bool
    is_nullable: bool
    is_deprecated: bool
    validator: jsonschema_rs.Draft202012Validator = field(eq=False, repr=False)

    def valid_values(self, current: Any) -> list[Any]:
        """Return values that the schema allows in place of the current one, including null."""
        return [value for value in self._candidates(current) if self.validator.is_valid(value)]

    def _candidates(self, current: Any) -> Iterator[Any]:
        yield from self.enum_values
        yield from (True, False)
        yield from _NUMBERS
        yield from _STRINGS
        if isinstance(current, str) and current:
            # An id with a pattern usually remains valid if its last character changes.
            yield from (current[:-1] + last for last in _LAST)
        yield from ([each] for each in (*self.enum_values, *_STRINGS))
        yield []
        yield None


def list_fields(spec: Spec, schema: Mapping[str, Any]) -> list[Field]:
    """Return every field of a schema; the fields of an object or list follow it."""
    return list(_iter_fields(spec, schema, (), frozenset()))


def _iter_fields(spec: Spec, schema: Mapping[str, Any], path: FieldPath, ancestors: frozenset[int]) -> Iterator[Field]:
    layers = list(spec.layers(schema))
    objects = {id(layer) for layer in layers if "properties" in layer}
    if objects & ancestors:
        return  # a recursive schema
    ancestors |= objects
    required = {name for layer in layers for name in layer.get("required", ())}
    for name, stated in spec.properties(schema).items():
        here = (*path, name)
        children = list(_iter_fields(spec, stated, here, ancestors))
        yield _create_field(spec, stated, here, is_required=name in required, is_leaf=not children)
        yield from children
    if items := spec.items(schema):
        yield from _iter_fields(spec, items, (*path, "*"), ancestors)


def _create_field(spec: Spec, schema: Mapping[str, Any], path: FieldPath, *, is_required: bool, is_leaf: bool) -> Field:
    layers = list(spec.layers(schema))
    types = dict.fromkeys(kind for layer in layers for kind in _list_types(layer))
    enum_layers = [*layers, *spec.layers(spec.items(schema))]
    values = dict.fromkeys(value for layer in enum_layers for value in _list_enum(layer) if value is not None)
    return Field(
        path=path,
        types=tuple(kind for kind in types if kind != "null"),
        format=spec.format(schema),
        description=next((layer["description"] for layer in layers if "description" in layer), ""),
        enum_values=tuple(values),
        is_open=any("string" in _list_types(layer) and not _list_enum(layer) for layer in enum_layers),
        is_leaf=is_leaf,
        is_required=is_required,
        is_nullable="null" in types,
        is_deprecated=any(layer.get("deprecated", False) for layer in layers),
        validator=jsonschema_rs.Draft202012Validator(
            {**schema, "components": spec.document.get("components", {})}, validate_formats=True
        ),
    )


def _list_types(layer: Mapping[str, Any]) -> list[str]:
    stated = layer.get("type", [])
    return [stated] if isinstance(stated, str) else list(stated)


def _list_enum(layer: Mapping[str, Any]) -> list[Any]:
    return [layer["const"]] if "const" in layer else list(layer.get("enum", []))
