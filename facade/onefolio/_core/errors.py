"""The exceptions that the library raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from onefolio_runtime import Violation, escape_controls, reduce_error

SHOWN_BODY = 200
"""Maximum number of characters of a response body, or of another string of a provider, in an error."""


class OnefolioError(Exception):
    """Base class of all exceptions of this library.

    The message is one line without control characters, so that it can be printed and logged whatever a provider or a
    document contains. Attributes contain strings of a provider unchanged. Errors can be copied and pickled, so that a
    process pool raises them with all attributes.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(escape_controls(each) if isinstance(each, str) else each for each in args))

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_error(self)


class ConfigurationError(OnefolioError):
    """An argument, an environment variable or a setting is invalid, or a package is not installed. Nothing was sent."""


class ComparisonError(ConfigurationError):
    """Two documents or datasets could not be compared. This does not mean that they are equal."""


class NotSupportedError(OnefolioError):
    """The provider does not support the requested operation. Nothing was sent."""


class PrecisionError(OnefolioError):
    """A figure is not a finite number, so that no table can hold it; the message names it. Nothing was written."""


class StoreError(OnefolioError):
    """A snapshot could not be written to a store, read from it or found in it. The stored snapshots are unchanged."""


class ProviderError(OnefolioError):
    """A provider did not respond, rejected the request, or returned an unusable response.

    Attributes:
        provider: the provider's name, such as `"clear_street"`.
        connection: the connection's name in its folio.
        operation: the `operationId` of the request in the provider's spec.
        status_code: the HTTP status; None if no response was received.
        code: the provider's error code as a string of at most 200 characters, or None.
        request_id: the provider's id of the request, at most 200 characters, or None.
        message: the provider's error message, at most 200 characters, or a description of the failure.
        body: the beginning of the response body, at most 200 characters; empty if no response was received.
    """

    def __init__(
        self,
        message: str,
        *,
        provider: str,
        connection: str,
        operation: str,
        status_code: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        body: str = "",
    ) -> None:
        self.provider = provider
        self.connection = connection
        self.operation = operation
        self.status_code = status_code
        self.code = code
        self.request_id = request_id
        self.message = message
        self.body = body
        facts = [f"status {status_code}" if status_code else "", f"code {code}" if code else ""]
        facts.append(f"request {request_id}" if request_id else "")
        known = ", ".join(fact for fact in facts if fact)
        super().__init__(f"{connection}, {operation}: {message}" + (f" ({known})" if known else ""))


class AuthenticationError(ProviderError):
    """HTTP 401: the credentials are missing, invalid, or belong to another environment."""


class PermissionDeniedError(ProviderError):
    """HTTP 403: the credentials do not permit the operation."""


class NotFoundError(ProviderError):
    """HTTP 404, or an account that the provider no longer lists."""


class InvalidRequestError(ProviderError):
    """HTTP 400 or 422: the provider rejected the request as invalid."""


class RateLimitedError(ProviderError):
    """HTTP 429: too many requests were sent.

    Attributes:
        retry_after: the seconds to wait before the next request, or None if the provider does not state them.
    """

    retry_after: float | None = None


class ProviderUnavailableError(ProviderError):
    """No complete response was received, or its status means a temporary failure: 408, 5xx or an unassigned status.

    Attributes:
        retry_after: the seconds to wait before the next request, or None if the provider does not state them.
    """

    retry_after: float | None = None


class UnexpectedStatusError(ProviderError):
    """The response has another HTTP status than the spec documents for the operation, such as a redirect."""


class ContractViolation(ProviderError):
    """The response body violates the provider's contract: it is not JSON, or its schema does not allow it.

    Attributes:
        violations: for each violation the JSON pointer into the body, the expected value and the received value,
            shortened.
        is_misdirected: True if the response belongs to another request, because it names another account than the
            requested one.
    """

    violations: tuple[Violation, ...] = ()
    is_misdirected: bool = False


def format_violations(violations: Iterable[Violation]) -> str:
    """Describe the first three violations in one line, and count the others."""
    found = list(violations)
    parts = [f"{each.pointer or 'the body'}: expected {each.expected}, got {each.got}" for each in found[:3]]
    return "; ".join(parts) + (f"; and {len(found) - 3} more" if len(found) > 3 else "")
