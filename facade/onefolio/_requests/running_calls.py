"""The calls of a folio that are in progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from threading import Lock
from typing import Any, TypeVar

from .._core.errors import ConfigurationError

T = TypeVar("T")


class RunningCalls:
    """The tasks that read a page. They belong to one event loop, and `close()` ends them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._tasks: dict[asyncio.Task[Any], int] = {}
        """The tasks, and the number of cancellations that they had before."""
        self._ended: set[asyncio.Task[Any]] = set()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.is_closed = False

    def bind(self) -> asyncio.Task[Any]:
        """Bind the folio to the running event loop, at the first call, and return the current task.

        Raises:
            ConfigurationError: No task of asyncio is running, or the folio belongs to another loop.
        """
        try:
            task = asyncio.current_task()
        except RuntimeError:
            task = None
        if task is None:
            raise ConfigurationError(
                "an AsyncFolio needs a task of asyncio, for example in asyncio.run(main()); other event loops such as "
                "trio are not supported. Use Folio in a thread there."
            )
        loop = task.get_loop()
        if self.loop is not loop:
            with self._lock:
                self.loop = self.loop or loop
            if self.loop is not loop:
                raise ConfigurationError(
                    "an AsyncFolio belongs to the event loop that first used it; create a new one in this loop"
                )
        return task

    async def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await a coroutine function in the current task, until `close()`.

        Raises:
            ConfigurationError: The folio is closed, or the event loop is not its own.
        """
        task = self.bind()
        self.require_open()
        self._tasks[task] = cancelling = task.cancelling()
        try:
            return await call()
        except asyncio.CancelledError:
            # As in `asyncio.timeout`, a cancellation by the caller at the same time takes precedence.
            if task in self._ended and task.uncancel() <= cancelling:
                self.require_open()
            raise
        finally:
            del self._tasks[task]
            self._ended.discard(task)

    async def close(self) -> None:
        """Refuse further calls and end those in progress. Runs in the folio's loop."""
        self.is_closed = True
        for task in self._tasks:
            self._ended.add(task)
            task.cancel()
        # The tasks close their connections in their next step.
        await asyncio.sleep(0)

    def is_in_loop(self) -> bool:
        """Return True in the event loop of the folio."""
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False

    def is_cancelled(self) -> bool:
        """Return True if a cancellation of the current task was requested, by `close()` or by the caller."""
        task = asyncio.current_task()
        return task is not None and task.cancelling() > self._tasks.get(task, 0)

    def require_open(self) -> None:
        """Raise ConfigurationError if the folio is closed."""
        if self.is_closed:
            raise ConfigurationError("the folio is closed; create a new one")
