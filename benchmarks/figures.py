"""What is measured: figures, each with what it has to reach, as ratios that mean the same on any machine."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Literal

from attrs import frozen


@frozen
class Figure:
    """One ratio, or one figure that does not depend on the machine's speed.

    Attributes:
        group: what was done.
        name: what the figure is.
        value: the figure.
        unit: what it counts; "×" for a ratio.
        limit: what it has to reach; None where it is only told.
        better: which way is better.
        detail: what it was made from.
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
        """What names it among the committed ones."""
        return f"{self.group}: {self.name}"

    @property
    def reached(self) -> bool | None:
        """Whether it is what it has to be; None where there is nothing to reach."""
        if self.limit is None:
            return None
        return self.value <= self.limit if self.better == "less" else self.value >= self.limit

    def worsened(self, before: float | None) -> float:
        """Return by which part it is worse than before, 0.15 being 15 percent; below zero is better."""
        if not before or not self.value:
            return 0.0
        return self.value / before - 1 if self.better == "less" else before / self.value - 1


def interleaved(sides: Mapping[str, Callable[[], object]], *, seconds: float, least: int = 5) -> dict[str, float]:
    """Return the median seconds of each side, one after the other again and again: what slows one slows all.

    Args:
        sides: what to do, by name.
        seconds: how long to go on.
        least: rounds at least; in each a side is done so many times in a row, the first of which is not counted,
            since it pays for what the side before has put out of the processor's caches.
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
    """Return times as a line to read."""
    return ", ".join(f"{name} {seconds * 1000:.2f} ms" for name, seconds in taken.items())
