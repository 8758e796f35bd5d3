"""Deadlines of many tasks, kept with one timer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self


class Deadlines:
    """Ends what tasks of an event loop wait for when its time is over.

    A timer for every wait, set and taken back, is 25 of a request's 250 microseconds. Almost no deadline is ever
    reached, so one timer for the earliest of all is enough.
    """

    __slots__ = ("_due", "_timer")

    def __init__(self) -> None:
        self._due: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> DeadlineScope:
        """Return a context manager whose block is cancelled after so many seconds and then raises `TimeoutError`.

        A task is in one such block at a time.
        """
        return DeadlineScope(self, seconds)

    def set(self, task: asyncio.Task[Any], due: float) -> None:
        """Cancel a task at this time of its loop, unless it is set anew or unset until then."""
        self._due[task] = due
        if self._timer is None or due < self._timer.when():
            self._wake_at(due, task.get_loop())

    def unset(self, task: asyncio.Task[Any]) -> bool:
        """Leave a task alone; tell whether it has been cancelled."""
        return self._due.pop(task) == _EXPIRED

    def _wake_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task, due in self._due.items():
            if _EXPIRED < due <= now:
                self._due[task] = _EXPIRED
                task.cancel()
        left = [due for due in self._due.values() if due != _EXPIRED]
        if left:
            self._wake_at(min(left), loop)


_EXPIRED = float("-inf")


class DeadlineScope:
    """The block of `Deadlines.within`."""

    __slots__ = ("_cancelling", "_deadlines", "_due", "_end", "_loop", "_seconds", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines, self._seconds = deadlines, seconds

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # what is awaited is in a task
        self._task, self._cancelling, self._loop = task, task.cancelling(), task.get_loop()
        self._end = self._due = self._loop.time() + self._seconds
        self._deadlines.set(task, self._end)
        return self

    def step(self, seconds: float) -> None:
        """Give what is waited for next so many seconds, and no more than there are left of the whole."""
        self._due = min(self._end, self._loop.time() + seconds)
        self._deadlines.set(self._task, self._due)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._deadlines.unset(self._task):
            return
        # As in `asyncio.timeout`: another's cancellation at the same time is passed on.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError("the deadline is over" if self._due == self._end else "waiting for bytes") from error
