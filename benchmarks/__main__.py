"""`python -m benchmarks`: measure, compare with the committed figures, print, write and draw.

Options: `--quick` in under a minute, `--only WORD` for groups with the word, `--commit` to replace the committed
figures and the chart in the docs.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from . import decode, report, traffic, transports
from .figures import Figure

_RESULTS = Path("benchmarks/results")


def _measured(*, quick: bool) -> dict[str, Callable[[], Iterator[Figure]]]:
    """Return what is measured, by a word for each; all of it takes some minutes, and quickly less than one."""
    return {
        "decode": lambda: decode.figures(seconds=2 if quick else 15),
        "fan-out": lambda: traffic.fan_out(accounts=200 if quick else 2000, rounds=1 if quick else 5),
        "transports": lambda: transports.figures(requests=1000 if quick else 5000, rounds=1 if quick else 3),
        "mock": lambda: traffic.the_mock(requests=2000 if quick else 20_000),
        "paging": lambda: traffic.paging(pages=50 if quick else 1000),
        "start": lambda: traffic.start(seconds=3 if quick else 15),
        "connections": lambda: traffic.connections(count=200 if quick else 1000),
        "growth": lambda: traffic.growth(
            sizes=(10, 100, 1000) if quick else (10, 100, 1000, 10_000), rounds=1 if quick else 3
        ),
        "regenerate": traffic.regenerate,
        **({} if quick else {"contract": traffic.contract_tests}),
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--commit", action="store_true")
    asked = parser.parse_args()
    figures: list[Figure] = []
    console = Console(stderr=True)
    for name, measure in _measured(quick=asked.quick).items():
        if asked.only in name:
            console.print(f"measuring {name} …", style="dim")
            figures += measure()
    extent = "quick" if asked.quick else "full"
    report.show(figures, report.committed(extent))
    report.write(figures, extent, _RESULTS / "figures.json")
    report.draw(figures, _RESULTS / "figures.svg")
    if asked.commit:
        report.write(figures, extent, report.COMMITTED)
        if not asked.quick:
            report.draw(figures, report.CHART)
            report.publish(figures)


if __name__ == "__main__":
    main()
