"""An event loop in a thread, through which synchronous callers use the asynchronous code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from threading import Event, Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE = 5.0
"""Seconds that an interrupted caller waits for its coroutine to close its sockets."""


class _Served:
    """An event loop that runs in a thread until it is stopped."""

    def __init__(self) -> None:
        self.users = 0
        self._ready = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), name="onefolio-loop", daemon=True)
        self._thread.start()
        self._ready.wait()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._ready.set()
        await self._stopped.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join()


class _Shared:
    """The loop of a process, which ends with its last user."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._served: _Served | None = None

    def enter(self) -> _Served:
        with self._lock:
            if self._served is None:
                self._served = _Served()
            self._served.users += 1
            return self._served

    def leave(self, served: _Served) -> None:
        with self._lock:
            served.users -= 1
            if served.users:
                return
            self._served = None
        served.stop()


_shared = _Shared()

_of_parents: list[_Shared] = []


def _forget() -> None:
    """Use a new loop in a forked process, which has the memory of its parent but not its threads."""
    global _shared  # noqa: PLW0603  # one for each process
    _of_parents.append(_shared)  # if collected, the loop would close what it shares with the parent's loop
    _shared = _Shared()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class LoopThread:
    """A user of the event loop in a thread; all open users share one loop, which ends with the last of them.

    A forked process has a loop of its own.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._entered: tuple[_Shared, _Served] | None = None

    def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine function in the loop and return its result.

        If the caller is interrupted (Ctrl-C), the coroutine is cancelled, and its sockets are closed.

        Raises:
            RuntimeError: This user is closed.
        """
        ended = Event()

        async def follow() -> T:
            try:
                return await call()
            finally:
                ended.set()

        loop = self._loop()
        future = asyncio.run_coroutine_threadsafe(follow(), loop)
        try:
            return future.result()
        except BaseException:
            if future.cancel():
                ended.wait(_GRACE)
            raise

    def close(self) -> None:
        """Leave the loop. May be called twice."""
        with self._lock:
            self._closed = True
            entered, self._entered = self._entered, None
        if entered is not None and entered[0] is _shared:
            _shared.leave(entered[1])

    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the loop thread is closed; open another one")
            if self._entered is None or self._entered[0] is not _shared:
                self._entered = _shared, _shared.enter()
            return self._entered[1].loop
