"""Map HTTP statuses to exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from .._core.errors import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    UnexpectedStatusError,
)

_BY_STATUS: Mapping[int, type[ProviderError]] = {
    400: InvalidRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: ProviderUnavailableError,
    422: InvalidRequestError,
    429: RateLimitedError,
}


def error_for_status(status: int) -> type[ProviderError]:
    """Return the exception of a status, or of a provider's error code, that is not a documented success."""
    unavailable = status >= 500 or (status > 0 and not _is_iana(status))
    return _BY_STATUS.get(status) or (ProviderUnavailableError if unavailable else UnexpectedStatusError)


def status_of_code(code: str | None) -> int:
    """Return the HTTP status that a provider's error code equals, or 0 for any other code."""
    return int(code) if code is not None and code.isascii() and code.isdigit() and len(code) == 3 else 0


def _is_iana(status: int) -> bool:
    try:
        HTTPStatus(status)
    except ValueError:
        return False
    return True
