"""Snapshots that are saved and compared on the command line, as in a nightly job."""

import csv
import io
import json
from pathlib import Path

import pytest

from onefolio.pytest_plugin import RunningMock

from .running import run


def test_two_saved_copies_of_a_snapshot_have_no_breaks(tmp_path: Path, servers: dict[str, str]) -> None:
    folder, file = str(tmp_path / "out"), str(tmp_path / "out.duckdb")
    saved = run("snapshot", "--out", folder, "--db", file, environ=servers)
    assert (saved.returncode, saved.stderr) == (0, "")
    assert saved.stdout.count("complete. Saved to") == 2
    same = run("diff", folder, file, environ={})
    assert (same.returncode, same.stderr) == (0, "")
    assert "no break" in same.stdout


def test_figures_with_too_many_digits_are_saved_listed_and_compared_exactly(
    tmp_path: Path, onefolio_mock: RunningMock
) -> None:
    """One is the example of a provider's own documentation."""

    def replace_figures(body: list[dict[str, str]]) -> object:
        for each, figure in zip(body, ("393.9945987569474165523984", "7" * 39), strict=True):
            each["cost_basis"] = figure
        return body

    onefolio_mock.answers.change("getPositions", replace_figures)
    folder, file, books = (str(tmp_path / name) for name in ("out", "out.duckdb", "books.csv"))
    read = ("--connection", "alpaca", "--format", "csv")
    saved = run("snapshot", "--out", folder, "--db", file, *read, "--table", "positions", environ=onefolio_mock.environ)
    assert saved.returncode == 0
    (message,) = [line for line in saved.stderr.splitlines() if "Saved to" not in line]
    assert message.startswith("onefolio: positions: 2 figures of cost_basis with more digits than DECIMAL(38, 18)")
    same, position = "393.9945987569474165523984", "393.9945987569474165523985"
    for text, code in ((saved.stdout, 0), (saved.stdout.replace(same, position), 1)):
        Path(books).write_text(text)
        for place in (folder, file):
            found = run("diff", books, place, "--format", "json", environ={})
            assert (found.returncode, found.stderr) == (code, "")
    (only,) = json.loads(found.stdout)["breaks"]
    assert [only[name] for name in ("field", "a", "b")] == ["cost_basis", position, same]
    assert only["difference"] == "-0.0000000000000000000001"


def test_edited_books_have_breaks(tmp_path: Path, servers: dict[str, str]) -> None:
    place = tmp_path / "out"
    printed = run("snapshot", "--out", str(place), "--format", "csv", "--table", "positions", environ=servers)
    rows = list(csv.DictReader(io.StringIO(printed.stdout)))
    rows[0]["quantity"] = "1000.5"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows[:-1])
    books = tmp_path / "books.csv"
    books.write_text(text.getvalue())
    found = run("diff", str(books), str(place), "--format", "json", environ={})
    assert (found.returncode, found.stderr) == (1, "")
    breaks = json.loads(found.stdout)["breaks"]
    assert [(each["kind"], each["field"]) for each in breaks] == [("changed", "quantity"), ("appeared", "quantity")]
    assert breaks[0]["a"] == "1000.5"
    table = run("diff", str(books), str(place), "--tolerance", "quantity=1000", environ={})
    assert table.returncode == 1
    assert "changed" not in table.stdout
    page = run("diff", str(books), str(place), "--format", "html", environ={})
    assert page.stdout.startswith("<!doctype html>")


@pytest.mark.parametrize("format", ["table", "json", "csv", "html"])
def test_a_comparison_of_nothing_exits_with_2(format: str, tmp_path: Path, servers: dict[str, str]) -> None:
    empty, full = tmp_path / "empty.json", tmp_path / "full.json"
    empty.write_text(json.dumps({"accounts": [], "balances": [], "positions": [], "failures": []}))
    full.write_text(run("snapshot", "-f", "json", "-c", "conduit", environ=servers).stdout)
    for file, options in ((empty, []), (full, ["--field", "market_value"])):
        done = run("diff", str(file), str(file), *options, "-f", format, environ={})
        assert (done.returncode, done.stdout) == (2, "")
        assert "nothing was compared" in done.stderr
    assert run("diff", str(full), str(full), "-f", format, environ={}).returncode == 0
    assert run("diff", str(empty), str(full), "-f", format, environ={}).returncode == 1


def test_an_html_page_is_ascii_in_every_encoding(tmp_path: Path) -> None:
    books = tmp_path / "b.csv"
    books.write_text("symbol,quantity,account_id\nŽ口,1,é\n", encoding="utf-8")
    other = tmp_path / "o.csv"
    other.write_text("symbol,quantity,account_id\nŽ口,2,é\n", encoding="utf-8")
    page = run("diff", str(books), str(other), "-f", "html", environ={}).stdout
    assert page.isascii()
    assert "&#381;&#21475;" in page


def test_wrong_use_exits_with_2_and_prints_no_secret(
    tmp_path: Path,
    servers: dict[str, str],
) -> None:
    for arguments, message in (
        (("diff", str(tmp_path / "a"), str(tmp_path / "b")), "cannot be read"),
        (("diff", "a" * 300 + "@2026", "b"), "File name too long"),
        (("diff", "a.json", "b.json", "--ignore", "x"), "neither A nor B is a .csv"),
        (("diff", "a.csv", "b.csv", "--column", "quantity"), "OURS=THEIRS"),
        (("diff", "a.csv", "b.csv", "--column", "symbol=A", "--column", "symbol=B"), "symbol is repeated"),
        (("diff", "a.csv", "b.csv", "--tolerance", "much"), "expected [COLUMN=]AMOUNT, for example market_value=0.01"),
        (("snapshot", "--out", "x.duckdb"), "with --db"),
        (("snapshot", "--out", "postgresql://me:hunter2@127.0.0.1:1/books"), "with --db"),
        (("snapshot", "--out", ""), "path of the store is empty"),
        (("snapshot", "--db", "x"), "with --out"),
    ):
        done = run(*arguments, environ=servers)
        assert (done.returncode, done.stdout) == (2, ""), done.stderr
        assert message in done.stderr
        assert "Traceback" not in done.stderr
        assert "hunter2" not in done.stderr
    (tmp_path / "file").write_text("mine")
    rejected = run("snapshot", "--out", str(tmp_path / "file"), environ=servers)
    assert (rejected.returncode, rejected.stdout) == (2, "")
    assert "cannot be written" in rejected.stderr
