"""Events of a folio's requests: counts, seconds and names, never account data or keys."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Literal, TypeAlias

import attrs
from attrs import frozen

from .._models.pydantic_schema import PydanticSchema

_log = logging.getLogger("onefolio.requests")


@frozen
class RequestSent(PydanticSchema):
    """One request that was sent, and its outcome.

    Attributes:
        provider: the provider's name.
        connection: the connection's name in its folio.
        operation: the spec's `operationId`.
        method: the HTTP method.
        server: the base URL.
        path: the path template, such as `/v1/accounts/{account_id}/balances`, without any id.
        attempt: 1 for the first attempt, 2 for the first retry.
        status_code: the HTTP status, or None without a response.
        error: the class of the resulting error, such as `"RateLimitedError"`; None for a success.
        size: bytes of the body, decompressed.
        started: seconds since the epoch.
        seconds: from sending to the last byte.
    """

    provider: str
    connection: str
    operation: str
    method: str
    server: str
    path: str
    attempt: int
    status_code: int | None
    error: str | None
    size: int
    started: float
    seconds: float


@frozen
class WaitStarted(PydanticSchema):
    """A wait before a request, emitted when it begins.

    Attributes:
        provider: the provider's name.
        connection: the connection's name in its folio.
        operation: the spec's `operationId` of the waiting request.
        reason: `"rate limit"` while the connection's limit or the provider's request to wait is observed; `"retry"`
            before a request is sent again.
        seconds: length of the wait.
        error: the class of the error that is retried; None for the rate limit.
    """

    provider: str
    connection: str
    operation: str
    reason: Literal["rate limit", "retry"]
    seconds: float
    error: str | None = None


Event: TypeAlias = RequestSent | WaitStarted
OnEvent: TypeAlias = Callable[[Event], None]


def is_enabled(on_event: OnEvent | None) -> bool:
    """Return True if a listener or the log receives `RequestSent` events."""
    return on_event is not None or _log.isEnabledFor(logging.DEBUG)


def emit(event: Event, on_event: OnEvent | None) -> None:
    """Log an event, with its fields as `extra`, and pass it to the listener."""
    level = logging.INFO if isinstance(event, WaitStarted) else logging.DEBUG
    if _log.isEnabledFor(level):
        fields = attrs.asdict(event)
        text = "%(connection)s, %(operation)s: %(status_code)s, %(size)d bytes in %(seconds).3f s"
        if isinstance(event, WaitStarted):
            text = "%(connection)s, %(operation)s: waiting %(seconds).2f s, %(reason)s"
        _log.log(level, text, fields, extra=fields)
    if on_event is not None:
        on_event(event)
