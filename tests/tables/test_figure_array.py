"""The pandas type of exact decimals, and the other types of `to_pandas(figures=)`."""

import pickle
import random
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, get_args

import attrs
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from msgspec import structs

from onefolio import Snapshot
from onefolio._tables.figure_array import FigureArray
from onefolio._tables.frames import PandasFigures

LONG = Decimal("7" * 78 + "." + "3" * 38)
NUMBERS = [Decimal("10"), None, Decimal("-3.25"), LONG, Decimal("0")]


@pytest.fixture
def figures() -> Any:
    return pd.Series(FigureArray(NUMBERS))


def test_each_choice_holds_every_figure_and_only_arrow_leaves_long_ones_out(snapshot: Snapshot) -> None:
    odd = attrs.evolve(snapshot, positions=[structs.replace(snapshot.positions[0], cost_basis=LONG)])
    found = {each: odd.to_pandas(figures=each) for each in get_args(PandasFigures)}
    values = {name: frames.positions.cost_basis[0] for name, frames in found.items()}
    assert values == {"exact": LONG, "float": float(LONG), "object": LONG, "arrow": pd.NA}
    assert {name: str(frames.positions.cost_basis.dtype) for name, frames in found.items()} == {
        "exact": "figure",
        "float": "float64",
        "object": "object",
        "arrow": "decimal128(38, 18)[pyarrow]",
    }
    assert {frames.text_only[0].text for frames in found.values()} == {str(LONG)}
    with pytest.raises(ValueError, match="'exact', 'float', 'object', 'arrow'"):
        odd.to_pandas(figures="decimal")  # type: ignore[arg-type]


@pytest.mark.parametrize("choice", ["exact", "float", "object", "arrow"])
def test_an_empty_snapshot_has_the_same_types(snapshot: Snapshot, choice: Any) -> None:
    empty = attrs.evolve(snapshot, accounts=[], balances=[], positions=[], failures=[])
    for name, frame in empty.to_pandas(figures=choice).items():
        assert frame.dtypes.equals(snapshot.to_pandas(figures=choice)[name].dtypes)


def test_missing_figures_stay_missing(figures: Any) -> None:
    assert figures.isna().tolist() == [False, True, False, False, False]
    for result in (
        figures + 1,
        figures.abs(),
        -figures,
        figures.cumsum(),
        figures.reindex([9, 1]),
        figures.shift(-1)[:1],
    ):
        assert result.isna().any()
        assert result.dtype == "figure"
    assert Fraction(figures.sum()) == Fraction(LONG) + Fraction("6.75")
    assert (figures / 0).isna().all()
    assert (1 / figures).isna().tolist() == [False, True, False, False, True]
    assert figures.sum(skipna=False) is pd.NA
    merged = pd.DataFrame({"key": [1, 2], "x": figures[:2]}).merge(pd.DataFrame({"key": [3]}), how="outer")
    assert merged.x.tolist() == [Decimal(10), pd.NA, pd.NA]
    assert merged.x.sum() == 10
    assert figures.where(figures > 0).tolist()[1:3] == [pd.NA, pd.NA]


def test_results_are_exact_and_rounded_once() -> None:
    chance = random.Random(7)
    numbers = [Decimal(chance.randrange(-(10**40), 10**40)).scaleb(-chance.randrange(30)) for _ in range(40)]
    true: list[Any] = [Fraction(each) for each in numbers]
    column = pd.Series(FigureArray(numbers))
    groups = [each % 3 for each in range(40)]
    assert [Fraction(each) for each in column * column] == [each * each for each in true]
    assert Fraction(column.sum()) == sum(true)
    assert Fraction(column.cumsum().iloc[-1]) == sum(true)
    assert Fraction(column.groupby(groups).sum()[1]) == sum(true[1::3])
    assert [Fraction(each) for each in column // 7] == [each // 7 for each in true]
    assert [Fraction(each) for each in column % -7] == [each % -7 for each in true]
    assert Fraction(column.median()) == sum(sorted(true)[19:21]) / 2
    mean, variance = sum(true) / 40, sum((each - sum(true) / 40) * (each - sum(true) / 40) for each in true) / 39
    squared = Fraction(column.std()) ** 2
    for found, wanted in ((column.mean(), mean), (column.var(), variance), (squared, variance)):
        assert abs(Fraction(found) / wanted - 1) < Fraction(1, 10**36)
    assert (column / column).tolist() == [1] * 40
    assert (column / 1).tolist() == numbers
    near = pd.Series(FigureArray([Decimal("1." + "0" * 30 + "2"), Decimal("1." + "0" * 30 + "1")]))
    assert near.rank().tolist() == [2.0, 1.0]
    assert near.groupby([0, 0]).rank().tolist() == [2.0, 1.0]
    assert near.groupby([0, 0]).idxmin().tolist() == [1]


def test_floats_make_floats_and_are_never_stored_as_figures(figures: Any) -> None:
    for result in (figures * 1.5, 1.5 * figures, figures * pd.Series([0.5] * 5), figures * np.float64(2)):
        assert result.dtype == "Float64"
    assert (figures > 9.5).tolist()[0] is True
    with pytest.raises(TypeError, match="Pass a Decimal"):
        figures.iloc[0] = 1.5
    with pytest.raises(ValueError, match="infinite"):
        FigureArray([Decimal("Infinity")])
    with pytest.raises(ValueError, match="not an integer"):
        figures.astype("Int64")
    figures.iloc[0] = 3
    assert figures.iloc[0] == 3


def test_columns_survive_copies_and_files(figures: Any, tmp_path: Path) -> None:
    assert pickle.loads(pickle.dumps(figures)).equals(figures)
    assert pd.concat([figures, figures]).dtype == "figure"
    short = pd.DataFrame({"x": figures[:3]})
    short.to_parquet(tmp_path / "x.parquet")
    assert pd.read_parquet(tmp_path / "x.parquet", dtype_backend="pyarrow").x.tolist() == short.x.tolist()
    assert str(LONG) in figures.to_csv()
    assert str(LONG) in repr(figures.array)
    assert figures.astype("string[pyarrow]").tolist()[3] == str(LONG)
    assert pa.array(figures[2:3]).to_pylist() == [Decimal("-3.25")]
    assert figures.astype(float).tolist()[2] == -3.25
    with pytest.raises(pa.ArrowInvalid):
        pa.array(figures)


def test_equal_figures_are_one_value() -> None:
    column = pd.Series(FigureArray([Decimal("1.0"), Decimal("1.00"), Decimal("2"), None]))
    assert column.nunique() == 2
    assert column.value_counts().tolist() == [2, 1]
    assert column.value_counts(dropna=False).tolist() == [2, 1, 1]
    assert column.sort_values(ascending=False).tolist() == [Decimal(2), Decimal(1), Decimal(1), pd.NA]
    assert column.isin([Decimal(1)]).tolist() == [True, True, False, False]
    assert pd.DataFrame({"x": column, "n": 1}).groupby("x").n.sum().tolist() == [2, 1]
