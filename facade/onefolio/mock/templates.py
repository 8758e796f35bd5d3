"""A JSON text with places to fill in, made once from an example and its schema."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from attrs import define

from ..openapi.specs import Spec


class Page(NamedTuple):
    """What a page says of itself."""

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
    """What one text is filled in with.

    Attributes:
        echo: path parameters as JSON texts, by name; an answer's fields of these names repeat them.
        request_id: names the request.
        number: 0 for an example as it stands, otherwise which variation of it.
        index: the row in its listing, from 0.
        factor: what `scale` figures are multiplied by.
        rows: the rows of a page, as JSON texts.
        page: what the page says of itself.
        sums: adds up the figures of all rows as a `sum` hint says.
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

Maker: TypeAlias = Callable[[Any, Any], Slot | None]
"""Takes a hint and the example's value, and returns what fills the place in; None leaves it."""


class Template:
    """A JSON text with places to fill in."""

    __slots__ = ("_parts",)

    def __init__(self, parts: Iterable[str | Slot]) -> None:
        self._parts: list[str | Slot] = []
        for part in parts:
            if isinstance(part, str) and self._parts and isinstance(before := self._parts[-1], str):
                self._parts[-1] = before + part
            else:
                self._parts.append(part)

    def __call__(self, fill: RenderContext) -> str:
        """Return the text."""
        return "".join([part if isinstance(part, str) else part(fill) for part in self._parts])

    @property
    def parts(self) -> list[str | Slot]:
        """What the text is put together from."""
        return self._parts


def object_template(fields: Mapping[str, Template]) -> Template:
    """Return the template of an object from those of its fields."""
    parts: list[str | Slot] = ["{"]
    for name, template in fields.items():
        parts += ["," if len(parts) > 1 else "", f"{text(name)}:", *template.parts]
    return Template([*parts, "}"])


class Writer:
    """Makes templates of the examples of one operation.

    Args:
        spec: the operation's.
        make: turns a hint into a slot.
        echoed: names of path parameters.
    """

    def __init__(self, spec: Spec, make: Maker, echoed: frozenset[str] = frozenset()) -> None:
        self._spec = spec
        self._make = make
        self._echoed = echoed

    def template(self, example: Any, schema: Mapping[str, Any], rows: tuple[str, ...] | None = None) -> Template:
        """Return the template of an example; what is at `rows` is left to be filled in."""
        return Template(self._value(example, schema, rows))

    def _value(self, value: Any, schema: Mapping[str, Any], rows: tuple[str, ...] | None) -> Iterator[str | Slot]:
        if rows == ():
            yield _rows
        elif (slot := self._make(self._spec.hint(schema), value)) is not None:
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
            yield text(value)

    def _object(
        self, value: dict[str, Any], schema: Mapping[str, Any], rows: tuple[str, ...] | None
    ) -> Iterator[str | Slot]:
        properties = self._spec.properties(schema)
        between = "{"
        for name, item in value.items():
            yield f"{between}{text(name)}:"
            between = ","
            if name in self._echoed:
                yield echo(name)
            else:
                below = rows[1:] if rows and rows[0] == name else None
                yield from self._value(item, properties.get(name, {}), below)
        if not value:
            yield between
        for name in [name for name in properties if name not in value]:
            hint = self._spec.hint(properties[name])
            if isinstance(hint, str) and hint in PAGE and value:
                yield _if_stated(name, PAGE[hint])
        yield "}"


def _rows(fill: RenderContext) -> str:
    return f"[{fill.rows}]"


def echo(name: str) -> Slot:
    """Return a slot that repeats a path parameter."""
    return lambda fill: fill.echo[name]


def _of_page(get: Callable[[Page], object]) -> Slot:
    def slot(fill: RenderContext) -> str:
        return text(get(fill.page)) if fill.page else "null"

    return slot


def _if_stated(name: str, slot: Slot) -> Slot:
    """Return a slot for a field that the example leaves out: the field where it has a value, else nothing."""

    def field(fill: RenderContext) -> str:
        value = slot(fill)
        return "" if value == "null" else f",{text(name)}:{value}"

    return field


PAGE: Mapping[str, Slot] = {
    "page-number": _of_page(lambda page: page.number),
    "total-items": _of_page(lambda page: page.total_items),
    "total-pages": _of_page(lambda page: page.total_pages),
    "next-token": _of_page(lambda page: page.next_token),
    "previous-token": _of_page(lambda page: page.previous_token),
    "next-position": _of_page(lambda page: page.next_position),
    "next-address": _of_page(lambda page: page.next_address),
    "has-more": _of_page(lambda page: page.has_more),
}
"""What fills in the hints about pages."""


def envelope_slot(hint: Any, value: Any) -> Slot | None:  # noqa: ARG001  # a Maker
    """Return what fills in a hint that stands outside of rows."""
    if hint == "request-id":
        return lambda fill: f'"{fill.request_id}"'
    if isinstance(hint, dict) and "sum" in hint:
        return lambda fill: fill.sums(hint) if fill.sums else "[]"
    return PAGE.get(hint) if isinstance(hint, str) else None


def text(value: object) -> str:
    """Return a value as compact JSON text."""
    return json.dumps(value, separators=(",", ":"))
