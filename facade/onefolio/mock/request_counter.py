"""Count requests against a rate limit."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from .._connections.rate_limit import RateLimit

_STATED_LIMIT = RateLimit(200)
"""The limit in the rate-limit headers if none is enforced."""


class RequestCounter:
    """Counts the requests to an API in fixed windows that are aligned to the clock.

    Args:
        limit: requests above it are rejected; None to state a limit in the headers without enforcing it.
    """

    def __init__(self, limit: RateLimit | None) -> None:
        self._limit = limit or _STATED_LIMIT
        self._is_enforced = limit is not None
        self._window = self._used = 0

    def count(self) -> bool:
        """Count a request and return whether it is within the limit."""
        window = int(time.time() // self._limit.seconds)
        if window != self._window:
            self._window, self._used = window, 0
        self._used += 1
        return not self._is_enforced or self._used <= self._limit.requests

    def headers(self, names: Sequence[str]) -> dict[str, str]:
        """Return those of the named headers that describe the rate limit, with their values."""
        end = (self._window + 1) * self._limit.seconds
        figures: dict[str, float] = {
            "ratelimit-limit": self._limit.requests,
            "ratelimit-remaining": max(0, self._limit.requests - self._used),
            "ratelimit-reset": math.ceil(end),
            "retry-after": math.ceil(end - time.time()),
        }
        found = {name: figures.get(name.lower().removeprefix("x-")) for name in names}
        return {name: str(figure) for name, figure in found.items() if figure is not None}
