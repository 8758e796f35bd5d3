"""Reserve request slots within a rate limit that several processes share through Redis."""

from __future__ import annotations

import time
from typing import Any

from onefolio_runtime import Secret, hide_arguments

from .._connections.rate_limit import RateLimit
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .sliding_window import MARGIN

TIMEOUT = 2.0
"""Seconds to wait for Redis."""

_LONGEST_WAIT, _MOST_SPANS = 3600.0, 100
"""A wait above both so many seconds and so many spans comes from a false clock or a false reply."""


class RedisWindow:
    """The slots of one key, counted in Redis by pyrate-limiter. Connects on first use. It is not thread-safe.

    Args:
        limit: the rate limit.
        url: URL of the Redis server.
        key: the Redis key; the same in all processes that share the limit.

    Raises:
        ConfigurationError: the URL is malformed, or `onefolio[redis]` is not installed.
    """

    @hide_arguments
    def __init__(self, limit: RateLimit, url: Secret, key: str) -> None:
        with require_extra("redis", "a shared rate limit"):
            from pyrate_limiter import Rate
            from redis import Redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        try:
            self._redis = Redis.from_url(
                url.reveal(), socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=Retry(NoBackoff(), 0)
            )
        except ValueError:
            raise ConfigurationError("malformed URL of the shared rate limit: it must start with redis://") from None
        self._rates = [Rate(limit.requests, int(limit.seconds * MARGIN * 1000))]
        self._longest = 1000 * max(_LONGEST_WAIT, limit.seconds * _MOST_SPANS)
        self._key = key
        self._bucket: Any = None

    def reserve(self) -> float:
        """Reserve the next slot and return the seconds until then; raises if Redis cannot be reached."""
        try:
            return self._reserve()
        except BaseException:
            # A Redis that was started again has lost the script of the bucket.
            self._bucket = None
            raise

    def abort(self) -> None:
        """Close the connection, so that a reservation in another thread ends."""
        self._redis.connection_pool.disconnect()

    def _reserve(self) -> float:
        from pyrate_limiter import RateItem, RedisBucket

        until = time.monotonic() + TIMEOUT
        if self._bucket is None:
            self._bucket = RedisBucket.init(self._rates, self._redis, self._key)
        bucket = self._bucket
        now = time.time_ns() // 1_000_000
        bucket.leak(now)
        item = RateItem("request", now)
        while not bucket.put(item):
            item.timestamp += max(bucket.waiting(item), 1)
            if item.timestamp - now > self._longest or time.monotonic() > until:
                raise TimeoutError
        return float(item.timestamp - now) / 1000
