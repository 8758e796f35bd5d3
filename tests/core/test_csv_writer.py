"""CSV is read back as it was written, by every reader."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefolio import Account
from onefolio._core.csv_writer import csv_writer
from onefolio.cli.output import print_csv
from onefolio.reconciliation import Books, Break, BreakKind, Reconciliation, compare

VALUES = (
    *(
        "a\rb",
        "\r",
        "a\r",
        "\rb",
        "a\nb",
        "\n",
        "a\r\nb",
        "\n\r",
        '"',
        'a"b',
        "a,b",
        " x ",
        "\t",
        "'",
        "=1+1",
        "-1",
        "@A1",
    ),
    *(
        "+1.50",
        "#",
        "\\",
        "\x85",
        "\u2028",
        "\x0b\x0c\x1c",
        "\ufeffx",
        "\x1a",
        "\x00n",
        "\x7f",
        "漢",
        "000",
        "x" * 100_000,
    ),
)

READ: dict[str, Callable[[Path], list[list[str]]]] = {
    "csv": lambda path: list(csv.reader(io.StringIO(path.read_bytes().decode(), newline=""))),
    "pandas": lambda path: pd.read_csv(path, dtype=str, header=None, keep_default_na=False).to_numpy().tolist(),
    "polars": lambda path: [list(row) for row in pl.read_csv(path, has_header=False, infer_schema=False).iter_rows()],
    "duckdb": lambda path: [
        list(row)
        for row in duckdb.connect()
        .execute(f"FROM read_csv('{path}', all_varchar=true, header=false, max_line_size=1000000)")
        .fetchall()
    ],
}


def format_csv(columns: list[str], *rows: list[str]) -> str:
    text = io.StringIO()
    writer = csv_writer(text, columns)
    writer.writeheader()
    writer.writerows(dict(zip(columns, row, strict=True)) for row in rows)
    return text.getvalue()


@pytest.mark.parametrize("library", READ)
def test_every_reader_finds_the_values_that_were_written(library: str, tmp_path: Path) -> None:
    rows = [["1", value, "2.50"] for value in VALUES]
    path = tmp_path / "a.csv"
    path.write_text(format_csv(["id", "name", "cash"], *rows), encoding="utf-8", newline="")
    assert READ[library](path) == [["id", "name", "cash"], *rows]


@settings(max_examples=200)
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=5))
def test_every_string_is_read_back(rows: list[list[str]]) -> None:
    text = format_csv(["a", "b"], *rows)
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == [["a", "b"], *rows]


def test_lines_end_with_a_line_feed_and_plain_values_are_not_quoted() -> None:
    assert format_csv(["a", "b"], ["1.50", "x y"], ["", "\r"]) == 'a,b\n1.50,x y\n,"\r"\n'


def test_the_command_line_and_a_report_quote_a_carriage_return(capsys: pytest.CaptureFixture[str]) -> None:
    print_csv([Account(provider="p", connection="c", id="1", name="a\rb")], Account)
    found = Break(kind=BreakKind.CHANGED, table="positions", provider="p", connection="c", account_id="a\rb")
    report = Reconciliation(a="A", b="B", compared={}, fields={}, breaks=[found])
    for text in (capsys.readouterr().out, report.to_csv()):
        assert '"a\rb"' in text
        assert len(list(csv.reader(io.StringIO(text, newline=""), strict=True))) == 2


def test_an_unpaired_surrogate_is_escaped_in_every_output() -> None:
    """It is not valid Unicode, and could not be printed or written to a file."""
    assert format_csv(["a"], ["x\ud800"]) == "a\nx\\ud800\n"
    found = Break(kind=BreakKind.CHANGED, table="positions", provider="p", connection="c", account_id="\udfff")
    report = Reconciliation(a="A", b="B", compared={}, fields={}, breaks=[found])
    assert json.loads(report.to_json().encode())["breaks"][0]["account_id"] == "\udfff"
    for text in (report.to_csv(), report.to_html()):
        assert "\\udfff" in text
        text.encode()


def test_books_with_a_carriage_return_in_a_value_equal_themselves(tmp_path: Path) -> None:
    text = format_csv(["account_id", "symbol", "quantity", "name"], ["a\rb", "A\rB", "1", "x"])
    (tmp_path / "books.csv").write_text(text, encoding="utf-8", newline="")
    books: Any = Books(path=tmp_path / "books.csv", ignore=["name"])
    found = compare(books, books)
    assert (found.compared["positions"], found.breaks) == (1, [])
