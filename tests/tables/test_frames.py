"""Snapshots as tables: exact types, the same rows in every library, and figures with too many digits for a column."""

import sys
from datetime import UTC
from decimal import Decimal
from pathlib import Path

import attrs
import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from onefolio import ConfigurationError, Frames, PrecisionError, Snapshot
from onefolio._models.columns import columns, flatten
from onefolio._models.jsonable import to_jsonable
from onefolio._tables.text_only import TEXT_ONLY_KEY
from onefolio_runtime import decimal_text

MODELS = ("accounts", "balances", "positions")
FIGURE = pa.decimal128(38, 18)


@pytest.mark.parametrize("table", MODELS)
def test_every_field_is_a_column_and_every_figure_is_an_exact_decimal(snapshot: Snapshot, table: str) -> None:
    arrow = snapshot.to_arrow()[table]
    rows = getattr(snapshot, table)
    fields = columns(type(rows[0]))
    assert arrow.column_names == ["taken_at", *fields]
    assert [arrow.schema.field(name).type == FIGURE for name in fields] == [
        column.is_figure for column in fields.values()
    ]
    assert not any(pa.types.is_floating(field.type) for field in arrow.schema)
    for found, row in zip(arrow.to_pylist(), rows, strict=True):
        assert found.pop("taken_at").astimezone(UTC) == snapshot.taken_at
        wanted = flatten(to_jsonable(row))
        for name, value in found.items():
            if isinstance(value, Decimal):
                assert value == Decimal(wanted[name])
            else:
                assert to_jsonable(value) == (
                    to_jsonable(row)["restrictions"] if name == "restrictions" else wanted.get(name)
                )


@pytest.mark.parametrize("table", MODELS)
def test_full_tables_have_the_digits_of_each_figure_and_the_raw_row(snapshot: Snapshot, table: str) -> None:
    arrow = snapshot.to_arrow(full=True)[table]
    for found, row in zip(arrow.to_pylist(), getattr(snapshot, table), strict=True):
        wanted = flatten(to_jsonable(row))
        for name in (each for each, column in columns(type(row)).items() if column.is_figure):
            assert found[f"{name}_text"] == wanted.get(name)
        assert found["raw"] == row.raw.to_json()


def test_a_failure_has_its_error_and_its_row(snapshot: Snapshot) -> None:
    (row,) = snapshot.to_arrow().failures.to_pylist()
    assert (row["operation"], row["error"], row["row"]) == ("positions", "ProviderUnavailableError", '{"qty":1.50}')


def test_pandas_and_polars_have_the_same_exact_figures(snapshot: Snapshot) -> None:
    arrow, pandas, polars = snapshot.to_arrow(), snapshot.to_pandas(), snapshot.to_polars()
    for table, frame in arrow.items():
        assert pa.Table.from_pandas(pandas[table], preserve_index=False).to_pylist() == frame.to_pylist()
        assert polars[table].to_arrow().cast(frame.schema).to_pylist() == frame.to_pylist()
    wanted = sum(each.market_value for each in snapshot.positions if each.market_value is not None)
    assert polars.positions.schema["market_value"] == pl.Decimal(38, 18)
    assert polars.positions["market_value"].sum() == wanted
    assert pandas.positions["market_value"].sum() == wanted


def test_frames_are_a_mapping(snapshot: Snapshot) -> None:
    frames = snapshot.to_arrow()
    assert isinstance(frames, Frames)
    assert list(frames) == ["accounts", "balances", "positions", "failures"]
    assert frames["positions"] is frames.positions
    with pytest.raises(KeyError):
        frames["orders"]


TOO_LONG = (
    "393.9945987569474165523984",
    "1" + "0" * 20,
    "-" + "9" * 21 + ".5",
    "0." + "0" * 18 + "1",
    "1" * 39,
    "-" + "7" * 78 + "." + "3" * 37 + "0",
)


@pytest.mark.parametrize("full", [False, True])
def test_a_figure_with_too_many_digits_is_null_exact_in_a_text_column_and_listed(
    snapshot: Snapshot, full: bool, caplog: pytest.LogCaptureFixture
) -> None:
    rows = [structs.replace(snapshot.positions[0], cost_basis=Decimal(text)) for text in TOO_LONG]
    odd = attrs.evolve(snapshot, positions=[*snapshot.positions, *rows])
    usual, arrow, number = snapshot.to_arrow(full=full), odd.to_arrow(full=full), len(snapshot.positions)
    listed = [(each.table, each.column, each.row, each.text) for each in arrow.text_only]
    assert listed == [("positions", "cost_basis", number + at, text) for at, text in enumerate(TOO_LONG)]
    assert {(each.connection, each.account_id, each.what) for each in arrow.text_only} == {
        (rows[0].connection, rows[0].account_id, rows[0].symbol)
    }
    texts = [decimal_text(each.cost_basis) for each in odd.positions if each.cost_basis is not None]
    for table in (arrow.positions, odd.to_polars(full=full).positions, odd.to_pandas(full=full).positions):
        assert [str(each) for each in table["cost_basis_text"]] == texts
    # No other column differs, so that frames of several snapshots can be concatenated.
    wanted = usual.positions.schema if full else usual.positions.schema.append(pa.field("cost_basis_text", pa.string()))
    assert arrow.positions.schema.equals(wanted)
    assert arrow.positions["cost_basis"].to_pylist() == [*usual.positions["cost_basis"].to_pylist(), *[None] * 6]
    assert arrow.positions.slice(0, number).select(usual.positions.column_names).equals(usual.positions)
    assert arrow.positions.schema.metadata[TEXT_ONLY_KEY] == b'{"cost_basis": 6}'
    assert TEXT_ONLY_KEY not in arrow.balances.schema.metadata
    assert odd.to_pandas(full=full).text_only == arrow.text_only
    for record in caplog.records:
        assert (record.name, record.levelname) == ("onefolio.tables", "WARNING")
    name = f"{rows[0].symbol} in account {rows[0].account_id} of {rows[0].connection}"
    assert caplog.messages[0] == (
        "positions: 6 figures of cost_basis with more digits than DECIMAL(38, 18): null in cost_basis, exact in "
        f"cost_basis_text. Rows: {name}, {name}, {name}, 3 more"
    )
    assert usual.text_only == ()


def test_wider_decimals_are_not_read_exactly_by_every_library(tmp_path: Path) -> None:
    """Otherwise the type of the columns could be a wider one; see docs/decisions/0066-figures-as-text.md."""
    path = tmp_path / "wide.parquet"
    pq.write_table(pa.table({"x": pa.array([Decimal(TOO_LONG[0])], pa.decimal256(76, 38))}), path)
    with pytest.raises(pl.exceptions.InvalidOperationError, match="between 1 and 38"):
        pl.read_parquet(path)
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT typeof(x) FROM '{path}'").fetchall() == [("DOUBLE",)]


@pytest.mark.parametrize("text", ["NaN", "-Infinity"])
def test_a_figure_that_is_not_finite_raises_an_error_that_names_it(snapshot: Snapshot, text: str) -> None:
    last = structs.replace(snapshot.positions[-1], market_value=Decimal(text))
    with pytest.raises(PrecisionError, match=f"market_value of {last.symbol} .*{text}, which is not a finite number"):
        attrs.evolve(snapshot, positions=[last]).to_arrow()


def test_trailing_zeros_do_not_count_as_digits(snapshot: Snapshot) -> None:
    text = "12345678901234567890." + "5" + "0" * 37
    row = structs.replace(snapshot.positions[0], quantity=Decimal(text))
    (found,) = attrs.evolve(snapshot, positions=[row]).to_arrow(full=True).positions.to_pylist()
    assert found["quantity"] == Decimal("12345678901234567890.5")
    assert found["quantity_text"] == text


@pytest.mark.parametrize(
    ("module", "method"), [("pyarrow", "to_arrow"), ("pandas", "to_pandas"), ("polars", "to_polars")]
)
def test_a_missing_package_raises_an_error_with_the_command_that_installs_it(
    snapshot: Snapshot, module: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[\w+\]"'):
        getattr(snapshot, method)()
