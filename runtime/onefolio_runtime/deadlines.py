"""Deadlines of many tasks with one timer."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self


class Deadlines:
    """Cancels tasks of an event loop at their deadlines.

    Almost no deadline is reached, and a timer for each wait would take much of the processor time of a request. One
    timer for the earliest deadline is enough.
    """

    __slots__ = ("_due", "_timer")

    def __init__(self) -> None:
        self._due: dict[asyncio.Task[Any], float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def within(self, seconds: float) -> DeadlineScope:
        """Return a context manager that cancels its block after these seconds and then raises `TimeoutError`.

        The blocks of a task cannot be nested.
        """
        return DeadlineScope(self, seconds)

    def set(self, task: asyncio.Task[Any], due: float) -> None:
        """Set or replace the deadline of a task, in the time of its loop."""
        self._due[task] = due
        if self._timer is None or due < self._timer.when():
            self._wake_at(due, task.get_loop())

    def unset(self, task: asyncio.Task[Any]) -> bool:
        """Remove the deadline of a task and return whether it was reached."""
        return self._due.pop(task) == _EXPIRED

    def _wake_at(self, due: float, loop: asyncio.AbstractEventLoop) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_at(due, self._cancel_expired, loop)

    def _cancel_expired(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task, due in self._due.items():
            if _EXPIRED < due <= now:
                self._due[task] = _EXPIRED
                task.cancel()
        pending = [due for due in self._due.values() if due != _EXPIRED]
        if pending:
            self._wake_at(min(pending), loop)


_EXPIRED = float("-inf")


class DeadlineScope:
    """Context manager of `Deadlines.within`."""

    __slots__ = ("_cancelling", "_deadlines", "_due", "_end", "_loop", "_seconds", "_task")

    def __init__(self, deadlines: Deadlines, seconds: float) -> None:
        self._deadlines, self._seconds = deadlines, seconds

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine is awaited in a task
        self._task, self._cancelling, self._loop = task, task.cancelling(), task.get_loop()
        self._end = self._due = self._loop.time() + self._seconds
        self._deadlines.set(task, self._end)
        return self

    def step(self, seconds: float) -> None:
        """Limit the next wait to these seconds, and to the rest of the block's."""
        self._due = min(self._end, self._loop.time() + seconds)
        self._deadlines.set(self._task, self._due)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._deadlines.unset(self._task):
            return
        # As in `asyncio.timeout`, a cancellation by the caller at the same time takes precedence.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError("the deadline is over" if self._due == self._end else "waiting for bytes") from error
