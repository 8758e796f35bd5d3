"""How long a call may take, and when a request is sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Any, Self

from .._core.errors import ProviderError, ProviderUnavailableError, RateLimitedError

FIRST_WAIT, LONGEST_WAIT, JITTER = 0.2, 10.0, 0.3
"""Seconds: the first wait between two attempts, which doubles from then on, the longest, and what chance adds."""


class Deadline:
    """The seconds that a call may still spend on its provider: on requests, on pages, on waiting to try again.

    What the caller does between two pages does not count, nor does waiting for a turn under a rate limit.
    """

    def __init__(self, seconds: float) -> None:
        self._left = seconds
        self._since: float | None = None

    def left(self) -> float:
        """Return the seconds that are left, at least a millisecond."""
        spent = 0.0 if self._since is None else time.monotonic() - self._since
        return max(self._left - spent, 0.001)

    def extend(self, seconds: float) -> None:
        """Add seconds that do not count."""
        self._left += seconds

    def __enter__(self) -> Self:
        """Count the time until the end of the block."""
        self._since = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._left, self._since = self.left(), None


class RetryBudget:
    """What one connection may spend on retries, so that an outage is not multiplied by them.

    A retry takes 1 of at most 20; what is answered brings back a fifth, and each second brings back 1. With nothing
    left, a request that fails is not sent again.
    """

    MOST, BY_ANSWER, BY_SECOND = 20.0, 0.2, 1.0

    def __init__(self) -> None:
        self._lock = Lock()
        self._left = self.MOST
        self._at = time.monotonic()

    def answered(self) -> None:
        """Bring back what an answer brings."""
        with self._lock:
            self._refill(self.BY_ANSWER)

    def take(self) -> bool:
        """Take what a retry costs; False where it is not there."""
        with self._lock:
            self._refill(0.0)
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def _refill(self, more: float) -> None:
        now = time.monotonic()
        self._left = min(self.MOST, self._left + more + (now - self._at) * self.BY_SECOND)
        self._at = now


def policy(
    retries: int, deadline: Deadline, budget: RetryBudget, before_wait: Callable[[float, ProviderError], None]
) -> dict[str, Any]:
    """Return how often and when a request is sent again, as options of `tenacity.Retrying` and `AsyncRetrying`.

    Only what may pass is tried again: no answer, 408, 429, 5xx and non-IANA statuses. A wait that the provider
    asks for is kept to; where a wait would end beyond the deadline, the error is raised at once. Refusals for too
    many requests come from a provider that works, and cost nothing of the budget.

    Args:
        retries: the most for one request.
        deadline: of the call.
        budget: of the connection.
        before_wait: called with the seconds and the error before each wait.
    """
    import tenacity

    backoff = tenacity.wait_exponential(FIRST_WAIT, LONGEST_WAIT) + tenacity.wait_random(0, JITTER)
    jitter = tenacity.wait_random(0, JITTER)

    def failed(state: tenacity.RetryCallState) -> ProviderError:
        error = state.outcome and state.outcome.exception()
        assert isinstance(error, ProviderError)  # noqa: S101  # what `retry` below lets through
        return error

    def wait(state: tenacity.RetryCallState) -> float:
        asked = getattr(failed(state), "retry_after", None)
        return backoff(state) if asked is None else max(asked + jitter(state), backoff(state))

    def stop(state: tenacity.RetryCallState) -> bool:
        if state.attempt_number > retries or state.upcoming_sleep >= deadline.left():
            return True
        return not (isinstance(failed(state), RateLimitedError) or budget.take())

    def tell(state: tenacity.RetryCallState) -> None:
        before_wait(state.upcoming_sleep, failed(state))

    passing = tenacity.retry_if_exception_type((ProviderUnavailableError, RateLimitedError))
    return {"retry": passing, "wait": wait, "stop": stop, "before_sleep": tell, "reraise": True}
