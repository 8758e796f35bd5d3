"""Exact arithmetic of figures in a column. A missing figure is None, and every result that depends on it is missing.

Sums, differences and products are exact. A result that can have endless digits, such as a quotient, a mean or a
standard deviation, is exact if it has at most 120 digits, and is otherwise rounded to 38 significant digits.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, DivisionByZero, Inexact, InvalidOperation, Overflow
from functools import reduce
from typing import Final, TypeAlias

Figure: TypeAlias = Decimal | None

ROUNDED_DIGITS: Final = 38
"""Significant digits of a result that has endless or too many digits."""

LONGEST_RESULT: Final = 120
"""Digits of the longest quotient that is not rounded; the longest figure of a contract has 116."""

_TRAPS = [Inexact, InvalidOperation, DivisionByZero, Overflow]
_EXACT = Context(prec=100_000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=_TRAPS)
_WIDE = Context(prec=LONGEST_RESULT, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=_TRAPS)
_ROUNDED = Context(
    prec=ROUNDED_DIGITS, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[InvalidOperation, DivisionByZero, Overflow]
)
_ZERO, _ONE = Decimal(0), Decimal(1)


def divide(left: Decimal, right: Decimal) -> Figure:
    """Return a quotient; None for a division by zero."""
    return _shorten(lambda context: context.divide(left, right)) if right else None


def floor_divide(left: Decimal, right: Decimal) -> Figure:
    """Return the greatest integer that is not greater than a quotient; None for a division by zero."""
    return _divide_with_remainder(left, right)[0] if right else None


def modulo(left: Decimal, right: Decimal) -> Figure:
    """Return the remainder of `floor_divide`, with the sign of the divisor; None for a division by zero."""
    return _divide_with_remainder(left, right)[1] if right else None


def power(base: Decimal, exponent: Decimal) -> Figure:
    """Return a power; None if it is not a real number. Powers with a natural exponent are exact."""
    if not exponent and not base:
        return _ONE
    if exponent >= 0 and exponent == exponent.to_integral_value():
        return _EXACT.power(base, exponent)
    try:
        return _ROUNDED.power(base, exponent)
    except (InvalidOperation, DivisionByZero):
        return None


BINARY: Final[Mapping[str, Callable[[Decimal, Decimal], Figure]]] = {
    "add": _EXACT.add,
    "sub": _EXACT.subtract,
    "mul": _EXACT.multiply,
    "truediv": divide,
    "floordiv": floor_divide,
    "mod": modulo,
    "pow": power,
}
"""Operators by the name of their function in `operator`."""

COMPARISONS: Final[Mapping[str, Callable[[object, object], bool]]] = {
    name: getattr(operator, name) for name in ("eq", "ne", "lt", "le", "gt", "ge")
}


def negate(figure: Decimal) -> Decimal:
    """Return the negative of a figure with all digits."""
    return figure.copy_negate()


def round_to(figure: Decimal, places: int) -> Decimal:
    """Return a figure rounded to a number of places, half to even; a negative number rounds before the point."""
    return figure.quantize(_ONE.scaleb(-places), context=Context(prec=100_000, traps=[InvalidOperation]))


def reduce_figures(name: str, figures: Sequence[Decimal], *, min_count: int = 0, ddof: int = 1) -> Figure:
    """Return a statistic of figures without missing ones; None if there are too few.

    Args:
        name: `sum`, `prod`, `min`, `max`, `mean`, `median`, `var`, `std`, `sem`, `first` or `last`.
        figures: the figures.
        min_count: the number of figures below which the result is missing.
        ddof: the delta degrees of freedom of `var`, `std` and `sem`.

    Raises:
        KeyError: the name is unknown.
    """
    if name in _SPREADS:
        return _spread(name, figures, ddof) if len(figures) > max(ddof, 0) else None
    statistic, least = _STATISTICS[name]
    return None if len(figures) < max(min_count, least) else statistic(figures)


def accumulate_figures(name: str, figures: Sequence[Figure], *, skipna: bool = True) -> list[Figure]:
    """Return the running `cumsum`, `cumprod`, `cummin` or `cummax`, with missing figures in their places.

    Raises:
        KeyError: the name is unknown.
    """
    combine = _RUNNING[name]
    found: list[Figure] = []
    running: Figure = None
    for index, figure in enumerate(figures):
        if figure is None:
            found.append(None)
            if not skipna:
                return [*found, *[None] * (len(figures) - index - 1)]
            continue
        running = figure if running is None else combine(running, figure)
        found.append(running)
    return found


def quantile(ordered: Sequence[Decimal], share: Decimal, interpolation: str) -> Figure:
    """Return a quantile of sorted figures.

    Args:
        ordered: the figures in ascending order.
        share: from 0 to 1.
        interpolation: `linear`, `lower`, `higher`, `midpoint` or `nearest`, as in pandas.
    """
    if not ordered:
        return None
    place = _EXACT.multiply(share, Decimal(len(ordered) - 1))
    below = int(place)
    part = _EXACT.subtract(place, Decimal(below))
    low, high = ordered[below], ordered[min(below + 1, len(ordered) - 1)]
    match interpolation:
        case "lower":
            return low
        case "higher":
            return high if part else low
        case "nearest":
            return low if part < Decimal("0.5") or (part == Decimal("0.5") and below % 2 == 0) else high
        case "midpoint":
            part = Decimal("0.5") if part else part
    return _EXACT.add(low, _EXACT.multiply(_EXACT.subtract(high, low), part)) if part else low


def dense_order(figures: Sequence[Figure]) -> list[int | None]:
    """Return the place of each figure in the ascending order of all different figures."""
    places = {figure: place for place, figure in enumerate(sorted({each for each in figures if each is not None}))}
    return [None if each is None else places[each] for each in figures]


def _shorten(calculate: Callable[[Context], Decimal]) -> Decimal:
    try:
        return calculate(_WIDE)
    except Inexact:
        return calculate(_ROUNDED)


def _divide_with_remainder(left: Decimal, right: Decimal) -> tuple[Decimal, Decimal]:
    """Return quotient and remainder of a division that rounds down, as in pandas; `Decimal` rounds toward zero."""
    whole, rest = _EXACT.divmod(left, right)
    if rest and rest.is_signed() != right.is_signed():
        return _EXACT.subtract(whole, _ONE), _EXACT.add(rest, right)
    return whole, rest


def _sum(figures: Sequence[Decimal]) -> Decimal:
    return reduce(_EXACT.add, figures, _ZERO)


def _mean(figures: Sequence[Decimal]) -> Figure:
    return divide(_sum(figures), Decimal(len(figures)))


def _median(figures: Sequence[Decimal]) -> Figure:
    return quantile(sorted(figures), Decimal("0.5"), "linear")


def _spread(name: str, figures: Sequence[Decimal], ddof: int) -> Figure:
    """Return variance, standard deviation or standard error, rounded once."""
    number = len(figures)
    squares = _sum([_EXACT.multiply(each, each) for each in figures])
    total = _sum(figures)
    above = _EXACT.subtract(_EXACT.multiply(Decimal(number), squares), _EXACT.multiply(total, total))
    below = Decimal(number * (number - ddof) * (number if name == "sem" else 1))
    if name == "var":
        return divide(above, below)
    # The additional digits keep the root from the rounding of the quotient.
    variance = Context(prec=2 * LONGEST_RESULT, Emax=MAX_EMAX, Emin=MIN_EMIN).divide(above, below)
    return _shorten(lambda context: context.sqrt(variance))


_STATISTICS: Final[Mapping[str, tuple[Callable[[Sequence[Decimal]], Figure], int]]] = {
    "sum": (_sum, 0),
    "prod": (lambda figures: reduce(_EXACT.multiply, figures, _ONE), 0),
    "min": (min, 1),
    "max": (max, 1),
    "mean": (_mean, 1),
    "median": (_median, 1),
    "first": (lambda figures: figures[0], 1),
    "last": (lambda figures: figures[-1], 1),
}
"""Statistics by name, each with the least number of figures."""

_SPREADS: Final = frozenset({"var", "std", "sem"})

_RUNNING: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "cumsum": _EXACT.add,
    "cumprod": _EXACT.multiply,
    "cummin": min,
    "cummax": max,
}
