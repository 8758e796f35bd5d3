"""Reserve request slots within a connection's rate limit, in this process or in Redis."""

from __future__ import annotations

import hashlib
import logging
import time
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, cast

from onefolio_runtime import Secret

from .._connections.rate_limit import RateLimit
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .._core.tracebacks import strip_traceback

if TYPE_CHECKING:
    from .._connections.connection import Connection

_log = logging.getLogger("onefolio.requests")

_MARGIN = 1.01
"""What is a minute between two requests here may be a little less where they arrive."""

_REDIS_TIMEOUT, _REDIS_AGAIN = 2.0, 30.0
"""Seconds that Redis is waited for, and until it is tried again."""


class _Bucket(Protocol):
    """What is used of pyrate-limiter's buckets."""

    def now(self) -> int: ...
    def put(self, item: Any) -> bool: ...
    def waiting(self, item: Any) -> int: ...
    def leak(self, current_timestamp: int) -> int: ...


class RateLimiter:
    """Lets the requests of one key pass, no more than its limit allows, in the order they come.

    Args:
        bucket: what counts them; None where there is no limit to keep to.
        fallback: what counts them when the other one cannot be reached.
    """

    def __init__(self, bucket: _Bucket | None, fallback: _Bucket | None = None) -> None:
        self._lock = Lock()
        self._bucket = bucket
        self._fallback = fallback
        self._held_until = 0.0
        self._again_at = 0.0

    @property
    def is_remote(self) -> bool:
        """Whether `turn()` asks another machine."""
        return self._fallback is not None

    def turn(self) -> float:
        """Take a place in the line and return the seconds until it is one's turn."""
        if self._bucket is None:
            return 0.0
        with self._lock:
            if self._fallback is None:
                return _place(self._bucket)
            if time.monotonic() >= self._again_at:
                try:
                    return _place(self._bucket)
                except Exception as error:  # noqa: BLE001  # whatever a store raises, it is no reason not to read
                    _log.warning("the shared rate limit cannot be reached (%s)", type(error).__name__)
                    self._again_at = time.monotonic() + _REDIS_AGAIN
            return _place(self._fallback)

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long: the provider has asked for it."""
        with self._lock:
            self._held_until = max(self._held_until, time.monotonic() + seconds)

    def held(self) -> float:
        """Return the seconds for which nobody passes yet."""
        return max(0.0, self._held_until - time.monotonic())


def limiter_for(connection: Connection, redis: Secret | None) -> RateLimiter:
    """Return the turnstile of a connection's key at its server: the same one for every folio of this process.

    Args:
        connection: whose.
        redis: the URL of the Redis that counts for all processes; None to count in this one.

    Raises:
        ConfigurationError: the URL is malformed, or the package redis is not installed.
    """
    keys = hashlib.sha256("\0".join([connection.base_url, *connection.credentials.secrets()]).encode()).hexdigest()
    known = (connection.provider, keys, connection.rate_limit, redis)
    with _lock:
        if known not in _limiters:
            _limiters[known] = _new(connection.rate_limit, f"onefolio:{connection.provider}:{keys[:32]}", redis)
        return _limiters[known]


_lock = Lock()

_limiters: dict[object, RateLimiter] = {}


def _new(limit: RateLimit | None, key: str, redis: Secret | None) -> RateLimiter:
    if limit is None:
        return RateLimiter(None)
    from pyrate_limiter import InMemoryBucket, Rate

    rates = [Rate(limit.requests, int(limit.seconds * _MARGIN * 1000))]
    local = cast("_Bucket", InMemoryBucket(rates))
    return RateLimiter(local) if redis is None else RateLimiter(_RedisBucket(rates, redis, key), local)


class _RedisBucket:
    """A bucket in Redis, reached when it is first needed."""

    @strip_traceback
    def __init__(self, rates: list[Any], url: Secret, key: str) -> None:
        with require_extra("redis", "a shared rate limit"):
            from redis import Redis
        try:
            self._redis = Redis.from_url(
                url.reveal(), socket_timeout=_REDIS_TIMEOUT, socket_connect_timeout=_REDIS_TIMEOUT
            )
        except ValueError:
            raise ConfigurationError("malformed URL of the shared rate limit; it starts with redis://") from None
        self._rates = rates
        self._key = key
        self._found: Any = None

    def now(self) -> int:
        return time.time_ns() // 1_000_000

    def put(self, item: Any) -> bool:
        return bool(self._bucket.put(item))

    def waiting(self, item: Any) -> int:
        return int(self._bucket.waiting(item))

    def leak(self, current_timestamp: int) -> int:
        return int(self._bucket.leak(current_timestamp))

    @property
    def _bucket(self) -> Any:
        if self._found is None:
            from pyrate_limiter import RedisBucket

            self._found = RedisBucket.init(self._rates, self._redis, self._key)
        return self._found


def _place(bucket: _Bucket) -> float:
    """Reserve the next place in a bucket and return the seconds until then."""
    from pyrate_limiter import RateItem

    now = bucket.now()
    bucket.leak(now)
    item = RateItem("request", now)
    # A place in the future is a reservation: who waits for it waits once, and nobody overtakes.
    while not bucket.put(item):
        item.timestamp += max(bucket.waiting(item), 1)
    return float(item.timestamp - now) / 1000
