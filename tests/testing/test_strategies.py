"""Strategies of models: the cost of an example, and the kinds of values that examples have."""

import re
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import find, given, settings
from hypothesis.strategies import SearchStrategy

from onefolio import ConfigurationError, Position
from onefolio.providers.registry import known
from onefolio.testing import accounts, balances, positions
from onefolio.testing.json_values import bodies

MOST_CALLS = 8000
"""Function calls per example: processor time that does not depend on the machine."""

EXAMPLES = 40


def strategies() -> Iterator[Any]:
    for provider in [None, *known()]:
        for make in (accounts, balances, positions):
            try:
                strategy: SearchStrategy[Any] = make(provider)
            except ConfigurationError:
                continue
            yield pytest.param(strategy, id=f"{make.__name__}-{provider}")


def draw(strategy: SearchStrategy[Any], number: int) -> list[Any]:
    found: list[Any] = []

    @settings(max_examples=number)
    @given(strategy)
    def collect(each: Any) -> None:
        found.append(each)

    collect()
    return found


def count_calls(act: Callable[[], object]) -> int:
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("strategy", list(strategies()))
def test_an_example_takes_few_calls(strategy: SearchStrategy[Any]) -> None:
    draw(strategy, 2)  # create the objects that later examples share
    assert count_calls(lambda: draw(strategy, EXAMPLES)) / EXAMPLES < MOST_CALLS


def kinds(value: Any) -> Iterator[str]:
    """Yield the kinds of a JSON value that programs treat differently."""
    if not isinstance(value, str):
        yield type(value).__name__
        return
    whole, _, fraction = value.partition(".")
    if not re.fullmatch(r"-?\d+(\.\d+)?", value):
        yield "no characters" if not value else "ascii" if value.isascii() else "beyond ascii"
        return
    yield "negative" if value.startswith("-") else "positive"
    yield "more than 20 digits" if len(whole.lstrip("-0")) > 20 else "20 digits"
    yield "more than 18 places" if len(fraction) > 18 else "18 places"
    yield "zeros at the end" if fraction.endswith("0") else "none at the end"
    if not Decimal(value):
        yield "zero"


def test_rows_have_every_kind_of_value() -> None:
    rows = draw(bodies(known()["alpaca"].contract, "Account"), 200)
    number = [len(row) for row in rows]
    assert min(number) < 10 < 50 < max(number), "optional fields are absent and present"
    names = {name for row in rows for name in row}
    found = {name: {each for row in rows if name in row for each in kinds(row[name])} for name in names}
    assert {"int", "NoneType", "positive"} <= found["options_trading_level"]
    assert {"ascii", "beyond ascii", "no characters"} <= found["account_number"]


def test_figures_have_every_kind_of_digits() -> None:
    figures = [str(each.raw.to_dict()["quantity"]) for each in draw(positions("clear_street"), 200)]
    found = {each for figure in figures for each in kinds(figure)}
    assert found >= {"negative", "positive", "more than 20 digits", "more than 18 places", "zeros at the end", "zero"}


def test_a_failing_example_becomes_simple() -> None:
    def is_short(position: Position) -> bool:
        return position.quantity is not None and position.quantity < 0

    simple = find(positions("clear_street"), is_short, settings=settings(max_examples=500))
    assert len(str(simple.quantity)) <= 3
