"""Deadlines of many tasks, kept with one timer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self


class Deadlines:
    """Ends what tasks of an event loop wait for when its time is over.

    `asyncio.timeout` sets a timer for every use and takes it back: 15 of a request's 250 microseconds. Almost no
    deadline is ever reached, so one timer for the earliest of all is enough.
    """

    __slots__ = ("_due", "_timer")

    def __init__(self) -> None:
        self._due: dict[asyncio.Task[Any], float | None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> _Within:
        """Return a context manager whose block is cancelled after so many seconds and then raises `TimeoutError`.

        A task is in one such block at a time.
        """
        return _Within(self, seconds)

    def start(self, task: asyncio.Task[Any], seconds: float) -> None:
        """Begin to watch a task."""
        loop = task.get_loop()
        due = loop.time() + seconds
        self._due[task] = due
        if self._timer is None or due < self._timer.when():
            self._wake_at(due, loop)

    def stop(self, task: asyncio.Task[Any]) -> bool:
        """Watch a task no longer; tell whether its time was over."""
        return self._due.pop(task) is None

    def _wake_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task, due in self._due.items():
            if due is not None and due <= now:
                self._due[task] = None
                task.cancel()
        left = [due for due in self._due.values() if due is not None]
        if left:
            self._wake_at(min(left), loop)


class _Within:
    """The block of `Deadlines.within`."""

    __slots__ = ("_cancelling", "_deadlines", "_seconds", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines, self._seconds = deadlines, seconds

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # what is awaited is in a task
        self._task, self._cancelling = task, task.cancelling()
        self._deadlines.start(task, self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._deadlines.stop(self._task):
            return
        # As in `asyncio.timeout`: another's cancellation at the same time is passed on.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError("the deadline is over") from error
