"""Parse the waits that responses ask for."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 100 * 365 * 86_400.0
"""Seconds. A longer wait is shortened to a century, which `time.sleep()` and `timedelta` can hold."""


def bounded_wait(seconds: float) -> float:
    """Return a wait within 0 and `LONGEST_WAIT`; NaN becomes 0."""
    return min(LONGEST_WAIT, max(0.0, seconds))


def parse_retry_after(value: str, now: float) -> float | None:
    """Return the seconds that a `Retry-After` header asks to wait, at most a century, or None if it is malformed.

    Args:
        value: a number of seconds or an HTTP date.
        now: the time in seconds since the epoch.
    """
    value = value.strip()
    if not value.isascii():
        return None
    if value.isdigit():
        return bounded_wait(float(value))  # unlike int(), float() accepts any number of digits
    try:
        date = parsedate_to_datetime(value)
        # An HTTP date is in GMT, also if it does not say so.
        return bounded_wait((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def parse_reset_time(value: str, now: float) -> float | None:
    """Return the seconds until a time in a header, at most a century, or None if it is malformed.

    Args:
        value: whole seconds since the epoch, as in `X-RateLimit-Reset`.
        now: the time in seconds since the epoch.
    """
    value = value.strip()
    return bounded_wait(float(value) - now) if value.isascii() and value.isdigit() else None
