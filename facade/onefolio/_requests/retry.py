"""Decide whether and when a request is sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

from .._core.errors import ContractViolation, ProviderError, ProviderUnavailableError, RateLimitedError
from .deadline import Deadline

if TYPE_CHECKING:
    import tenacity

FIRST_WAIT, LONGEST_WAIT, JITTER = 0.2, 10.0, 0.3
"""Seconds: the wait before the first retry, which doubles each time; its maximum; the random addition."""


class RetryBudget:
    """Limit the retries of one connection, so that they do not multiply an outage. It is thread-safe.

    A retry costs 1 of at most 20. A response returns 0.2 and each second returns 1. With an empty budget, a failed
    request is not sent again.

    Args:
        clock: returns monotonic seconds.
    """

    CAPACITY, PER_RESPONSE, PER_SECOND = 20.0, 0.2, 1.0

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = Lock()
        self._left = self.CAPACITY
        self._clock = clock
        self._refilled_at = clock()

    def deposit(self) -> None:
        """Return the share of one response."""
        with self._lock:
            self._refill(self.PER_RESPONSE)

    def withdraw(self) -> bool:
        """Pay for one retry; return False if the budget is empty."""
        with self._lock:
            self._refill(0.0)
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def _refill(self, more: float) -> None:
        now = self._clock()
        self._left = min(self.CAPACITY, self._left + more + (now - self._refilled_at) * self.PER_SECOND)
        self._refilled_at = now


def retrying(
    retries: int, deadline: Deadline, budget: RetryBudget, before_wait: Callable[[float, ProviderError], None]
) -> tenacity.AsyncRetrying:
    """Return tenacity's loop for one request.

    Only errors that may pass are retried: no response, 408, 429, 5xx and non-IANA statuses, and a response that belongs
    to another request. A wait that the provider
    asks for is observed; if a wait would end after the deadline, the error is raised at once. A 429 comes from a
    provider that works, so it costs nothing of the budget.

    Args:
        retries: maximum for one request.
        deadline: the deadline of the call.
        budget: the budget of the connection.
        before_wait: called with the seconds and the error before each wait.
    """
    import tenacity

    backoff = tenacity.wait_exponential(FIRST_WAIT, LONGEST_WAIT) + tenacity.wait_random(0, JITTER)
    jitter = tenacity.wait_random(0, JITTER)

    def error_of(state: tenacity.RetryCallState) -> ProviderError:
        error = state.outcome and state.outcome.exception()
        assert isinstance(error, ProviderError)  # noqa: S101  # `retry` below lets no other type pass
        return error

    def wait(state: tenacity.RetryCallState) -> float:
        stated = getattr(error_of(state), "retry_after", None)
        return backoff(state) if stated is None else max(stated + jitter(state), backoff(state))

    def stop(state: tenacity.RetryCallState) -> bool:
        if state.attempt_number > retries or state.upcoming_sleep >= deadline.remaining():
            return True
        return not (isinstance(error_of(state), RateLimitedError) or budget.withdraw())

    def before_sleep(state: tenacity.RetryCallState) -> None:
        before_wait(state.upcoming_sleep, error_of(state))

    return tenacity.AsyncRetrying(
        retry=tenacity.retry_if_exception(_may_pass), wait=wait, stop=stop, before_sleep=before_sleep, reraise=True
    )


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, ContractViolation):
        return error.is_misdirected
    return isinstance(error, ProviderUnavailableError | RateLimitedError)
