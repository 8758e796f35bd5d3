"""Exact arithmetic under any decimal context of the user's: nothing rounds."""

from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, Rounded, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio._exact import below_zero, shifted, total

WIDE = "9" * 78 + "." + "1" * 38
FIGURES = st.from_regex(r"\A-?[0-9]{1,78}(\.[0-9]{1,38})?\Z").map(Decimal)


@pytest.fixture(autouse=True, scope="module")
def tiny_context() -> Iterator[None]:
    """A context in which plain `-x`, `x / 100` and `x + y` would round, and raises if anything does."""
    with localcontext(Context(prec=1, traps=[Inexact, Rounded])):
        yield


@given(FIGURES)
def test_below_zero_is_minus_the_magnitude(value: Decimal) -> None:
    found = below_zero(value)
    assert found is not None
    assert found <= 0
    assert found.copy_abs().as_tuple() == value.copy_abs().as_tuple()
    assert not (found.is_signed() and found.is_zero()), "zero has no sign"


def test_below_zero_of_nothing_is_nothing() -> None:
    assert below_zero(None) is None


@given(FIGURES, st.sampled_from([-6, -2, 0, 2]))
def test_shifted_moves_the_point_and_keeps_the_digits(value: Decimal, places: int) -> None:
    found = shifted(value, places)
    assert (found.as_tuple().sign, found.as_tuple().digits) == (value.as_tuple().sign, value.as_tuple().digits)
    assert int(found.as_tuple().exponent) - int(value.as_tuple().exponent) == places


@given(st.lists(FIGURES, max_size=20))
def test_total_is_the_sum_of_the_integers_behind_the_figures(values: list[Decimal]) -> None:
    whole = sum(int(format(shifted(value, 38), "f").partition(".")[0]) for value in values)
    assert int(format(shifted(total(values), 38), "f").partition(".")[0]) == whole


def test_widest_figures_by_hand() -> None:
    assert str(below_zero(Decimal(WIDE))) == "-" + WIDE
    assert format(shifted(Decimal("-" + WIDE), -2), "f") == "-" + "9" * 76 + ".99" + "1" * 38
    assert format(total([Decimal("9" * 78), Decimal("0." + "0" * 37 + "1")]), "f") == "9" * 78 + "." + "0" * 37 + "1"
