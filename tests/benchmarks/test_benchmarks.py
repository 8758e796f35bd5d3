"""The benchmarks' own tools: what is red, what is written where, and data that conforms. Nothing here is timed."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.data import account_body, connection, position_page
from benchmarks.decode import position_reader
from benchmarks.figures import Figure, interleaved
from benchmarks.pages import Pages


def figure(value: float, limit: float | None = None, better: Any = "less", name: str = "f") -> Figure:
    return Figure("group", name, value, "×", limit, better, "made")


def drawn(figures: list[Figure], before: dict[str, float]) -> str:
    console = Console(width=200, force_terminal=True, color_system="standard", record=True)
    with console.capture() as capture:
        console.print(report.table(figures, before))
    return capture.get()


@pytest.mark.parametrize(
    ("value", "limit", "better", "reached"),
    [(2, 3, "less", True), (4, 3, "less", False), (4, 3, "more", True), (2, 3, "more", False), (2, None, "less", None)],
)
def test_what_is_reached(value: float, limit: float | None, better: str, reached: bool | None) -> None:
    assert figure(value, limit, better).reached is reached


@pytest.mark.parametrize(
    ("value", "better", "red"), [(1.1, "less", False), (1.2, "less", True), (0.9, "more", False), (0.8, "more", True)]
)
def test_what_is_more_than_15_percent_worse_than_before_is_red(value: float, better: str, red: bool) -> None:
    assert ("\x1b[1;31m" in drawn([figure(value, None, better)], {"group: f": 1.0})) is red


def test_what_is_not_reached_is_red_and_what_is_new_is_not_compared() -> None:
    assert "\x1b[1;31m" in drawn([figure(4, 3)], {})
    assert "\x1b[1;31m" not in drawn([figure(2, 3)], {})


def test_each_side_is_done_as_often_as_the_others() -> None:
    done = {"a": 0, "b": 0}

    def side(name: str) -> Any:
        def work() -> None:
            done[name] += 1

        return work

    taken = interleaved({name: side(name) for name in done}, seconds=0, least=3)
    assert taken.keys() == done.keys()
    assert done["a"] == done["b"] == 5  # once to begin with, once not counted, three times counted


def test_runs_of_two_extents_are_kept_beside_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "figures.json"
    monkeypatch.setattr(report, "COMMITTED", path)
    assert report.committed("full") == {}
    report.write([figure(1.0)], "full", path)
    report.write([figure(2.0)], "quick", path)
    assert report.committed("full") == {"group: f": 1.0}
    assert report.committed("quick") == {"group: f": 2.0}


def test_the_page_and_the_chart_show_what_is_committed(tmp_path: Path) -> None:
    known = json.loads(report.COMMITTED.read_text(encoding="utf-8"))["full"]["figures"]
    figures = [Figure(**each) for each in known]
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.publish(figures, page)
    assert page.read_text(encoding="utf-8") == report.PAGE.read_text(encoding="utf-8")
    chart = report.CHART.read_text(encoding="utf-8")
    assert all(each.name in chart for each in figures if each.limit)


def test_the_pages_conform_and_no_item_comes_twice() -> None:
    contract = connection("clear_street").contract
    pages = Pages(3)
    ids = set()
    for number in range(3):
        body = json.loads(pages.page(number))
        assert contract.check("PositionPage", body) == ((), ())
        assert ("next_page_token" in body["metadata"]) is (number < 2)
        ids |= {row["instrument_id"] for row in body["data"]}
    assert len(ids) == 3000


def test_what_is_decoded_conforms_and_differs_from_row_to_row() -> None:
    page = position_page(50)
    assert position_page(50) == page != position_page(50, seed=1)
    read = position_reader(page)()
    assert len({row.market_value for row in read}) > 40
    assert connection("alpaca").contract.check("Account", json.loads(account_body())) == ((), ())
