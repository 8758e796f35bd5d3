"""JSON templates: built once from an example and its schema, rendered for each response."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from attrs import define

from ..openapi.specs import Spec


class Page(NamedTuple):
    """The paging metadata of a response.

    Attributes:
        number: number of the page, from 1.
        total_items: number of rows on all pages.
        total_pages: number of pages, at least 1.
        next_token: page token of the next page, or None.
        previous_token: page token of the previous page, or None.
        next_position: number, offset or row that selects the next page, or None.
        next_address: URL of the next page, or None.
    """

    number: int
    total_items: int
    total_pages: int
    next_token: str | None
    previous_token: str | None
    next_position: int | str | None = None
    next_address: str | None = None

    @property
    def has_more(self) -> bool:
        """Whether another page follows."""
        return self.next_token is not None or self.next_position is not None


@define
class RenderContext:
    """The values that a template is rendered with.

    Attributes:
        echo: path parameters as JSON, by name; fields of the same names repeat them.
        request_id: id of the request.
        number: number of the variation; 0 for the unchanged example.
        index: index of the row in its listing, from 0.
        factor: factor of the figures that have the hint `scale`.
        rows: rows of the page, as JSON separated by commas.
        page: paging metadata.
        sums: computes the JSON of a field with a `sum` hint from the hint.
    """

    echo: Mapping[str, str]
    request_id: str = ""
    number: int = 0
    index: int = 0
    factor: int = 1
    rows: str = ""
    page: Page | None = None
    sums: Callable[[Mapping[str, Any]], str] | None = None


Slot: TypeAlias = Callable[[RenderContext], str]
"""Renders a variable part of a template as JSON."""

SlotFactory: TypeAlias = Callable[[Any, Any], Slot | None]
"""Returns the slot for a hint and the example's value, or None to keep the value."""


class Template:
    """JSON with slots; call it with a `RenderContext` to render it."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[str | Slot]) -> None:
        self._parts: list[str | Slot] = []
        for part in parts:
            if isinstance(part, str) and self._parts and isinstance(before := self._parts[-1], str):
                self._parts[-1] = before + part
            else:
                self._parts.append(part)

    def __call__(self, context: RenderContext) -> str:
        """Return the rendered JSON."""
        return "".join([part if isinstance(part, str) else part(context) for part in self._parts])

    @property
    def parts(self) -> list[str | Slot]:
        """The constant strings and the slots, in order."""
        return self._parts


def object_template(fields: Mapping[str, Template]) -> Template:
    """Return the template of an object from the templates of its fields."""
    parts: list[str | Slot] = ["{"]
    for name, template in fields.items():
        parts += ["," if len(parts) > 1 else "", f"{to_json(name)}:", *template.parts]
    return Template([*parts, "}"])


class TemplateBuilder:
    """Builds templates from the examples of one operation.

    Args:
        spec: the operation's spec.
        slot_for: returns the slot for a hint.
        echoed: names of the path parameters that responses repeat.
    """

    def __init__(self, spec: Spec, slot_for: SlotFactory, echoed: frozenset[str] = frozenset()) -> None:
        self._spec = spec
        self._slot_for = slot_for
        self._echoed = echoed

    def build(self, example: Any, schema: Mapping[str, Any], rows: tuple[str, ...] | None = None) -> Template:
        """Return the template of an example; the value at the path `rows` becomes the slot of a page's rows."""
        return Template(self._value(example, schema, rows))

    def _value(self, value: Any, schema: Mapping[str, Any], rows: tuple[str, ...] | None) -> Iterator[str | Slot]:
        if rows == ():
            yield _rows
        elif (slot := self._slot_for(self._spec.hint(schema), value)) is not None:
            yield slot
        elif isinstance(value, dict):
            yield from self._object(value, schema, rows)
        elif isinstance(value, list):
            items = self._spec.items(schema)
            yield "["
            for index, item in enumerate(value):
                yield "," if index else ""
                yield from self._value(item, items, None)
            yield "]"
        else:
            yield to_json(value)

    def _object(
        self, value: dict[str, Any], schema: Mapping[str, Any], rows: tuple[str, ...] | None
    ) -> Iterator[str | Slot]:
        properties = self._spec.properties(schema)
        separator = "{"
        for name, item in value.items():
            yield f"{separator}{to_json(name)}:"
            separator = ","
            if name in self._echoed:
                yield echo_slot(name)
            else:
                rows_below = rows[1:] if rows and rows[0] == name else None
                yield from self._value(item, properties.get(name, {}), rows_below)
        if not value:
            yield separator
        for name in [name for name in properties if name not in value]:
            hint = self._spec.hint(properties[name])
            if isinstance(hint, str) and hint in PAGE_SLOTS and value:
                yield _optional_field(name, PAGE_SLOTS[hint])
        yield "}"


def _rows(context: RenderContext) -> str:
    return f"[{context.rows}]"


def echo_slot(name: str) -> Slot:
    """Return a slot that repeats a path parameter."""
    return lambda context: context.echo[name]


def _page_slot(get: Callable[[Page], object]) -> Slot:
    def slot(context: RenderContext) -> str:
        return to_json(get(context.page)) if context.page else "null"

    return slot


def _optional_field(name: str, slot: Slot) -> Slot:
    """Return a slot for a field that the example does not contain; it renders nothing if the value is null."""

    def field(context: RenderContext) -> str:
        value = slot(context)
        return "" if value == "null" else f",{to_json(name)}:{value}"

    return field


PAGE_SLOTS: Mapping[str, Slot] = {
    "page-number": _page_slot(lambda page: page.number),
    "total-items": _page_slot(lambda page: page.total_items),
    "total-pages": _page_slot(lambda page: page.total_pages),
    "next-token": _page_slot(lambda page: page.next_token),
    "previous-token": _page_slot(lambda page: page.previous_token),
    "next-position": _page_slot(lambda page: page.next_position),
    "next-address": _page_slot(lambda page: page.next_address),
    "has-more": _page_slot(lambda page: page.has_more),
}
"""Slots of the paging hints."""


def envelope_slot(hint: Any, value: Any) -> Slot | None:  # noqa: ARG001  # a SlotFactory
    """Return the slot of a hint outside of rows, or None if it has no slot."""
    if hint == "request-id":
        return lambda context: f'"{context.request_id}"'
    if isinstance(hint, dict) and "sum" in hint:
        return lambda context: context.sums(hint) if context.sums else "[]"
    return PAGE_SLOTS.get(hint) if isinstance(hint, str) else None


def to_json(value: object) -> str:
    """Return a value as compact JSON."""
    return json.dumps(value, separators=(",", ":"))
