"""How long a call may take, and when a request is sent again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ._errors import ProviderUnavailableError, RateLimitedError

_log = logging.getLogger("onefolio")

FIRST_WAIT, LONGEST_WAIT, JITTER = 0.2, 10.0, 0.3
"""Seconds: the first wait between two attempts, which doubles from then on, the longest, and what chance adds."""


class Deadline:
    """The seconds that a call may still spend on its provider: on requests, on pages, on waiting to try again.

    What the caller does between two pages does not count.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._since: float | None = None

    def left(self) -> float:
        """Return the seconds that are left, at least a millisecond."""
        spent = 0.0 if self._since is None else time.monotonic() - self._since
        return max(self._left - spent, 0.001)

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Count the time until the end of the block."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            self._left, self._since = self.left(), None


def policy(retries: int, deadline: Deadline) -> dict[str, Any]:
    """Return how often and when a request is sent again, as options of `tenacity.Retrying` and `AsyncRetrying`.

    Only what may pass is tried again: no answer, 408, 429, 5xx and non-IANA statuses. A wait that the provider
    asks for is kept to; where a wait would end beyond the deadline, the error is raised at once.
    """
    import tenacity

    backoff = tenacity.wait_exponential(FIRST_WAIT, LONGEST_WAIT) + tenacity.wait_random(0, JITTER)

    def wait(state: tenacity.RetryCallState) -> float:
        asked = getattr(state.outcome and state.outcome.exception(), "retry_after", None)
        return backoff(state) if asked is None else float(asked)

    def stop(state: tenacity.RetryCallState) -> bool:
        return state.attempt_number > retries or state.upcoming_sleep >= deadline.left()

    def tell(state: tenacity.RetryCallState) -> None:
        error = state.outcome and state.outcome.exception()
        _log.info("trying again in %.1f seconds: %s", state.upcoming_sleep, error)

    passing = tenacity.retry_if_exception_type((ProviderUnavailableError, RateLimitedError))
    return {"retry": passing, "wait": wait, "stop": stop, "before_sleep": tell, "reraise": True}
