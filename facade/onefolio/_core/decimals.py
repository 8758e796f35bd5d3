"""Exact decimal operations that are independent of the thread's decimal context and never round."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact

from onefolio_runtime import ContractError, Violation

_WIDE = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Wide enough for figures of 116 digits, the most that `checked_decimal` accepts, and their sums. Rounding raises."""


def checked_decimal(value: Decimal | int | None, pointer: str) -> Decimal | None:
    """Convert a JSON number to a Decimal and check its size. A JSON number may have any number of digits.

    Args:
        value: the number, or None.
        pointer: the JSON pointer of the number within its row, for the error.

    Raises:
        ContractError: The number has more than 78 digits before the decimal point or more than 38 after it.
    """
    if value is None:
        return None
    number = Decimal(value)
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int) or len(digits) + exponent > 78 or -exponent > 38:
        raise ContractError([Violation(pointer, "at most 78 digits before the point and 38 after", "more")])
    return number


def negative_magnitude(value: Decimal | None) -> Decimal | None:
    """Return the negative of the absolute value, or None for None. Zero is returned without a sign."""
    if value is None or not value:
        return None if value is None else value.copy_abs()
    return value.copy_abs().copy_negate()


def shift_point(value: Decimal, places: int) -> Decimal:
    """Multiply a value by ten to the power of `places`, which may be negative."""
    return value.scaleb(places, _WIDE)


def exact_product(value: Decimal, factor: Decimal) -> Decimal:
    """Multiply two values exactly."""
    return _WIDE.multiply(value, factor)


def exact_sum(values: list[Decimal]) -> Decimal:
    """Add values exactly. The sum of no values is zero."""
    result = Decimal(0)
    for value in values:
        result = _WIDE.add(result, value)
    return result


def exact_difference(minuend: Decimal, subtrahend: Decimal) -> Decimal:
    """Subtract `subtrahend` from `minuend` exactly."""
    return _WIDE.subtract(minuend, subtrahend)
