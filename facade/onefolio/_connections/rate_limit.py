"""The rate limit of a connection."""

from __future__ import annotations

from attrs import frozen

from .._core.checks import check_integer, check_seconds
from .._core.errors import ConfigurationError
from .._core.text import format_value


@frozen
class RateLimit:
    """The number of requests that a provider accepts from one key in any span of time.

    Args:
        requests: at least 1 and at most a billion.
        seconds: length of the span, above 0 and at most a billion.

    Raises:
        ConfigurationError: a value has the wrong type or is out of range.
    """

    requests: int
    seconds: float = 60.0

    def __attrs_post_init__(self) -> None:
        try:
            check_integer("requests", self.requests, least=1)
            check_seconds("seconds", self.seconds)
        except ConfigurationError as error:
            stated = f"RateLimit({format_value(self.requests)}, {format_value(self.seconds)})"
            raise ConfigurationError(f"{stated}: requests must be at least 1 and seconds above 0. {error}") from None
