"""Compare the keywords that only narrow a value, such as `contains`, `if` and `not`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeAlias

from attrs import define

from ..openapi.documents import Node
from .equivalence import are_equivalent
from .keywords import ASSERTIONS
from .limits import read_number
from .pairs import Recorder

IsSubset: TypeAlias = Callable[[Node, Node], bool]
"""Returns True if every value of the first schema is a value of the second one."""

_EVALUATING: Final = frozenset(("contains", "if", "dependentSchemas", "patternProperties"))
"""Assertions that also describe values for `unevaluatedProperties` and `unevaluatedItems`."""

_REPLACES_ADDITIONAL: Final = "patternProperties"
"""The assertion that takes values away from `additionalProperties`."""


@define
class AssertionComparer:
    """Compares the assertions of a pair of shapes.

    Args:
        recorder: records the differences.
        is_subset: compares two schemas inside of the assertions.
    """

    recorder: Recorder
    is_subset: IsSubset

    def compare(self) -> None:
        """Record which assertions were added, removed or changed."""
        old, new = self.recorder.old.assertions, self.recorder.new.assertions
        for name in ASSERTIONS:
            before = [node for node in old if name in node and node.get(name) is not None]
            after = [node for node in new if name in node and node.get(name) is not None]
            if before or after:
                self._compare(name, before, after)

    def _compare(self, name: str, before: Sequence[Node], after: Sequence[Node]) -> None:
        has_tightened = self._imply(name, after, before)
        has_relaxed = self._imply(name, before, after)
        if has_tightened and has_relaxed:
            return
        rule = "constraint-tightened" if has_tightened else "constraint-relaxed" if has_relaxed else "keyword-changed"
        if self._affects_others(name):
            rule = "keyword-changed"
        old, new = (nodes[0].child(name) if nodes else None for nodes in (before, after))
        self.recorder.record(rule, name, old=old, new=new)

    def _affects_others(self, name: str) -> bool:
        shapes = self.recorder.old, self.recorder.new
        if name == _REPLACES_ADDITIONAL and any(shape.additional is not None for shape in shapes):
            return True
        return name in _EVALUATING and any(shape.has_unevaluated for shape in shapes)

    def _imply(self, name: str, given: Sequence[Node], wanted: Sequence[Node]) -> bool:
        """Return True if every value that satisfies the given assertions satisfies the wanted ones."""
        return all(any(self._implies(name, each, other) for each in given) for other in wanted)

    def _implies(self, name: str, given: Node, wanted: Node) -> bool:
        if all(_are_equal(given, wanted, keyword) for keyword in ASSERTIONS[name]):
            return True
        match name:
            case "not":
                return self.is_subset(wanted.child(name), given.child(name))
            case "propertyNames":
                return self.is_subset(given.child(name), wanted.child(name))
            case "contains":
                return self._contains_implies(given, wanted)
            case "if":
                return _are_equal(given, wanted, name) and all(
                    self._is_inside(given.child(keyword), wanted.child(keyword)) for keyword in ("then", "else")
                )
            case "dependentRequired":
                required = given.child(name)
                return all(
                    key in required and set(wanted.child(name).strings(key)) <= set(required.strings(key))
                    for key in wanted.child(name).mapping()
                )
            case _:
                inner = given.child(name)
                return all(key in inner and self.is_subset(inner.child(key), node) for key, node in wanted.fields(name))

    def _is_inside(self, given: Node, wanted: Node) -> bool:
        return wanted.value is None or (given.value is not None and self.is_subset(given, wanted))

    def _contains_implies(self, given: Node, wanted: Node) -> bool:
        at_least, at_most = _count(wanted, "minContains"), _count(wanted, "maxContains")
        given_least, given_most = _count(given, "minContains"), _count(given, "maxContains")
        one, other = given.child("contains"), wanted.child("contains")
        wants_some = (Decimal(1) if at_least is None else at_least) > 0
        if wants_some and not (
            (Decimal(1) if given_least is None else given_least) >= (Decimal(1) if at_least is None else at_least)
            and self.is_subset(one, other)
        ):
            return False
        return at_most is None or (given_most is not None and given_most <= at_most and self.is_subset(other, one))


def _are_equal(one: Node, other: Node, keyword: str) -> bool:
    before, after = one.child(keyword), other.child(keyword)
    if before.value is None or after.value is None:
        return before.value is after.value
    return are_equivalent(before, after)


def _count(node: Node, keyword: str) -> Decimal | None:
    return read_number(node, keyword) if keyword in node else None
