"""Exact arithmetic is independent of the decimal context: nothing is rounded."""

from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, Rounded, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio._core.decimals import exact_sum, negative_magnitude, shift_point

WIDE = "9" * 78 + "." + "1" * 38
FIGURES = st.from_regex(r"\A-?[0-9]{1,78}(\.[0-9]{1,38})?\Z").map(Decimal)


@pytest.fixture(autouse=True, scope="module")
def tiny_context() -> Iterator[None]:
    """Set a context in which `-x`, `x / 100` and `x + y` would round, and in which rounding raises."""
    with localcontext(Context(prec=1, traps=[Inexact, Rounded])):
        yield


@given(FIGURES)
def test_negative_magnitude_is_the_negative_of_the_absolute_value(value: Decimal) -> None:
    found = negative_magnitude(value)
    assert found is not None
    assert found <= 0
    assert found.copy_abs().as_tuple() == value.copy_abs().as_tuple()
    assert not (found.is_signed() and found.is_zero()), "zero has no sign"


def test_negative_magnitude_of_none_is_none() -> None:
    assert negative_magnitude(None) is None


@given(FIGURES, st.sampled_from([-6, -2, 0, 2]))
def test_shift_point_keeps_the_digits(value: Decimal, places: int) -> None:
    found = shift_point(value, places)
    assert (found.as_tuple().sign, found.as_tuple().digits) == (value.as_tuple().sign, value.as_tuple().digits)
    assert int(found.as_tuple().exponent) - int(value.as_tuple().exponent) == places


@given(st.lists(FIGURES, max_size=20))
def test_exact_sum_equals_the_sum_of_scaled_integers(values: list[Decimal]) -> None:
    whole = sum(int(format(shift_point(value, 38), "f").partition(".")[0]) for value in values)
    assert int(format(shift_point(exact_sum(values), 38), "f").partition(".")[0]) == whole


def test_figures_with_the_most_digits() -> None:
    assert str(negative_magnitude(Decimal(WIDE))) == "-" + WIDE
    assert format(shift_point(Decimal("-" + WIDE), -2), "f") == "-" + "9" * 76 + ".99" + "1" * 38
    assert (
        format(exact_sum([Decimal("9" * 78), Decimal("0." + "0" * 37 + "1")]), "f") == "9" * 78 + "." + "0" * 37 + "1"
    )
