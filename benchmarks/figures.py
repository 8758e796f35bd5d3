"""Figures with targets. Most are ratios, which are comparable between machines."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen


@frozen
class Figure:
    """A measured figure.

    Attributes:
        group: the group of figures that were measured together.
        name: the name of the figure within its group.
        value: the value.
        unit: the unit; "×" for a ratio.
        limit: the target; None without a target.
        better: whether less or more is better.
        detail: the measurements from which the figure was computed.
    """

    group: str
    name: str
    value: float
    unit: str
    limit: float | None
    better: Literal["less", "more"]
    detail: str

    @property
    def key(self) -> str:
        """The key of the figure among the committed ones."""
        return f"{self.group}: {self.name}"

    @property
    def reached(self) -> bool | None:
        """Whether the figure meets its target; None without a target."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.better == "less" else self.value >= self.limit

    def worsened(self, before: float | None) -> float:
        """Return the relative change for the worse; 0.15 is 15 percent, and negative values are improvements."""
        if not before or not self.value:
            return 0.0
        return self.value / before - 1 if self.better == "less" else before / self.value - 1


def interleaved(sides: Mapping[str, Callable[[], object]], *, seconds: float, least: int = 5) -> dict[str, float]:
    """Return the median seconds of each function. They take turns, so that a disturbance affects all of them.

    Args:
        sides: the functions to measure, by name.
        seconds: the time for all measurements.
        least: the minimum number of rounds, and the number of measured calls of each function per round. One more call
            before them is not measured, because it fills the processor's caches again.
    """
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for side in sides.values():
        side()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(next(iter(taken.values()))) < least:
        for name, side in sides.items():
            side()
            for _ in range(least):
                started = time.perf_counter()
                side()
                taken[name].append(time.perf_counter() - started)
    return {name: statistics.median(each) for name, each in taken.items()}


def milliseconds(taken: Mapping[str, float]) -> str:
    """Format times in milliseconds as one line."""
    return ", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in taken.items())
