"""The fields of a JSON value as its schema states them, and values that each of them may have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import jsonschema_rs
from attrs import field, frozen

from onefolio._core.json_paths import FieldPath
from onefolio.openapi.specs import Spec

_TEXTS = (
    *("7", "-7", "250.25", "0", "2024-02-29", "2023-11-05T23:30:00-08:00"),
    *("1f0e7c52-3a4b-4c5d-8e6f-7a8b9c0d1e2f", "SPXW270115C00400000", "NEW_WORD", "another text", ""),
)
_NUMBERS = (7, 0, -7, Decimal("7.25"), Decimal("-7.25"))
_LAST = "0123456789aZ"


@frozen
class Field:
    """A field as a schema states it.

    Attributes:
        path: the way to it; `*` for the items of a list.
        types: the JSON types that it may have, without null.
        format: such as `decimal` or `date`.
        description: what the schema says of it.
        words: the words that are listed, for it or for its items.
        is_open: whether a word that is not listed is allowed.
        is_leaf: whether it holds a value and no further fields.
        is_required: whether it is always there.
        is_nullable: whether it may be null.
        is_deprecated: whether the provider is taking it away.
        validator: tells whether a value is allowed.
    """

    path: FieldPath
    types: tuple[str, ...]
    format: str | None
    description: str
    words: tuple[Any, ...]
    is_open: bool
    is_leaf: bool
    is_required: bool
    is_nullable: bool
    is_deprecated: bool
    validator: jsonschema_rs.Draft202012Validator = field(eq=False, repr=False)

    def values(self, current: Any) -> list[Any]:
        """Return values that the schema allows in place of the current one; null is one of them where it may be."""
        return [value for value in self._tried(current) if self.validator.is_valid(value)]

    def _tried(self, current: Any) -> Iterator[Any]:
        yield from self.words
        yield from (True, False)
        yield from _NUMBERS
        yield from _TEXTS
        if isinstance(current, str) and current:
            # An id of a stated form stays one when its last character changes.
            yield from (current[:-1] + last for last in _LAST)
        yield from ([each] for each in (*self.words, *_TEXTS))
        yield []
        yield None


def fields(spec: Spec, schema: Mapping[str, Any]) -> list[Field]:
    """Return every field of a schema, those of objects and lists after the field that holds them."""
    return list(_below(spec, schema, (), frozenset()))


def _below(spec: Spec, schema: Mapping[str, Any], path: FieldPath, above: frozenset[int]) -> Iterator[Field]:
    layers = list(spec.layers(schema))
    objects = {id(layer) for layer in layers if "properties" in layer}
    if objects & above:
        return  # it holds itself, to any depth
    above |= objects
    required = {name for layer in layers for name in layer.get("required", ())}
    for name, stated in spec.properties(schema).items():
        here = (*path, name)
        below = list(_below(spec, stated, here, above))
        yield _field(spec, stated, here, is_required=name in required, is_leaf=not below)
        yield from below
    if items := spec.items(schema):
        yield from _below(spec, items, (*path, "*"), above)


def _field(spec: Spec, schema: Mapping[str, Any], path: FieldPath, *, is_required: bool, is_leaf: bool) -> Field:
    layers = list(spec.layers(schema))
    types = dict.fromkeys(kind for layer in layers for kind in _types(layer))
    worded = [*layers, *spec.layers(spec.items(schema))]
    words = dict.fromkeys(word for layer in worded for word in _words(layer) if word is not None)
    return Field(
        path=path,
        types=tuple(kind for kind in types if kind != "null"),
        format=spec.format(schema),
        description=next((layer["description"] for layer in layers if "description" in layer), ""),
        words=tuple(words),
        is_open=any("string" in _types(layer) and not _words(layer) for layer in worded),
        is_leaf=is_leaf,
        is_required=is_required,
        is_nullable="null" in types,
        is_deprecated=any(layer.get("deprecated", False) for layer in layers),
        validator=jsonschema_rs.Draft202012Validator(
            {**schema, "components": spec.document.get("components", {})}, validate_formats=True
        ),
    )


def _types(layer: Mapping[str, Any]) -> list[str]:
    stated = layer.get("type", [])
    return [stated] if isinstance(stated, str) else list(stated)


def _words(layer: Mapping[str, Any]) -> list[Any]:
    return [layer["const"]] if "const" in layer else list(layer.get("enum", []))
