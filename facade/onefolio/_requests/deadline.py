"""The time that a call may still spend on its provider."""

from __future__ import annotations

import math
import time
from typing import Self

_MAX_EXTENSION = 10
"""Multiple of the seconds by which the waits between two pages may extend a deadline; see `Deadline.extend`."""


class Deadline:
    """The seconds that a call has left for requests, pages and waits before retries.

    The clock runs inside a `with` block only, which is one page. Time between two pages is the caller's, and waits
    under a rate limit are added back, so neither counts.

    Args:
        seconds: for the whole call.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = self._left = seconds
        self._since: float | None = None
        self._extension = math.inf

    @property
    def is_over(self) -> bool:
        """True if no seconds are left."""
        return self._left - self._spent() <= 0

    def remaining(self) -> float:
        """Return the remaining seconds, at least a millisecond."""
        return max(self._left - self._spent(), 0.001)

    def extend(self, seconds: float) -> None:
        """Add seconds that do not count.

        From the second page on, at most 10 times the seconds of the deadline are added. Otherwise a server whose pages
        never end would keep a call waiting under its rate limit for ever.
        """
        seconds = min(seconds, self._extension)
        self._extension -= seconds
        self._left += seconds

    def __enter__(self) -> Self:
        self._since = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._left -= self._spent()
        self._since = None
        self._extension = min(self._extension, _MAX_EXTENSION * self._seconds)

    def _spent(self) -> float:
        return 0.0 if self._since is None else time.monotonic() - self._since
