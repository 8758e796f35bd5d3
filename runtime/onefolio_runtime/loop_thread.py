"""An event loop in a thread, through which synchronous callers use the asynchronous code."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from collections.abc import Callable, Coroutine
from threading import Event, RLock, Thread, current_thread
from typing import Any, TypeVar

T = TypeVar("T")

_GRACE = 5.0
"""Seconds that an interrupted caller waits for its coroutine to close its sockets, and `close()` for the thread."""


class LoopUnavailableError(RuntimeError):
    """A coroutine cannot be run. The message states the reason and is safe to show."""


class _Served(Thread):
    """A thread with an event loop that runs until it is stopped."""

    def __init__(self) -> None:
        super().__init__(name="onefolio-loop", daemon=True)
        self.users = 0
        self._ready = Event()
        try:
            self.start()
        except RuntimeError as error:
            raise LoopUnavailableError(f"no thread can be started: {error}") from None
        self._ready.wait()

    def run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._ready.set()
        await self._stopped.wait()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stopped.set)
        if current_thread() is not self:
            # The thread may have to wait for a name server; it ends by itself.
            self.join(_GRACE)


class _Shared:
    """The loop of a process, which ends with its last user.

    The garbage collector can run at any time, and a finalizer may close a user while its thread is in `enter()`. The
    lock is therefore reentrant, and a user that leaves meanwhile is removed when `enter()` ends.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._served: _Served | None = None
        self._leaving: deque[_Served] = deque()
        self._entering = 0

    def enter(self) -> _Served:
        with self._lock:
            self._entering += 1
            try:
                if self._served is None:
                    self._served = _Served()
                served = self._served
                served.users += 1
            finally:
                self._entering -= 1
        self._settle()
        return served

    def leave(self, served: _Served) -> None:
        self._leaving.append(served)
        self._settle()

    def _settle(self) -> None:
        stopped = []
        with self._lock:
            while self._leaving and not self._entering:
                served = self._leaving.popleft()
                served.users -= 1
                if not served.users:
                    stopped.append(served)
                    if self._served is served:
                        self._served = None
        for served in stopped:
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

    A forked process has a loop of its own. A user that is closed leaves the loop when its last coroutine has ended.
    """

    def __init__(self) -> None:
        self._lock = RLock()
        self._is_closed = False
        self._running = 0
        self._entered: tuple[_Shared, _Served] | None = None

    def check(self) -> None:
        """Check that a coroutine can be run.

        Raises:
            LoopUnavailableError: This user is closed, the interpreter is about to end, or the caller is the loop.
        """
        if self._is_closed:
            raise LoopUnavailableError("the loop thread is closed; open another one")
        if sys.is_finalizing():
            # The thread does not run any more, so that its result would never be received.
            raise LoopUnavailableError("the interpreter is about to end, so that nothing can be read")
        if _is_in_loop():
            raise LoopUnavailableError("a callback cannot wait for the loop that calls it; use another thread")

    def run(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine function in the loop and return its result.

        If the caller is interrupted (Ctrl-C), the coroutine is cancelled, and its sockets are closed.

        Raises:
            LoopUnavailableError: This user is closed, the interpreter is about to end, or the caller is the loop.
        """
        with self._lock:
            self.check()
            loop = self._loop()
            self._running += 1
        try:
            return _run_in(loop, call)
        finally:
            self._leave_if_unused()

    def close(self, last: Callable[[], Coroutine[Any, Any, object]] | None = None) -> None:
        """Refuse further coroutines and leave the loop. May be called twice, and in a callback or finalizer.

        Args:
            last: a coroutine function that is run before; it has to end the running ones. A callback of the loop does
                not wait for it. It is not run in a forked process, nor when the interpreter is about to end.
        """
        with self._lock:
            is_forked = self._entered is not None and self._entered[0] is not _shared
            if self._is_closed or is_forked or sys.is_finalizing():
                last = None
            self._is_closed = True
            loop = None if last is None else self._loop()
            self._running += 1
        if last is None or loop is None:
            self._leave_if_unused()
        elif _is_in_loop():
            ending = asyncio.ensure_future(last(), loop=loop)
            ending.add_done_callback(lambda _: self._leave_if_unused())
        else:
            try:
                _run_in(loop, last)
            finally:
                self._leave_if_unused()

    def _leave_if_unused(self) -> None:
        with self._lock:
            self._running -= 1
            if self._running or not self._is_closed:
                return
            entered, self._entered = self._entered, None
        if entered is not None and entered[0] is _shared and not sys.is_finalizing():
            _shared.leave(entered[1])

    def _loop(self) -> asyncio.AbstractEventLoop:
        if self._entered is None or self._entered[0] is not _shared:
            self._entered = _shared, _shared.enter()
        return self._entered[1].loop


def _is_in_loop() -> bool:
    return isinstance(current_thread(), _Served)


def _run_in(loop: asyncio.AbstractEventLoop, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    ended = Event()

    async def follow() -> T:
        try:
            return await call()
        finally:
            ended.set()

    future = asyncio.run_coroutine_threadsafe(follow(), loop)
    try:
        return future.result()
    except BaseException:
        if future.cancel():
            ended.wait(_GRACE)
        raise
