"""Hold back requests whose slot has come, until the provider cannot count too many of them in one span."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from .._connections.rate_limit import RateLimit
from .sliding_window import MARGIN

_TRANSIT = 0.25
"""Share of the span within which a request that was sent is taken to have arrived, even without a response."""


class SentWindow:
    """The requests of one key that were sent, by the times at which the provider may have counted them.

    A slot is reserved before a request waits for a free place at its server and for a network connection, and a
    provider counts requests when they arrive. Requests that were delayed would be counted together with the next ones.
    A request is therefore counted from its response, or from a quarter of the span after it was sent. It is not
    thread-safe.

    Args:
        limit: the rate limit.
        clock: returns monotonic seconds.
    """

    def __init__(self, limit: RateLimit, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._requests = limit.requests
        self._seconds = limit.seconds * MARGIN
        self._transit = limit.seconds * _TRANSIT
        self._clock = clock
        self._number = 0
        self._sent: dict[int, float] = {}
        """Times of sending, by number, of the requests without a response."""
        self._arrived: deque[float] = deque()
        self._promised: deque[float] = deque()

    def send(self) -> tuple[float, int]:
        """Count a request that is to be sent now.

        Returns:
            0 and the number of the request; or the seconds to wait, if it must not be sent yet and is not counted.
        """
        now = self._advance()
        if len(self._sent) + len(self._arrived) < self._requests:
            self._number += 1
            self._sent[self._number] = now
            return 0.0, self._number
        while self._promised and self._promised[0] <= now:
            self._promised.popleft()
        # Each caller is promised the end of another request's span, so that they do not all return for the same one.
        index = len(self._promised)
        free = (self._arrived[index] if index < len(self._arrived) else now) + self._seconds
        self._promised.append(free)
        return free - now, 0

    def end(self, number: int) -> None:
        """Count a request from now, because its response was received or it has failed."""
        now = self._advance()
        if self._sent.pop(number, None) is not None:
            self._arrived.append(now)

    def _advance(self) -> float:
        """Return the time, without the requests whose span is over."""
        now = self._clock()
        while self._sent:
            number, sent = next(iter(self._sent.items()))
            if sent + self._transit > now:
                break
            del self._sent[number]
            self._arrived.append(sent + self._transit)
        while self._arrived and self._arrived[0] + self._seconds <= now:
            self._arrived.popleft()
        return now
