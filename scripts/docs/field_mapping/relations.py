"""What is done to a native value, told from pairs of it and the unified value that came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum, StrEnum
from typing import Any, NamedTuple, TypeAlias

from onefolio._core.decimals import shift_point

Pair: TypeAlias = tuple[Any, Any]
"""A native value and the unified one that came of it."""

_EXPONENTS = [exponent for exponent in range(-18, 19) if exponent]


class Relation(StrEnum):
    """What is done to a native value."""

    AS_SENT = "as sent"
    NEGATED = "minus its magnitude"
    MAGNITUDE = "its magnitude"
    SIGN = "the sign"
    SCALED = "times a power of ten"
    DAY = "its day in UTC"
    WORD = "its word"
    LISTED = "its name, where true"
    DERIVED = "made from it"


class InferredRelation(NamedTuple):
    """A relation and its particulars.

    Attributes:
        relation: what is done.
        words: for WORD, the unified word by the native one.
        exponent: for SCALED, of ten.
    """

    relation: Relation
    words: Mapping[str, str | None] = {}
    exponent: int = 0


def infer_relation(name: str, series: Sequence[Sequence[Pair]]) -> InferredRelation:
    """Return what is done to a native field.

    Args:
        name: the field's own name.
        series: pairs for each object that was tried; in each, only the native field was changed.
    """
    pairs = [pair for each in series for pair in each]
    if any(isinstance(after, Enum) for _, after in pairs):
        return _of_words(pairs)
    if all(_same(native, after) for native, after in pairs):
        return InferredRelation(Relation.AS_SENT)
    if all(isinstance(after, frozenset) and (name in after) is native for native, after in pairs):
        return InferredRelation(Relation.LISTED)
    if all(_day(native) == after for native, after in pairs):
        return InferredRelation(Relation.DAY)
    if all(isinstance(after, Decimal) for _, after in pairs):
        return _of_figures(series, pairs)
    return InferredRelation(Relation.DERIVED)


def _of_words(pairs: Sequence[Pair]) -> InferredRelation:
    if all(isinstance(native, str) and (after is None or isinstance(after, Enum)) for native, after in pairs):
        return InferredRelation(
            Relation.WORD, {native: None if after is None else str(after) for native, after in pairs}
        )
    return InferredRelation(Relation.DERIVED)


def _of_figures(series: Sequence[Sequence[Pair]], pairs: Sequence[Pair]) -> InferredRelation:
    figures = [(_figure(native), after) for native, after in pairs]
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


def _same(native: Any, after: Any) -> bool:
    match after:
        case Decimal():
            return _figure(native) == after
        case datetime():
            return _time(native) == after
        case date():
            return bool(native == after.isoformat())
        case frozenset():
            return isinstance(native, list) and frozenset(native) == after
        case str():
            return str(native) == after
    return native is after


def _figure(native: Any) -> Decimal | None:
    try:
        return None if isinstance(native, bool) else Decimal(native)
    except (InvalidOperation, TypeError, ValueError):
        return None


def _time(native: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(native)
    except (TypeError, ValueError):
        return None


def _day(native: Any) -> date | None:
    time = _time(native)
    return None if time is None or time.tzinfo is None else time.astimezone(UTC).date()
