"""Differences, and the pairs of schemas that have them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, NamedTuple

from attrs import define, field, frozen

from ..openapi.documents import Node
from ..openapi.errors import DocumentError
from .rules import Direction
from .shapes import Schema, Shape


@frozen(eq=False)
class Difference:
    """A difference between two places.

    Args:
        rule: the id of its rule.
        old: the place in the old document, or the closest place that contains it.
        new: the place in the new document, or the closest place that contains it.
        detail: the old and the new value.
        name: the property or parameter that was added, removed or changed its presence; None if the value changed.
        is_addition: whether `old` is only the place that would contain the added value.
        is_removal: whether `new` is only the place that would contain the removed value.
    """

    rule: str
    old: Node
    new: Node
    detail: str = ""
    name: str | None = None
    is_addition: bool = False
    is_removal: bool = False


class Context(NamedTuple):
    """The circumstances of a value that change the meaning of its schema.

    Attributes:
        ignores_null: whether nullability is compared elsewhere.
        ignores_default: whether the value is always sent, so that a default has no effect.
        is_text: whether the value is sent as text, as in parameters and headers, where `5` is also a string.
    """

    ignores_null: bool = False
    ignores_default: bool = False
    is_text: bool = False


PLAIN: Final = Context()


@define(eq=False)
class Pair:
    """An old and a new schema of the same value.

    Args:
        old: the old schema.
        new: the new schema.
        direction: the direction in which the value is sent.
        context: the circumstances of the value.
        differences: the differences of the two schemas themselves.
        children: the pairs of the values inside, by property name, `*` for items, and empty for a union branch.
        errors: the parts of the two schemas that are malformed and could not be compared.
        is_expanded: whether differences and children have been computed, or are being computed.
    """

    old: Schema
    new: Schema
    direction: Direction
    context: Context = PLAIN
    differences: list[Difference] = field(factory=list)
    children: list[tuple[str, Pair]] = field(factory=list)
    errors: list[str] = field(factory=list)
    is_expanded: bool = False

    @contextmanager
    def tolerating(self) -> Iterator[None]:
        """Keep the error of a malformed part instead of raising it."""
        try:
            yield
        except DocumentError as error:
            self.errors.append(str(error))


class Recorder:
    """Record the differences of a pair.

    Args:
        pair: the pair.
        old: the shape of the old schema.
        new: the shape of the new schema.
    """

    def __init__(self, pair: Pair, old: Shape, new: Shape) -> None:
        self.old, self.new = old, new
        self.direction: Direction = pair.direction
        self.context = pair.context
        self._pair = pair

    def record(
        self, rule: str, detail: str = "", *, old: Node | None = None, new: Node | None = None, name: str | None = None
    ) -> None:
        """Add a difference to the pair.

        Args:
            rule: the id of its rule.
            detail: the old and the new value.
            old: the place in the old document; by default that of the old schema, which would contain an added value.
            new: the place in the new document; by default that of the new schema, which would contain a removed value.
            name: the property that was added, removed or changed its presence.
        """
        self._pair.differences.append(
            Difference(
                rule,
                old or self.old.node,
                new or self.new.node,
                detail,
                name,
                is_addition=old is None and new is not None,
                is_removal=new is None and old is not None,
            )
        )

    def concerns(self, *types: str) -> bool:
        """Return True if values of one of these types are sent, so that a change for them matters."""
        sent = (self.new if self.direction == "response" else self.old).types
        return sent is None or not sent.isdisjoint(types)

    def tolerating(self) -> AbstractContextManager[None]:
        """Keep the error of a malformed part instead of raising it."""
        return self._pair.tolerating()

    def descend(self, step: str, pair: Pair) -> None:
        """Add the pair of a value inside of this one."""
        self._pair.children.append((step, pair))
