"""Every exception that the library raises."""

from __future__ import annotations

from collections.abc import Iterable

from onefolio_runtime import Violation

SHOWN_BODY = 200
"""Characters of a foreign body that an error carries."""


class OnefolioError(Exception):
    """The parent of every exception of this library."""


class ConfigurationError(OnefolioError):
    """An argument, a variable or the use of the library is wrong. Nothing was sent."""


class ComparisonError(ConfigurationError):
    """Two things that could not be compared, and why. It never stands for "no change"."""


class NotSupportedError(OnefolioError):
    """The provider has no such thing. Nothing was sent."""


class PrecisionError(OnefolioError):
    """A figure has more digits than a table's columns; the message names it. Nothing was written."""


class StoreError(OnefolioError):
    """A stored snapshot cannot be written, read or found; what was there before is as it was."""


class ProviderError(OnefolioError):
    """A provider did not answer, refused, or answered with something that cannot be used.

    Attributes:
        provider: the provider's name, such as `"clear_street"`.
        connection: the connection's name in its folio.
        operation: what was read, by the spec's `operationId`.
        status_code: the HTTP status, or None where no answer came.
        code: the provider's own error code, as text and shortened like `body`, or None.
        request_id: the provider's id of the request, shortened too, or None.
        message: the provider's own words, shortened too, or what went wrong.
        body: the start of the body, at most 200 characters; empty where no answer came.
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
    """401: the credentials are missing, wrong or for another environment."""


class PermissionDeniedError(ProviderError):
    """403: the credentials may not read this."""


class NotFoundError(ProviderError):
    """404, or an account that its provider no longer lists."""


class InvalidRequestError(ProviderError):
    """400 or 422: the provider refuses the request as it is."""


class RateLimitedError(ProviderError):
    """429: too many requests.

    Attributes:
        retry_after: seconds that the provider asks to wait, or None where it did not say.
    """

    retry_after: float | None = None


class ProviderUnavailableError(ProviderError):
    """No answer, or one that says to try later: 408, 5xx, non-IANA statuses; connection, timeout, early close.

    Attributes:
        retry_after: seconds that the provider asks to wait, or None where it did not say.
    """

    retry_after: float | None = None


class UnexpectedStatusError(ProviderError):
    """Any other status than the documented ones, redirects included."""


class ContractViolation(ProviderError):
    """The content breaks the provider's contract: it is not JSON, or its schema does not allow it.

    Attributes:
        violations: each with a JSON pointer into the body, what was expected and what came, shortened.
    """

    violations: tuple[Violation, ...] = ()


def format_violations(violations: Iterable[Violation]) -> str:
    """Return violations as one line a person can read."""
    found = list(violations)
    texts = [f"{each.pointer or 'the body'}: expected {each.expected}, got {each.got}" for each in found[:3]]
    return "; ".join(texts) + (f"; and {len(found) - 3} more" if len(found) > 3 else "")
