"""The rate limit of a connection."""

from __future__ import annotations

from attrs import frozen

from .._core.errors import ConfigurationError


@frozen
class RateLimit:
    """The number of requests that a provider accepts from one key in any span of time.

    Args:
        requests: at least 1.
        seconds: length of the span, above 0.

    Raises:
        ConfigurationError: a value is out of range.
    """

    requests: int
    seconds: float = 60.0

    def __attrs_post_init__(self) -> None:
        if not (self.requests >= 1 and self.seconds > 0):
            raise ConfigurationError(
                f"RateLimit({self.requests!r}, {self.seconds!r}): requests must be at least 1 and seconds above 0"
            )
