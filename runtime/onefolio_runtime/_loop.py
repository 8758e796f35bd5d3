"""An event loop for callers who have none: so that waiting, deadlines and cancellation are written once."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal, BlockingPortalProvider

T = TypeVar("T")

_lock = Lock()
_shared: BlockingPortalProvider | None = None
_GRACE = 5.0
"""Seconds that an interrupted caller waits for what it started to close its sockets."""


class LoopThread:
    """An event loop in a thread; all that are open share it, and it ends with the last of them.

    A process that was forked has the memory and not the thread: there, another one is started.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._leased: tuple[int, BlockingPortalProvider, BlockingPortal] | None = None

    def run(self, call: Callable[[], Awaitable[T]]) -> T:
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

        future = self._portal().start_task_soon(follow)
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
            leased, self._leased = self._leased, None
        if leased is not None and leased[0] == os.getpid():
            leased[1].__exit__(None, None, None)

    def _portal(self) -> BlockingPortal:
        with self._lock:
            if self._closed:
                raise RuntimeError("the loop has been given back")
            if self._leased is None or self._leased[0] != os.getpid():
                provider = _provider()
                self._leased = os.getpid(), provider, provider.__enter__()
            return self._leased[2]


def _provider() -> BlockingPortalProvider:
    global _shared  # noqa: PLW0603  # one thread a process, whoever asks first
    with _lock:
        if _shared is None:
            from anyio.from_thread import BlockingPortalProvider

            _shared = BlockingPortalProvider("asyncio")
        return _shared


def _forget() -> None:
    global _lock, _shared  # the parent's thread is not here, and its lock may be held for ever
    _lock, _shared = Lock(), None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
