"""Exact decimal operations: none of them rounds, whatever the thread's decimal context is."""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, Inexact

_WIDE = Context(prec=1000, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[Inexact])
"""Wide enough for any figure of the curated specs (116 digits) and sums of them; rounding would raise."""


def below_zero(value: Decimal | None) -> Decimal | None:
    """Return minus the magnitude of a value, whatever sign it came with."""
    if value is None or not value:
        return None if value is None else value.copy_abs()
    return value.copy_abs().copy_negate()


def shifted(value: Decimal, places: int) -> Decimal:
    """Return `value` times ten to the power of `places`."""
    return value.scaleb(places, _WIDE)


def product(value: Decimal, factor: Decimal) -> Decimal:
    """Return the exact product."""
    return _WIDE.multiply(value, factor)


def total(values: list[Decimal]) -> Decimal:
    """Return the exact sum."""
    result = Decimal(0)
    for value in values:
        result = _WIDE.add(result, value)
    return result


def difference(minuend: Decimal, subtrahend: Decimal) -> Decimal:
    """Return `minuend` minus `subtrahend`, exactly."""
    return _WIDE.subtract(minuend, subtrahend)
