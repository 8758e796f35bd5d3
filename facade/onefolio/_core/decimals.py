"""Exact decimal operations: none of them rounds, whatever the thread's decimal context is."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact

from onefolio_runtime import ContractError, Violation

_WIDE = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Wide enough for any figure of the curated specs (116 digits) and sums of them; rounding would raise."""


def checked_decimal(value: Decimal | int | None, at: str) -> Decimal | None:
    """Return a figure that came as a JSON number, which may have any size, as what the library holds.

    Args:
        value: the number.
        at: where the row has it, as a JSON pointer.

    Raises:
        ContractError: it has more than 78 digits before the point or 38 after it.
    """
    if value is None:
        return None
    number = Decimal(value)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) + exponent > 78 or -exponent > 38:
        raise ContractError([Violation(at, "at most 78 digits before the point and 38 after", "more")])
    return number


def negative_magnitude(value: Decimal | None) -> Decimal | None:
    """Return minus the magnitude of a value, whatever sign it came with."""
    if value is None or not value:
        return None if value is None else value.copy_abs()
    return value.copy_abs().copy_negate()


def shift_point(value: Decimal, places: int) -> Decimal:
    """Return `value` times ten to the power of `places`."""
    return value.scaleb(places, _WIDE)


def exact_product(value: Decimal, factor: Decimal) -> Decimal:
    """Return the exact product."""
    return _WIDE.multiply(value, factor)


def exact_sum(values: list[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = Decimal(0)
    for value in values:
        result = _WIDE.add(result, value)
    return result


def exact_difference(minuend: Decimal, subtrahend: Decimal) -> Decimal:
    """Return `minuend` minus `subtrahend`, exactly."""
    return _WIDE.subtract(minuend, subtrahend)
