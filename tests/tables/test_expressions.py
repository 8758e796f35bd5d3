"""The tables of expressions in docs/data-frames.md: the result of each one is as exact as stated."""

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Context, Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import attrs
import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from msgspec import structs

from onefolio import Snapshot

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-frames.md"
NAMES = {"Decimal": Decimal, "np": np, "pd": pd, "pl": pl, "pa": pa, "pc": pc}


def table_rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield library, operation, expression and stated result of each row of the tables."""
    for section in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        for operation, expression, stated in re.findall(r"^\| ([\w ]+) \| `(.+)` \| (.+) \|$", section, re.MULTILINE):
            yield section.split("\n", 1)[0], operation, expression, stated


@pytest.fixture(scope="module")
def long(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot with long figures, which floats cannot hold and 28 digits cannot multiply."""
    rows = [
        structs.replace(
            row,
            market_value=Decimal(f"{1234567890123456 * (number + 1)}.{12345678901 + number}") * (-1) ** number,
            cost_basis=Decimal(f"{987654321098765 + number}.98765432109876543"),
            price=Decimal(f"{100 + number}.123456789"),
            quantity=Decimal(f"{(number + 3) * (-1) ** number}"),
        )
        for number, row in enumerate(snapshot.positions)
    ]
    return attrs.evolve(snapshot, positions=rows)


def values(result: Any) -> list[Any]:
    """Return the figures of a result as a sorted list."""
    found: Any
    match result:
        case pd.DataFrame():
            found = result.to_numpy().ravel().tolist()
        case pd.Series():
            found = result.tolist()
        case pl.DataFrame():
            found = result.to_series(-1).to_list()
        case pl.Series():
            found = result.to_list()
        case pa.Table():
            found = result.column(result.num_columns - 1).to_pylist()
        case pa.ChunkedArray() | pa.Array():
            found = result.to_pylist()
        case pa.StructScalar():
            found = [result[each].as_py() for each in ("min", "max")]
        case pa.Scalar():
            found = [result.as_py()]
        case list():
            found = result
        case _:
            found = [result]
    return sorted(each for each in found if each is not None and each is not pd.NA and each == each)


def references(snapshot: Snapshot) -> dict[str, list[Fraction]]:
    """Return the true results by operation, each sorted, as fractions; roots with 100 digits."""
    rows = [
        (Fraction(each.market_value), Fraction(each.quantity), Fraction(each.price), Fraction(each.cost_basis))  # type: ignore[arg-type]
        for each in snapshot.positions
    ]
    held, number = [row[0] for row in rows], len(rows)
    total = sum(held, Fraction(0))
    groups: dict[Any, list[Fraction]] = {}
    for position, value in zip(snapshot.positions, held, strict=True):
        groups.setdefault(position.symbol, []).append(value)
    variance = sum(((value - total / number) * (value - total / number) for value in held), Fraction(0)) / (number - 1)
    wide = Context(prec=100)
    root = wide.sqrt(wide.divide(Decimal(variance.numerator), Decimal(variance.denominator)))

    def quantile(share: Fraction) -> Fraction:
        place = share * (number - 1)
        low = sorted(held)[int(place)]
        return low + (sorted(held)[min(int(place) + 1, number - 1)] - low) * (place - int(place))

    factor = Fraction(1085, 1000)
    found: dict[str, list[Any]] = {
        "quotient": [v / q for v, q, _, _ in rows],
        "product": [p * q for _, q, p, _ in rows],
        "multiple": [2 * q for _, q, _, _ in rows],
        "product with a decimal": [v * factor for v in held],
        "product with a float": [v * factor for v in held],
        "sum of columns": [v + c for v, _, _, c in rows],
        "difference": [v - c for v, _, _, c in rows],
        "absolute value": [abs(v) for v in held],
        "share of the total": [v / total for v in held],
        "share of the group": [v / sum(group) for group in groups.values() for v in group],
        "sum": [total],
        "sum of products": [sum((p * q for _, q, p, _ in rows), Fraction(0))],
        "running sum": list(accumulate(held)),
        "running sum by group": [each for group in groups.values() for each in accumulate(group)],
        "change": [v - before for before, v in pairwise(held)],
        "relative change": [v / before - 1 for before, v in pairwise(held)],
        "mean": [Fraction(total) / number],
        "median": [quantile(Fraction(1, 2))],
        "quantile": [quantile(Fraction(9, 10))],
        "standard deviation": [Fraction(root)],
        "square": [v * v for v in held],
        "greatest": sorted(held)[-3:],
        "filter": [v for v in held if v > 100],
        "sum by group": [sum(group) for group in groups.values()],
        "mean by group": [Fraction(sum(group)) / len(group) for group in groups.values()],
        "sum by day": [total],
        "rounded": [Fraction(round(v, 2)) for v in held],
        "rolling sum": [sum(pair) for pair in pairwise(held)],
        "rank": [Fraction(sorted(held).index(v) + 1) for v in held],
        "missing as zero": held,
        "join": held,
        "pivot": [sum(group) for group in groups.values()],
    }
    return {name: sorted(map(Fraction, values)) for name, values in found.items()}


def classify(evaluate: Callable[[], Any], wanted: list[Fraction]) -> str:
    """Return how exact a result is: `exact`, `38 digits`, `18 places`, `float`, `error`, or `WRONG`.

    `decimal of a float` is a decimal with the digits of a float only.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = values(evaluate())
        except Exception:  # noqa: BLE001  # each library has its own
            return "error"
    exact = [Fraction(each) for each in found]
    if len(exact) != len(wanted):
        return f"WRONG: {len(exact)} values"
    if exact == wanted:
        return "exact"
    errors = [(abs(each - right), abs(right)) for each, right in zip(exact, wanted, strict=True)]
    if any(isinstance(each, float) for each in found):
        return "float" if all(error <= size * Fraction(1, 10**9) for error, size in errors) else "WRONG"
    if all(error <= size * Fraction(1, 10**37) for error, size in errors):
        return "38 digits"
    if all(error <= Fraction(1, 10**18) for error, _ in errors):
        return "18 places"
    if all(error <= size * Fraction(1, 10**15) for error, size in errors):
        return "decimal of a float"
    return f"WRONG: {max(float(error) for error, _ in errors)}"


def evaluators(snapshot: Snapshot) -> dict[str, Callable[[str], Any]]:
    def python(frame: Any) -> Callable[[str], Any]:
        return lambda expression: eval(expression, {**NAMES, "p": frame})  # of our own page

    def sql(expression: str) -> Any:
        with duckdb.connect() as connection:
            connection.register("p", snapshot.to_arrow().positions)
            return [row[-1] for row in connection.execute(expression).fetchall()]

    return {
        "pandas": python(snapshot.to_pandas().positions),
        "polars": python(snapshot.to_polars().positions),
        "DuckDB": sql,
        "Arrow": python(snapshot.to_arrow().positions),
    }


def test_each_expression_is_as_exact_as_stated(long: Snapshot) -> None:
    evaluate, wanted, rows = evaluators(long), references(long), list(table_rows())
    found = [(*row[:3], classify(lambda row=row: evaluate[row[0]](row[2]), wanted[row[1]])) for row in rows]  # type: ignore[misc]
    assert found == rows
    assert Counter(row[0] for row in rows).keys() == evaluate.keys()
    assert all(number >= 20 for number in Counter(row[0] for row in rows).values())
