"""Run a blocking function in a thread of its own, within a time limit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")


class Worker(Generic[T]):
    """Run a function for one caller after another. It is thread-safe.

    The thread exists while there are callers. If a run exceeds its time limit, all callers fail, and `abort` is called
    to end the run; until it has ended, later callers fail immediately. There is never a second thread.

    Args:
        function: the function.
        seconds: time limit for one run.
        abort: ends a run, for example by closing its connection.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        function: Callable[[], T],
        seconds: float,
        abort: Callable[[], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._function, self._seconds, self._abort, self._clock = function, seconds, abort, clock
        self._lock = Lock()
        self._queue: deque[Future[T]] = deque()
        self._current: Future[T] | None = None
        self._since = 0.0
        self._is_overdue = False

    def submit(self) -> Future[T]:
        """Return the future result of a run; `expire()` has to be called until it is done.

        Raises:
            TimeoutError: an earlier run exceeded the time limit and has not ended yet.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._is_overdue:
                raise TimeoutError
            self._queue.append(future)
            if self._current is None:
                self._next()
                Thread(target=self._serve, name="onefolio-worker", daemon=True).start()
        return future

    def expire(self) -> float:
        """Fail all callers with TimeoutError if the current run has exceeded its time limit.

        Returns:
            The seconds after which to call this method again.
        """
        with self._lock:
            left = self._since + self._seconds - self._clock()
            if left > 0 or self._current is None or self._is_overdue:
                return max(left, self._seconds / 10)
            self._is_overdue = True
            self._current.set_exception(TimeoutError())
            for future in self._queue:
                if future.set_running_or_notify_cancel():
                    future.set_exception(TimeoutError())
            self._queue.clear()
        self._abort()
        return self._seconds

    def _serve(self) -> None:
        while (future := self._current) is not None:
            result: T | Exception
            try:
                result = self._function()
            except Exception as error:  # noqa: BLE001  # the caller decides
                result = error
            with self._lock:
                if self._is_overdue:
                    self._is_overdue = False
                elif isinstance(result, Exception):
                    future.set_exception(result)
                else:
                    future.set_result(result)
                self._next()

    def _next(self) -> None:
        """Take the next caller that still waits."""
        self._current = None
        while self._queue and self._current is None:
            future = self._queue.popleft()
            if future.set_running_or_notify_cancel():
                self._current = future
        self._since = self._clock()
