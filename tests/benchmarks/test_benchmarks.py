"""The report, the files and the data of the benchmarks. No test measures time."""

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
    return Figure("group", name, value, "×", limit, better, "detail")


def render(figures: list[Figure], before: dict[str, float]) -> str:
    console = Console(width=200, force_terminal=True, color_system="standard", record=True)
    with console.capture() as capture:
        console.print(report.table(figures, before))
    return capture.get()


@pytest.mark.parametrize(
    ("value", "limit", "better", "reached"),
    [(2, 3, "less", True), (4, 3, "less", False), (4, 3, "more", True), (2, 3, "more", False), (2, None, "less", None)],
)
def test_a_figure_meets_or_misses_its_target(
    value: float, limit: float | None, better: str, reached: bool | None
) -> None:
    assert figure(value, limit, better).reached is reached


@pytest.mark.parametrize(
    ("value", "better", "red"), [(1.1, "less", False), (1.2, "less", True), (0.9, "more", False), (0.8, "more", True)]
)
def test_a_figure_that_is_15_percent_worse_is_red(value: float, better: str, red: bool) -> None:
    assert ("\x1b[1;31m" in render([figure(value, None, better)], {"group: f": 1.0})) is red


def test_a_missed_target_is_red_and_a_new_figure_is_not_compared() -> None:
    assert "\x1b[1;31m" in render([figure(4, 3)], {})
    assert "\x1b[1;31m" not in render([figure(2, 3)], {})


def test_each_function_is_called_equally_often() -> None:
    done = {"a": 0, "b": 0}

    def side(name: str) -> Any:
        def work() -> None:
            done[name] += 1

        return work

    taken = interleaved({name: side(name) for name in done}, seconds=0, least=3)
    assert taken.keys() == done.keys()
    assert done["a"] == done["b"] == 5  # two warm-up calls and three measured calls


def test_figures_of_both_extents_are_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "figures.json"
    monkeypatch.setattr(report, "COMMITTED", path)
    assert report.committed("full") == {}
    report.write([figure(1.0)], "full", path)
    report.write([figure(2.0)], "quick", path)
    assert report.committed("full") == {"group: f": 1.0}
    assert report.committed("quick") == {"group: f": 2.0}


def test_the_page_and_the_chart_contain_the_committed_figures(tmp_path: Path) -> None:
    known = json.loads(report.COMMITTED.read_text(encoding="utf-8"))["full"]["figures"]
    figures = [Figure(**each) for each in known]
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.publish(figures, page)
    assert page.read_text(encoding="utf-8") == report.PAGE.read_text(encoding="utf-8")
    chart = report.CHART.read_text(encoding="utf-8")
    assert all(each.name in chart for each in figures if each.limit)


def test_pages_conform_and_contain_no_duplicates() -> None:
    contract = connection("clear_street").contract
    pages = Pages(3)
    ids = set()
    for number in range(3):
        body = json.loads(pages.page(number))
        assert contract.check("PositionPage", body) == ((), ())
        assert ("next_page_token" in body["metadata"]) is (number < 2)
        ids |= {row["instrument_id"] for row in body["data"]}
    assert len(ids) == 3000


def test_responses_conform_and_rows_differ() -> None:
    page = position_page(50)
    assert position_page(50) == page != position_page(50, seed=1)
    read = position_reader(page)()
    assert len({row.market_value for row in read}) > 40
    assert connection("alpaca").contract.check("Account", json.loads(account_body())) == ((), ())
