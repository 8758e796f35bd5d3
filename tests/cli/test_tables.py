"""Tables on terminals of different widths: columns are left out and named, and no figure is broken."""

import io
import os
import re
from contextlib import redirect_stdout
from decimal import Decimal
from itertools import pairwise
from unittest.mock import patch

import pytest

from onefolio.cli.streams import Streams
from onefolio.cli.tables import TableLayout, TableSpec, print_tables
from tests.cli.running import Terminal, run, terminal_variables

COMMANDS = ["accounts", "balances", "positions", "totals", "exposure", "snapshot", "doctor", "diff"]
FIGURE = re.compile(r"-?[0-9][0-9,]*\.[0-9]+")


@pytest.fixture(scope="module")
def saved(servers: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Save a snapshot, and books that differ from it; the arguments of a comparison."""
    folder = tmp_path_factory.mktemp("saved")
    books = run("snapshot", "--out", str(folder / "s"), "-f", "csv", "--table", "positions", environ=servers).stdout
    (folder / "b.csv").write_text(re.sub(r"\.00,", ".01,", books))
    return [str(folder / "b.csv"), str(folder / "s")]


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_longer_than_the_terminal_and_no_figure_is_broken(
    command: str, width: int, servers: dict[str, str], saved: list[str]
) -> None:
    arguments = [command, *saved] if command == "diff" else [command]
    wide = run(*arguments, environ=servers)
    narrow = run(*arguments, environ=servers, width=width)
    assert (narrow.returncode, narrow.stderr) == (wide.returncode, wide.stderr)
    lines = [line.rstrip() for line in narrow.stdout.splitlines()]
    assert [line for line in lines if len(line) > width] == []
    assert set(FIGURE.findall(narrow.stdout)) <= set(FIGURE.findall(wide.stdout))
    before = [line for line, rule in pairwise(wide.stdout.splitlines()) if rule.startswith("─")]
    headings = {heading for line in before for heading in re.split(r" {2,}", line.strip())}
    text = " ".join(narrow.stdout.split())
    assert [heading for heading in headings if heading not in text] == []


ROWS = [
    ("north-1", "1d9e…bbafcf", "LONG", Decimal("12345678.91"), None, Decimal("1259.61"), "a sentence of some words"),
    ("south-1", "1d9e…bbafce", "SHORT", Decimal("-1.5"), Decimal("7" * 40), None, None),
]
SPEC = TableSpec(
    "Table",
    ("connection", "account_id", "side", "cash", "long_value", "equity", "why"),
    ROWS,
    ("side", "long_value", "cash", "equity"),
    wrapped="why",
)


@pytest.mark.parametrize("width", range(24, 140, 4))
def test_each_figure_is_printed_in_full_or_its_column_is_named(width: int) -> None:
    with patch.dict(os.environ, terminal_variables(width)), redirect_stdout(Terminal()) as stdout:
        print_tables(SPEC)
    shown = stdout.getvalue()
    assert [line for line in shown.splitlines() if len(line.rstrip()) > width] == []
    table, _, named = shown.partition("Not shown at ")
    for index, column in enumerate(SPEC.columns):
        figures = [row[index] for row in ROWS if isinstance(row[index], Decimal)]
        if column.replace("_", " ") not in " ".join(named.split()):
            assert [figure for figure in figures if f"{figure:,f}" not in table] == []
    for row in ROWS:
        figures = [figure for figure in row if isinstance(figure, Decimal)]
        assert any(f"{figure:,f}" in table for figure in figures), "each row has a figure"
    sentence = " ".join(" ".join(re.findall(r"\b(?:a|sentence|of|some|words)\b", table)).split())
    assert sentence == "a sentence of some words"


def test_a_row_keeps_its_only_figure() -> None:
    rows = [("a", Decimal("100000.25"), None), ("b", None, Decimal("200000.25"))]
    spec = TableSpec("Table", ("name", "cash", "equity"), rows, ("cash", "equity"))
    assert not TableLayout.fit(spec, 20).fits
    assert TableLayout.fit(spec._replace(rows=rows[:1]), 20).fits
    both = TableLayout.fit(spec._replace(rows=[("a", Decimal("100000.25"), Decimal("200000.25"))]), 20)
    assert (both.fits, list(both.left_out)) == (True, ["cash"])


def test_escapes_of_an_encoding_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    Streams()
    written = io.BytesIO()
    stdout = io.TextIOWrapper(written, "ascii", "onefolio.replace")
    monkeypatch.setattr(stdout, "isatty", lambda: True, raising=False)
    rows = [("Žlutý 口", Decimal("1.5"), Decimal("20.25")), ("a", Decimal("10.5"), None)]
    with patch.dict(os.environ, terminal_variables(33)), redirect_stdout(stdout):
        print_tables(TableSpec("T", ("name", "cash", "equity"), rows, ("equity",)))
    stdout.flush()
    assert written.getvalue().decode().splitlines()[1:5] == [
        "name                  cash",
        "--------------------------",
        r"\u017dlut\xfd \u53e3   1.5",
        "a                     10.5",
    ]


def test_a_pipe_receives_all_columns(servers: dict[str, str]) -> None:
    shown = run("balances", environ={**servers, "COLUMNS": "60"}).stdout
    assert ("Not shown" in shown, "buying power" in shown) == (False, True)
