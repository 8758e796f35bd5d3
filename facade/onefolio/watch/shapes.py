"""Types and formats of JSON values, and names that may be written down."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Sequence
from decimal import Decimal
from typing import Any

from onefolio_runtime import escape_token

HIDDEN = "{…}"
"""Replaces a name that may be an identifier or a key."""

NULL, EMPTY, OBJECT, LIST = "null", "string, empty", "object", "list"

_FORMATS = {
    "string, format date": re.compile(r"\d{4}-\d\d-\d\d"),
    "string, format date-time": re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?"),
    "string, format uuid": re.compile(r"[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"),
    "string, integer": re.compile(r"-?\d+"),
    "string, decimal": re.compile(r"-?\d+\.\d+"),
    "string, format email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "string, format uri": re.compile(r"https?://\S+"),
}
_LONGEST = 64
"""Characters of a string whose format is examined."""

_NAME = re.compile(r"[^\W\d][\w$:.-]{0,63}")
_IDENTIFIER = re.compile(r"\d{4}|[0-9a-f]{8}-[0-9a-f]{4}|(?=[a-z]*\d)(?=\d*[a-z])[0-9a-f]{12}", re.IGNORECASE)
_SHORTEST_PART = 6
"""Characters from which a string is compared with parts of private values."""

_WORD = re.compile(r"[^\W\d][\w./-]{0,39}")

MAX_NODES = 2_000
"""Places of one operation that are counted."""

MAX_ITEMS = 500
"""Items of a list that are counted in one response."""

_MAX_DEPTH = 12


def shape_of(value: Any) -> str:
    """Return the type of a JSON value, with the format of a string."""
    match value:
        case None:
            return NULL
        case bool():
            return "boolean"
        case int():
            return "integer"
        case Decimal() | float():
            return "number"
        case dict():
            return OBJECT
        case list():
            return LIST
        case "":
            return EMPTY
    if len(value) <= _LONGEST:
        for shape, pattern in _FORMATS.items():
            if pattern.fullmatch(value):
                return shape
    return "string"


def type_of(value: Any) -> str:
    """Return the JSON type of a value, in a message."""
    return {NULL: "null", OBJECT: "an object", LIST: "a list", EMPTY: "an empty string"}.get(
        shape := shape_of(value), f"a{'n' if shape == 'integer' else ''} {shape.partition(',')[0]}"
    )


def _is_private(text: str, private: Sequence[str]) -> bool:
    """Return whether a string repeats a private value or a part of it, or contains one."""
    return any(
        text == each or (len(each) >= _SHORTEST_PART and each in text) or (len(text) >= _SHORTEST_PART and text in each)
        for each in private
    )


def safe_name(name: str, documented: Container[str], private: Sequence[str], *, is_free: bool = False) -> str:
    """Return a field's name, or `HIDDEN` if it may be an identifier, a key or another value.

    Args:
        name: the name, which the provider chooses.
        documented: names that the spec states.
        private: values of the request.
        is_free: whether the name may be a value of a map, such as a symbol.
    """
    if name in documented:
        return name
    if not _NAME.fullmatch(name) or _IDENTIFIER.search(name) or _is_private(name, private):
        return HIDDEN
    return HIDDEN if is_free and name.upper() == name else name


def safe_word(word: Any, private: Sequence[str]) -> str:
    """Return a new value of an enum, or its shape if it may be an identifier, a key or a text."""
    if not isinstance(word, str) or not _WORD.fullmatch(word) or _IDENTIFIER.search(word) or _is_private(word, private):
        return f"({shape_of(word)})"
    return word


class Node:
    """The values at one place of the bodies of an operation.

    Attributes:
        place: the JSON pointer, with `*` for list indexes.
        counts: the number of values of each shape in the current response.
        totals: the same of all responses since the last `take`.
        fields: nodes of an object's fields.
        items: the node of a list's items.
        is_documented: whether the spec has the place.
    """

    __slots__ = ("counts", "fields", "is_documented", "items", "place", "totals")

    def __init__(self, place: str = "", *, is_documented: bool = True) -> None:
        self.place = place
        self.is_documented = is_documented
        self.counts: Counter[str] = Counter()
        self.totals: Counter[str] = Counter()
        self.fields: dict[str, Node] = {}
        self.items: Node | None = None

    def walk(self) -> Iterator[tuple[Node, Node | None]]:
        """Yield this node and all below it, each with the node of the object that contains it."""
        yield self, None
        waiting = [self]
        while waiting:
            parent = waiting.pop()
            below = [*parent.fields.values(), *([parent.items] if parent.items else ())]
            for each in below:
                yield each, parent if each is not parent.items else None
            waiting += below


class Profile:
    """The types and formats of the values in the bodies of one operation, by place. It keeps no value.

    Args:
        documented: names that the spec states.
    """

    def __init__(self, documented: Container[str]) -> None:
        self.root = Node()
        self._documented = documented
        self._size = 1

    def add(self, body: Any, private: Sequence[str]) -> None:
        """Count the values of a body."""
        self._add(self.root, body, private, 0)

    def end_response(self) -> None:
        """Add the counts of the current response to the totals."""
        for node, _ in self.root.walk():
            if node.counts:
                node.totals.update(node.counts)
                node.counts.clear()

    def take(self) -> dict[tuple[str, str], int]:
        """Return the totals by place and shape, and begin new ones."""
        found = {(node.place, shape): count for node, _ in self.root.walk() for shape, count in node.totals.items()}
        for node, _ in self.root.walk():
            node.totals.clear()
        return found

    def _add(self, node: Node, value: Any, private: Sequence[str], depth: int) -> None:
        node.counts[shape_of(value)] += 1
        if depth >= _MAX_DEPTH:
            return
        if isinstance(value, dict):
            for name, item in value.items():
                child = node.fields.get(name) or self._child(node, name, private)
                if child is not None:
                    self._add(child, item, private, depth + 1)
        elif isinstance(value, list):
            if node.items is None:
                node.items = Node(f"{node.place}/*", is_documented=node.is_documented)
            for item in value[:MAX_ITEMS]:
                self._add(node.items, item, private, depth + 1)

    def _child(self, parent: Node, name: str, private: Sequence[str]) -> Node | None:
        """Return the node of a new field; None beyond the limit."""
        shown = safe_name(name, self._documented, private, is_free=not parent.is_documented)
        if shown in parent.fields:
            return parent.fields[shown]
        if self._size >= MAX_NODES:
            return None
        self._size += 1
        is_documented = parent.is_documented and name in self._documented
        child = parent.fields[shown] = Node(f"{parent.place}/{escape_token(shown)}", is_documented=is_documented)
        return child
