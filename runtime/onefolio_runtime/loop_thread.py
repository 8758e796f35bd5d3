"""An event loop for callers who have none: so that waiting, deadlines and cancellation are written once."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from threading import Event, Lock, Thread
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE = 5.0
"""Seconds that an interrupted caller waits for what it started to close its sockets."""


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
    """The one such loop of a process, for as long as anybody uses it."""

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
    """Begin anew in a forked process: it has its parent's memory and not its threads."""
    global _shared  # noqa: PLW0603  # there is one a process
    _of_parents.append(_shared)  # collected as garbage, the loop would close what it shares with the parent's
    _shared = _Shared()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


class LoopThread:
    """An event loop in a thread; all that are open share it, and it ends with the last of them.

    In a forked process it is another one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._entered: tuple[_Shared, _Served] | None = None

    def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine function there and return what it returns.

        Interrupted (Ctrl-C), it cancels the call and waits until its sockets are closed.

        Raises:
            RuntimeError: it has been closed.
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
        """Give the loop back. May be called twice."""
        with self._lock:
            self._closed = True
            entered, self._entered = self._entered, None
        if entered is not None and entered[0] is _shared:
            _shared.leave(entered[1])

    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError("the loop has been given back")
            if self._entered is None or self._entered[0] is not _shared:
                self._entered = _shared, _shared.enter()
            return self._entered[1].loop
