"""Report figures as a table, as JSON and as a chart."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import asdict
from rich.console import Console
from rich.table import Table

from .figures import Figure

WORSE = 0.15
"""The relative change for the worse from which a figure is red."""
COMMITTED = Path(__file__).with_name("figures.json")
CHART = Path(__file__).parents[1] / "docs" / "benchmarks.svg"
PAGE = CHART.with_name("performance.md")
_BEGIN, _END = "<!-- figures -->\n", "<!-- end of figures -->\n"


def committed(extent: str) -> dict[str, float]:
    """Return the committed figures of an extent, full or quick, by their keys."""
    known = json.loads(COMMITTED.read_text(encoding="utf-8")) if COMMITTED.exists() else {}
    return {f"{each['group']}: {each['name']}": each["value"] for each in known.get(extent, {}).get("figures", [])}


def table(figures: Iterable[Figure], before: Mapping[str, float]) -> Table:
    """Return a table. Figures that miss their target or are worse than the committed ones are red."""
    result = Table("figure", "measured", "target", "committed", "computed from")
    for column in (1, 2, 3):
        result.columns[column].justify = "right"
        result.columns[column].no_wrap = True
    group = detail = ""
    for figure in figures:
        if figure.group != group:
            group = figure.group
            result.add_section()
            result.add_row(f"[bold]{group}[/]")
        known = before.get(figure.key)
        worse = figure.worsened(known)
        bad = worse > WORSE or figure.reached is False
        compared = (
            "" if known is None else _format(known, figure.unit) + (f" ({worse:+.0%} worse)" if worse > WORSE else "")
        )
        measured = f"[bold red]{_format(figure.value, figure.unit)}[/]" if bad else _format(figure.value, figure.unit)
        result.add_row(
            f"  {figure.name}", measured, _limit(figure), compared, figure.detail if figure.detail != detail else ""
        )
        detail = figure.detail
    return result


def show(figures: Sequence[Figure], before: Mapping[str, float]) -> None:
    """Print the table, and the figures that miss their target or got worse."""
    console = Console()
    console.print(table(figures, before))
    missed = [each.key for each in figures if each.reached is False]
    worse = [each.key for each in figures if each.worsened(before.get(each.key)) > WORSE]
    console.print(
        f"{len(figures)} figures; missed targets: {'; '.join(missed) or 'none'}; worse: {'; '.join(worse) or 'none'}"
    )


def write(figures: Sequence[Figure], extent: str, path: Path) -> None:
    """Write the figures of an extent as JSON; the file keeps those of the other extent."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    machine = {"python": platform.python_version(), "system": platform.system(), "machine": platform.machine()}
    known[extent] = {**machine, "figures": [asdict(each) for each in figures]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def markdown(figures: Iterable[Figure]) -> str:
    """Return the figures as a Markdown table."""
    lines = ["| | | measured | target |", "| --- | --- | ---: | ---: |"]
    group = ""
    for each in figures:
        shown = "" if each.group == group else each.group
        group = each.group
        lines.append(f"| {shown} | {each.name} | {_format(each.value, each.unit)} | {_limit(each)} |")
    return "\n".join(lines) + "\n"


def publish(figures: Sequence[Figure], page: Path = PAGE) -> None:
    """Replace the table between the markers of the page in the documentation."""
    before, _, rest = page.read_text(encoding="utf-8").partition(_BEGIN)
    page.write_text(f"{before}{_BEGIN}{markdown(figures)}{_END}{rest.partition(_END)[2]}", encoding="utf-8")


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Draw a bar for every figure with a target; a bar that meets its target ends right of the line."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "onefolio", "svg.fonttype": "none"}
    from matplotlib import pyplot as plt

    shown = [each for each in figures if each.limit and each.value][::-1]
    reach = [
        each.value / each.limit if each.better == "more" else each.limit / each.value for each in shown if each.limit
    ]
    picture, axes = plt.subplots(figsize=(9.5, 0.42 * len(shown) + 1.2), layout="constrained")
    colours = ["#2a7f62" if each.reached else "#b3423a" for each in shown]
    axes.barh([f"{each.group}\n{each.name}" for each in shown], reach, color=colours, height=0.62)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xticks([0.5, 1, 2, 5, 10, 100], ["half", "target", "2 ×", "5 ×", "10 ×", "100 ×"])
    axes.tick_params(axis="y", labelsize=7)
    axes.set_title("Measured figures relative to their targets", fontsize=11)
    for place, (each, far) in enumerate(zip(shown, reach, strict=True)):
        axes.annotate(
            _format(each.value, each.unit), (far, place), (4, 0), textcoords="offset points", va="center", fontsize=7
        )
    axes.spines[["top", "right"]].set_visible(False)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.savefig(path, metadata={"Date": None})


def _limit(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    return f"{'≤' if figure.better == 'less' else '≥'} {_format(figure.limit, figure.unit)}"


def _format(value: float, unit: str) -> str:
    figure = f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{figure} {unit}".rstrip()
