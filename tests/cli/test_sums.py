"""`onefolio totals` and `onefolio exposure`, and the field names in their output."""

import csv
import io
import json
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any, get_args

import pytest
from rich.console import Console
from rich.table import Table

from onefolio import Account, Balance, Exposure, InstrumentType, Position, Total, exposure
from onefolio._models.fields import fields_of
from onefolio.analysis.exposure import ExposureBy
from onefolio.cli.sums import build_exposure_tables
from onefolio.cli.tables import TableSpec, render_table
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import run

HOLDING = [name for name, kind in known().items() if "positions" in kind.capabilities]
DOLLARS = [word for name in HOLDING for word in ("--currency", f"{name}=USD")]

NAMES = {
    "accounts": (
        "provider connection id name number status native_status kind currency opened closed holder_id restrictions"
    ),
    "balances": (
        "provider connection account_id asset network country unit available cash settled_cash equity buying_power "
        "long_market_value short_market_value initial_margin maintenance_margin"
    ),
    "positions": (
        "provider connection account_id symbol instrument_id instrument_type native_instrument_type side quantity "
        "available_quantity average_price price cost_basis market_value unrealized_pnl unrealized_pnl_ratio "
        "currency option"
    ),
    "totals": "provider connection account_id asset unit alone balances figures unstated converted",
    "exposure": (
        "provider connection account_id instrument_type symbol option currency alone positions figures unstated "
        "converted"
    ),
}
"""The field names in JSON; a change here breaks programs that read them."""


@pytest.mark.parametrize("command", NAMES)
def test_json_has_the_documented_field_names(command: str, servers: dict[str, str]) -> None:
    done = run(command, "--format", "json", environ=servers)
    assert (done.returncode, done.stderr) == (0, "")
    rows = json.loads(done.stdout, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    assert {" ".join(row) for row in rows} == {NAMES[command]}


def test_the_models_have_the_same_field_names() -> None:
    models = {"accounts": Account, "balances": Balance, "positions": Position, "totals": Total, "exposure": Exposure}
    for command, model in models.items():
        assert list(fields_of(model)) == NAMES[command].split()


@pytest.mark.parametrize("command", [["totals"], ["totals", "--by", "account"], ["exposure"], ["exposure", *DOLLARS]])
def test_csv_has_a_column_for_each_figure(command: list[str], servers: dict[str, str]) -> None:
    rows = json.loads(run(*command, "-f", "json", environ=servers).stdout)
    flat = list(csv.DictReader(io.StringIO(run(*command, "-f", "csv", environ=servers).stdout)))
    assert len(rows) == len(flat) > 0
    for row, text in zip(rows, flat, strict=True):
        assert {name: text[name] or None for name in row["figures"]} == row["figures"]
        assert {name: int(text[f"{name}_unstated"]) for name in row["unstated"]} == row["unstated"]
        assert text["alone"] == ("true" if row["alone"] else "false")


def test_the_table_states_the_number_of_missing_values(servers: dict[str, str]) -> None:
    shown = run("totals", environ=servers).stdout
    assert "130,000.00 (1 missing)" in next(line for line in shown.splitlines() if line.startswith("USD"))
    by = run("totals", "--by", "provider", environ=servers).stdout.partition("Unit or asset unknown")[0]
    assert [line.split()[0] for line in by.splitlines()[3:] if line] == [
        name for name, kind in known().items() if "positions" in kind.capabilities
    ]


def test_rates_convert_exactly_and_only_assets_with_a_rate(servers: dict[str, str]) -> None:
    (plain,) = [row for row in json.loads(run("totals", "-f", "json", environ=servers).stdout) if not row["alone"]]
    rated = run("totals", "--rate", "USD=0.912345678901234567", "--into", "EUR", "-f", "json", environ=servers)
    (euros,) = [row for row in json.loads(rated.stdout) if not row["alone"]]
    assert (euros["asset"], euros["converted"]) == ("EUR", ["USD"])
    assert Decimal(euros["figures"]["cash"]) == Decimal(plain["figures"]["cash"]) * Decimal("0.912345678901234567")


def test_exposure_adds_stated_currencies_and_names_the_option_for_others(servers: dict[str, str]) -> None:
    positions = json.loads(run("positions", "-f", "json", environ=servers).stdout)
    unstated = {each["connection"] for each in positions if each["currency"] is None}
    assert set() < unstated < set(HOLDING)
    shown = run("exposure", environ=servers).stdout
    sums, _, alone = shown.partition("Currency or symbol unknown")
    assert sums.count("AAPL ") == alone.count("AAPL ") == 1
    for name in HOLDING:
        assert (f"--currency {name}=" in alone) is (name in unstated)
    rows = json.loads(run("exposure", *DOLLARS, "-f", "json", environ=servers).stdout)
    apple = next(row for row in rows if row["symbol"] == "AAPL")
    assert (apple["positions"], apple["figures"]["quantity"], apple["figures"]["net"]) == (2, "103", "16309.61")
    by_environment = run("exposure", "-f", "json", environ={**servers, "ONEFOLIO_CURRENCY": " ".join(DOLLARS[1::2])})
    assert json.loads(by_environment.stdout) == rows


@pytest.mark.parametrize(
    "arguments",
    [
        ["totals", "--into", "USD"],
        ["totals", "--rate", "EUR=1.08"],
        ["totals", "--rate", "EUR", "--into", "USD"],
        ["totals", "--rate", "EUR=x", "--into", "USD"],
        ["totals", "--rate", "EUR=NaN", "--into", "USD"],
        ["totals", "--rate", "EUR=0", "--into", "USD"],
        ["totals", "--rate", "EUR=1", "--rate", "EUR=2", "--into", "USD"],
        ["totals", "--by", "moon"],
        ["exposure", "--by", "asset"],
        ["exposure", "--currency", "unknown=USD"],
        ["exposure", "--currency", HOLDING[0]],
    ],
    ids=" ".join,
)
def test_wrong_use_is_rejected_before_anything_is_printed(arguments: list[str], servers: dict[str, str]) -> None:
    done = run(*arguments, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_failures_are_reported(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getAccountBalances", status=403)
    done = run("totals", environ=onefolio_mock.environ)
    assert done.returncode == 1
    assert "INCOMPLETE: " in done.stdout
    assert "403" in done.stderr


def test_a_table_of_many_rows_is_rendered_faster_than_by_rich() -> None:
    rows = [
        [f"account-{number}", "AAPL", Decimal(number), Decimal("15050.00"), None, "LONG"] for number in range(12_000)
    ]
    ours, text = _measure(lambda: render_table(TableSpec("Positions", [*"abcdef"], rows), 120).plain)
    theirs, _ = _measure(lambda: _render_with_rich(rows[:400]))
    assert ours < 10 * theirs, "thirty times as many rows"
    lines = text.splitlines()
    assert len(lines) == 3 + len(rows)
    assert lines[-1] == "account-11999   AAPL   11,999   15,050.00   LONG"


def _measure(render: Callable[[], str]) -> tuple[float, str]:
    """Return the processor time, which other processes hardly influence, and the text."""
    started = time.process_time()
    text = render()
    return time.process_time() - started, text


def _render_with_rich(rows: list[list[Any]]) -> str:
    table = Table(*"abcdef")
    for row in rows:
        table.add_row(*map(str, row))
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(table)
    return capture.get()


def test_a_column_is_as_wide_as_its_longest_value() -> None:
    rows: list[list[Any]] = [["日本", Decimal("1.5"), "x\ny"], ["é", None, "z"]]
    assert render_table(TableSpec("T", ["name", "cash", "more"], rows), 80).plain.splitlines() == [
        "T",
        "name   cash   more",
        "──────────────────",
        "日本    1.5   x",
        "              y",
        "é             z",
    ]
    assert "name" not in render_table(TableSpec("T", ["name", "cash", "more"], rows, ("more", "name")), 5).plain


@pytest.mark.parametrize("by", get_args(ExposureBy))
def test_a_narrow_terminal_keeps_lines_distinguishable(by: ExposureBy) -> None:
    def position(provider: str, symbol: str) -> Position:
        kind = InstrumentType.EQUITY if symbol == "A" else InstrumentType.CRYPTO
        return Position(
            provider=provider,
            connection=f"{provider}-1",
            account_id=f"{provider}-2",
            symbol=symbol,
            instrument_type=kind,
            currency="USD" if symbol == "A" else "EUR",
            market_value=Decimal(5),
        )

    lines = exposure([position("north", "A"), position("south", "A"), position("south", "B")], by=by)
    (spec,) = build_exposure_tables(lines, by)
    shown = render_table(spec, 1).plain.splitlines()[3:]
    assert len(set(shown)) == len(shown) > 1
