"""Rate limiters: one for each key at each server, shared by all folios of a process."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import wait
from threading import Lock
from types import TracebackType
from typing import Protocol

from onefolio_runtime import Secret

from .._connections.rate_limit import RateLimit
from .sent_window import SentWindow
from .sliding_window import SlidingWindow
from .worker import Worker

_log = logging.getLogger("onefolio.requests")

_REDIS_RETRY = 30.0
"""Seconds until Redis is tried again after a failure."""


class Window(Protocol):
    """Reserves the slots of one key."""

    def reserve(self) -> float:
        """Reserve the next slot and return the seconds until then."""
        raise NotImplementedError


class RateLimiter:
    """Limit the requests of one key, in the order of the calls. It is thread-safe.

    Args:
        window: reserves the slots in this process; None for no limit.
        shared: reserves them for several processes, in a thread; while it fails, `window` does.
        sent: counts the requests that this process has sent; None for no limit.
        clock: returns monotonic seconds.
    """

    def __init__(
        self,
        window: Window | None,
        shared: Worker[float] | None = None,
        *,
        sent: SentWindow | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = Lock()
        self._window = window
        self._shared = shared
        self._sent = sent
        self._clock = clock
        self._paused_until = 0.0
        self._retry_shared_at = 0.0

    @property
    def is_remote(self) -> bool:
        """True if `reserve()` waits for another machine."""
        return self._shared is not None

    def reserve(self) -> float:
        """Reserve the next slot and return the seconds until then."""
        shared = self._available_shared()
        if shared is not None:
            try:
                future = shared.submit()
                while not future.done():
                    wait((future,), shared.expire())
                return future.result()
            except Exception as error:  # noqa: BLE001  # no failure of the shared counter prevents reading
                self._suspend_shared(error)
        return self._reserve_here()

    async def reserve_remote(self) -> float:
        """Reserve the next slot as `reserve()` does, without blocking the event loop."""
        shared = self._available_shared()
        if shared is not None:
            try:
                future = asyncio.wrap_future(shared.submit())
                while not future.done():
                    await asyncio.wait((future,), timeout=shared.expire())
                return future.result()
            except Exception as error:  # noqa: BLE001  # no failure of the shared counter prevents reading
                self._suspend_shared(error)
        return self._reserve_here()

    def _reserve_here(self) -> float:
        if self._window is None:
            return 0.0
        with self._lock:
            return self._window.reserve()

    def _available_shared(self) -> Worker[float] | None:
        return self._shared if self._clock() >= self._retry_shared_at else None

    def _suspend_shared(self, error: Exception) -> None:
        with self._lock:
            is_first = self._clock() >= self._retry_shared_at
            self._retry_shared_at = self._clock() + _REDIS_RETRY
        if is_first:
            _log.warning("the shared rate limit cannot be reached (%s)", type(error).__name__)

    def sending(self) -> SendingScope:
        """Return a context manager around the sending of one request.

        It is entered with 0 if the request may be sent, and otherwise with the seconds to wait before the next try.
        """
        return SendingScope(self._sent, self._lock)

    def pause(self, seconds: float) -> None:
        """Hold back all requests for so many seconds, because the provider asks for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def paused_for(self) -> float:
        """Return the remaining seconds of a pause, or 0."""
        return max(0.0, self._paused_until - self._clock())


class SendingScope:
    """Context manager of `RateLimiter.sending`."""

    __slots__ = ("_lock", "_number", "_sent")

    def __init__(self, sent: SentWindow | None, lock: Lock) -> None:
        self._sent, self._lock, self._number = sent, lock, 0

    def __enter__(self) -> float:
        if self._sent is None:
            return 0.0
        with self._lock:
            seconds, self._number = self._sent.send()
        return seconds

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._sent is not None and self._number:
            with self._lock:
                self._sent.end(self._number)


_lock = Lock()
_limiters: dict[object, RateLimiter] = {}


def limiter_for(key: str, limit: RateLimit | None, redis: Secret | None = None) -> RateLimiter:
    """Return the rate limiter of a key, the same one for every folio of this process.

    Args:
        key: identifies the provider's key at its server; see `Connection.fingerprint`.
        limit: the rate limit; None for none.
        redis: URL of the Redis that counts for all processes; None to count in this process.

    Raises:
        ConfigurationError: the URL is malformed, or `onefolio[redis]` is not installed.
    """
    identity = (key, limit, redis)
    with _lock:
        if identity not in _limiters:
            _limiters[identity] = _new_limiter(key, limit, redis)
        return _limiters[identity]


def _new_limiter(key: str, limit: RateLimit | None, redis: Secret | None) -> RateLimiter:
    if limit is None:
        return RateLimiter(None)
    if redis is None:
        return RateLimiter(SlidingWindow(limit), sent=SentWindow(limit))
    from .redis_window import TIMEOUT, RedisWindow

    window = RedisWindow(limit, redis, f"onefolio:{key[:32]}")
    shared = Worker(window.reserve, TIMEOUT, window.abort)
    return RateLimiter(SlidingWindow(limit), shared, sent=SentWindow(limit))
