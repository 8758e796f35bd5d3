"""Rate limiters: one for each key at each server, shared by all folios of a process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Lock
from typing import Protocol

from onefolio_runtime import Secret

from .._connections.rate_limit import RateLimit
from .sliding_window import SlidingWindow

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
        shared: reserves them for several processes; while it fails, `window` does.
        clock: returns monotonic seconds.
    """

    def __init__(
        self, window: Window | None, shared: Window | None = None, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = Lock()
        self._window = window
        self._shared = shared
        self._clock = clock
        self._paused_until = 0.0
        self._retry_shared_at = 0.0

    @property
    def is_remote(self) -> bool:
        """True if `reserve()` waits for another machine."""
        return self._shared is not None

    def reserve(self) -> float:
        """Reserve the next slot and return the seconds until then."""
        if self._window is None:
            return 0.0
        with self._lock:
            if self._shared is not None and self._clock() >= self._retry_shared_at:
                try:
                    return self._shared.reserve()
                except Exception as error:  # noqa: BLE001  # no failure of the shared counter prevents reading
                    _log.warning("the shared rate limit cannot be reached (%s)", type(error).__name__)
                    self._retry_shared_at = self._clock() + _REDIS_RETRY
            return self._window.reserve()

    def pause(self, seconds: float) -> None:
        """Hold back all requests for so many seconds, because the provider asks for it."""
        with self._lock:
            self._paused_until = max(self._paused_until, self._clock() + seconds)

    def paused_for(self) -> float:
        """Return the remaining seconds of a pause, or 0."""
        return max(0.0, self._paused_until - self._clock())


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
        return RateLimiter(SlidingWindow(limit))
    from .redis_window import RedisWindow

    return RateLimiter(SlidingWindow(limit), RedisWindow(limit, redis, f"onefolio:{key[:32]}"))
