"""An event loop with a simulated clock, so that tests of timers depend on no machine's speed."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Advances the clock instead of waiting."""

    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self.now += timeout
            timeout = 0
        return super().select(timeout)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now


def run_simulated(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that waits for timers only; its waits take no time."""
    with asyncio.Runner(loop_factory=_Loop) as runner:
        return runner.run(coroutine)


def now() -> float:
    """Return the time of the running loop in seconds."""
    return asyncio.get_running_loop().time()
