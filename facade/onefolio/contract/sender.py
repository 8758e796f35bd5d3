"""Send test cases at the rate of a profile, and wait after a 429."""

from __future__ import annotations

import time
from collections.abc import Mapping

from .._connections.connection import Connection
from .profiles import Profile
from .protocols import Case, Response

_ATTEMPTS = 5
"""Maximum number of requests for a case that gets 429."""

_DEFAULT_WAIT, _LONGEST_WAIT = 5.0, 60.0
"""Seconds to wait after a 429 that states no time, and the maximum."""


class Sender:
    """Sends cases with the keys of a connection.

    Args:
        connection: the server and the keys.
        profile: the minimum interval; a polite profile also repeats requests after a 429.
        timeout: seconds for a response.
    """

    def __init__(self, connection: Connection, profile: Profile, timeout: float) -> None:
        self._connection = connection
        self._profile = profile
        self._timeout = timeout
        self._keys = connection.credentials.headers()
        self._last = time.monotonic()
        self._repeats = _ATTEMPTS - 1 if profile.is_polite else 0

    def __call__(self, case: Case, headers: Mapping[str, str] | None = None) -> Response:
        """Send a case and return the response; `headers` replace the keys."""
        repeats = self._repeats
        while True:
            time.sleep(max(0.0, self._last + self._profile.interval - time.monotonic()))
            response = case.call(headers=dict(self._keys if headers is None else headers), timeout=self._timeout)
            self._last = time.monotonic()
            if response.status_code != 429:
                return response
            if not repeats:
                self._repeats = 0  # a server that keeps rejecting requests is not waited for again
                return response
            repeats -= 1
            stated = {name: values[0] for name, values in response.headers.items()}
            time.sleep(seconds_to_wait(self._connection, stated))


def seconds_to_wait(connection: Connection, headers: Mapping[str, str]) -> float:
    """Return the seconds to wait after a 429: as the response states, at most a minute."""
    stated = connection.retry_after(headers, time.time())
    return min(_LONGEST_WAIT, _DEFAULT_WAIT if stated is None else stated)
