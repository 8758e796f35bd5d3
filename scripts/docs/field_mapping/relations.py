"""Infer the relation between a provider field and a unified field from pairs of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from typing import Any, NamedTuple, TypeAlias

from onefolio._core.decimals import shift_point

Pair: TypeAlias = tuple[Any, Any]
"""A provider's value and the unified value that results."""

_EXPONENTS = [exponent for exponent in range(-18, 19) if exponent]


class Relation(StrEnum):
    """The relation of a unified value to the provider's value."""

    AS_SENT = "as sent"
    NEGATED = "negative magnitude"
    MAGNITUDE = "magnitude"
    SIGN = "sign"
    SCALED = "times a power of ten"
    DAY = "date in UTC"
    ENUM = "mapped value"
    LISTED = "name of the field, if true"
    DERIVED = "derived"


class InferredRelation(NamedTuple):
    """A relation and its parameters.

    Attributes:
        relation: the relation.
        enum_values: for ENUM, the unified value of each value.
        exponent: for SCALED, the power of ten.
    """

    relation: Relation
    enum_values: Mapping[str, str | None] = {}
    exponent: int = 0


def infer_relation(name: str, series: Sequence[Sequence[Pair]]) -> InferredRelation:
    """Infer the relation between a provider field and a unified field.

    Args:
        name: the name of the provider field.
        series: the pairs of each object, in which only the provider field was changed.
    """
    pairs = [pair for each in series for pair in each]
    if any(isinstance(after, Enum) for _, after in pairs):
        return _infer_from_enums(pairs)
    if all(_is_same(native, after) for native, after in pairs):
        return InferredRelation(Relation.AS_SENT)
    if all(isinstance(after, frozenset) and (name in after) is native for native, after in pairs):
        return InferredRelation(Relation.LISTED)
    if all(_parse_day(native) == after for native, after in pairs):
        return InferredRelation(Relation.DAY)
    if all(isinstance(after, Decimal) for _, after in pairs):
        return _infer_from_figures(series, pairs)
    return InferredRelation(Relation.DERIVED)


def _infer_from_enums(pairs: Sequence[Pair]) -> InferredRelation:
    if all(isinstance(native, str) and (after is None or isinstance(after, Enum)) for native, after in pairs):
        return InferredRelation(
            Relation.ENUM, {native: None if after is None else str(after) for native, after in pairs}
        )
    return InferredRelation(Relation.DERIVED)


def _infer_from_figures(series: Sequence[Sequence[Pair]], pairs: Sequence[Pair]) -> InferredRelation:
    figures = [(_parse_decimal(native), after) for native, after in pairs]
    known = [(figure, after) for figure, after in figures if figure is not None]
    if len(known) == len(figures):
        if all(after == -abs(figure) for figure, after in known):
            return InferredRelation(Relation.NEGATED)
        if all(abs(after) == abs(figure) for figure, after in known):
            return InferredRelation(Relation.MAGNITUDE)
        for exponent in _EXPONENTS:
            if all(after == shift_point(figure, exponent) for figure, after in known):
                return InferredRelation(Relation.SCALED, exponent=exponent)
    if all(len({abs(after) for _, after in each}) == 1 for each in series):
        return InferredRelation(Relation.SIGN)
    return InferredRelation(Relation.DERIVED)


def _is_same(native: Any, after: Any) -> bool:
    match after:
        case Decimal():
            return _parse_decimal(native) == after
        case datetime():
            return _parse_time(native) == after
        case date():
            return bool(native == after.isoformat())
        case frozenset():
            return isinstance(native, list) and frozenset(native) == after
        case str():
            return str(native) == after
    return native is after


def _parse_decimal(native: Any) -> Decimal | None:
    try:
        return None if isinstance(native, bool) else Decimal(native)
    except (InvalidOperation, TypeError, ValueError):
        return None


def _parse_time(native: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(native)
    except (TypeError, ValueError):
        return None


def _parse_day(native: Any) -> date | None:
    time = _parse_time(native)
    return None if time is None or time.tzinfo is None else time.astimezone(UTC).date()
