"""Reserve request slots within a rate limit, in this process."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from .._connections.rate_limit import RateLimit

MARGIN = 1.01
"""Factor of the span, because two requests may arrive closer together than they were sent."""


class SlidingWindow:
    """The slots of one key: at most `limit.requests` in any span of `limit.seconds`.

    Slots are reserved for the future, so that each caller sleeps once and in order. It is not thread-safe.

    Args:
        limit: the rate limit.
        clock: returns monotonic seconds.
    """

    def __init__(self, limit: RateLimit, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = limit.seconds * MARGIN
        self._slots: deque[float] = deque(maxlen=limit.requests)
        self._clock = clock

    def reserve(self) -> float:
        """Reserve the next slot and return the seconds until then."""
        now = slot = self._clock()
        if len(self._slots) == self._slots.maxlen:
            slot = max(now, self._slots[0] + self._seconds)
        self._slots.append(slot)
        return slot - now
