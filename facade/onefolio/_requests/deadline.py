"""The time that a call may still spend on its provider."""

from __future__ import annotations

import time
from typing import Self


class Deadline:
    """The seconds that a call has left for requests, pages and waits before retries.

    The clock runs inside a `with` block only. Time between two pages is the caller's, and waits under a rate limit are
    added back, so neither counts.

    Args:
        seconds: for the whole call.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._since: float | None = None

    def remaining(self) -> float:
        """Return the remaining seconds, at least a millisecond."""
        spent = 0.0 if self._since is None else time.monotonic() - self._since
        return max(self._left - spent, 0.001)

    def extend(self, seconds: float) -> None:
        """Add seconds that do not count."""
        self._left += seconds

    def __enter__(self) -> Self:
        self._since = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._left, self._since = self.remaining(), None
