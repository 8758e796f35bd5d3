"""The rate limit of a connection."""

from __future__ import annotations

from attrs import frozen

from .._core.errors import ConfigurationError


@frozen
class RateLimit:
    """How many requests a provider takes from one key in any span of so many seconds.

    Args:
        requests: at least 1.
        seconds: the span, above zero.

    Raises:
        ConfigurationError: one of them is out of range.
    """

    requests: int
    seconds: float = 60.0

    def __attrs_post_init__(self) -> None:
        if not (self.requests >= 1 and self.seconds > 0):
            raise ConfigurationError(
                f"a rate limit lets something pass: {self.requests!r} in {self.seconds!r} seconds?"
            )
