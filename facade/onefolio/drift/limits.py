"""Lower and upper limits of numbers, lengths and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

from attrs import frozen

from .._core.decimals import exact_sum
from ..openapi.documents import Node
from .json_types import Types, covers

LOWER_LIMITS: Final = {"minimum": "number", "minLength": "string", "minItems": "array", "minProperties": "object"}
"""The type of the values that each keyword limits."""

UPPER_LIMITS: Final = {"maximum": "number", "maxLength": "string", "maxItems": "array", "maxProperties": "object"}
"""The type of the values that each keyword limits."""

EXCLUSIVE_LIMITS: Final = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""The keyword that excludes the limit itself. OpenAPI 3.0 has a flag beside the limit, 3.1 the limit itself."""

_KEYWORDS: Final = frozenset((*LOWER_LIMITS, *UPPER_LIMITS, *EXCLUSIVE_LIMITS.values()))

_MOST_DIGITS = 100
"""Digits of an exclusive limit of integers that is converted to an inclusive one."""


@frozen(eq=False)
class Bound:
    """A limit.

    Args:
        value: the limit.
        is_exclusive: whether the limit itself is not allowed.
    """

    value: Decimal
    is_exclusive: bool = False

    def __str__(self) -> str:
        return f"{self.value}{' (exclusive)' if self.is_exclusive else ''}"


def read_number(node: Node, keyword: str) -> Decimal:
    """Return the number in a keyword.

    Raises:
        DocumentError: the value is not a number.
    """
    value = node.get(keyword)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        node.child(keyword).fail("a number")
    return Decimal(str(value))


def tightness(bound: Bound | None, sign: int) -> tuple[int, Decimal, bool]:
    """Return a sort key of limits: a tighter limit has a greater key, no limit the least.

    Args:
        bound: the limit, if any.
        sign: 1 for lower limits, -1 for upper limits.
    """
    if bound is None:
        return 0, Decimal(0), False
    return 1, bound.value if sign > 0 else bound.value.copy_negate(), bound.is_exclusive


def find_limits(members: Iterable[Node], types: Types) -> tuple[dict[str, Bound], dict[str, Bound]]:
    """Return the tightest lower and upper limits of schema objects by keyword, without those that have no effect.

    Args:
        members: the schema objects, all of which apply.
        types: the types of the value; limits of other types have no effect.
    """
    limited = [member for member in members if not _KEYWORDS.isdisjoint(member.mapping())]
    return _tightest(limited, LOWER_LIMITS, types, 1), _tightest(limited, UPPER_LIMITS, types, -1)


def _tightest(members: list[Node], keywords: Mapping[str, str], types: Types, sign: int) -> dict[str, Bound]:
    tightest: dict[str, Bound] = {}
    for keyword, bound in _bounds(members, keywords, types):
        has_no_effect = sign > 0 and keyword != "minimum" and bound.value <= 0
        if not has_no_effect and tightness(bound, sign) > tightness(tightest.get(keyword), sign):
            tightest[keyword] = bound
    return tightest


def _bounds(members: list[Node], keywords: Mapping[str, str], types: Types) -> Iterator[tuple[str, Bound]]:
    is_integer = types is not None and "integer" in types
    for keyword, kind in keywords.items():
        if not covers(types, "integer" if kind == "number" else kind):
            continue
        exclusive = EXCLUSIVE_LIMITS.get(keyword)
        for member in members:
            flag = member.get(exclusive) if exclusive else None
            if keyword in member:
                value = read_number(member, keyword)
                yield keyword, _bound(value, keyword, is_exclusive=flag is True, is_integer=is_integer)
            if exclusive and exclusive in member and not isinstance(flag, bool):
                value = read_number(member, exclusive)
                yield keyword, _bound(value, keyword, is_exclusive=True, is_integer=is_integer)


def _bound(value: Decimal, keyword: str, *, is_exclusive: bool, is_integer: bool) -> Bound:
    """Return a limit; an exclusive limit of integers becomes the inclusive limit with the same meaning."""
    # A larger number can be written with an exponent alone; all of its digits would fill the memory.
    is_small = value.is_finite() and value.adjusted() < _MOST_DIGITS and value == value.to_integral_value()
    if is_exclusive and is_integer and is_small:
        return Bound(exact_sum([value, Decimal(1 if keyword == "minimum" else -1)]))
    return Bound(value, is_exclusive)
