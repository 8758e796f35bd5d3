"""Exact arithmetic under any decimal context of the user's: nothing rounds."""

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
    """A context in which plain `-x`, `x / 100` and `x + y` would round, and raises if anything does."""
    with localcontext(Context(prec=1, traps=[Inexact, Rounded])):
        yield


@given(FIGURES)
def test_below_zero_is_minus_the_magnitude(value: Decimal) -> None:
    found = negative_magnitude(value)
    assert found is not None
    assert found <= 0
    assert found.copy_abs().as_tuple() == value.copy_abs().as_tuple()
    assert not (found.is_signed() and found.is_zero()), "zero has no sign"


def test_below_zero_of_nothing_is_nothing() -> None:
    assert negative_magnitude(None) is None


@given(FIGURES, st.sampled_from([-6, -2, 0, 2]))
def test_shifted_moves_the_point_and_keeps_the_digits(value: Decimal, places: int) -> None:
    found = shift_point(value, places)
    assert (found.as_tuple().sign, found.as_tuple().digits) == (value.as_tuple().sign, value.as_tuple().digits)
    assert int(found.as_tuple().exponent) - int(value.as_tuple().exponent) == places


@given(st.lists(FIGURES, max_size=20))
def test_total_is_the_sum_of_the_integers_behind_the_figures(values: list[Decimal]) -> None:
    whole = sum(int(format(shift_point(value, 38), "f").partition(".")[0]) for value in values)
    assert int(format(shift_point(exact_sum(values), 38), "f").partition(".")[0]) == whole


def test_widest_figures_by_hand() -> None:
    assert str(negative_magnitude(Decimal(WIDE))) == "-" + WIDE
    assert format(shift_point(Decimal("-" + WIDE), -2), "f") == "-" + "9" * 76 + ".99" + "1" * 38
    assert (
        format(exact_sum([Decimal("9" * 78), Decimal("0." + "0" * 37 + "1")]), "f") == "9" * 78 + "." + "0" * 37 + "1"
    )
