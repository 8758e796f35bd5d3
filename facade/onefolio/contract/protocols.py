"""Interfaces of the test cases and responses that the checks and the walk use; schemathesis implements them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol


class OperationUnderTest(Protocol):
    """An operation of the document under test."""

    @property
    def label(self) -> str:
        """Method and path, such as `GET /v1/accounts`."""
        raise NotImplementedError

    @property
    def Case(self) -> Any:  # noqa: N802  # the name in schemathesis
        """Creates a `Case` from `path_parameters`, `query` and `headers`."""
        raise NotImplementedError


class SentRequest(Protocol):
    """The request of a response."""

    @property
    def method(self) -> str | None:
        """HTTP method."""
        raise NotImplementedError

    @property
    def url(self) -> str | None:
        """URL with the query."""
        raise NotImplementedError


class Response(Protocol):
    """A response whose body has been read."""

    @property
    def request(self) -> SentRequest:
        """The request that was sent."""
        raise NotImplementedError

    @property
    def status_code(self) -> int:
        """HTTP status."""
        raise NotImplementedError

    @property
    def headers(self) -> Mapping[str, Sequence[str]]:
        """Values by header name, in lower case."""
        raise NotImplementedError

    @property
    def content(self) -> bytes:
        """The body."""
        raise NotImplementedError


class Case(Protocol):
    """A request to test."""

    @property
    def id(self) -> str:
        """Unique id of the case."""
        raise NotImplementedError

    @property
    def operation(self) -> OperationUnderTest:
        """The operation under test."""
        raise NotImplementedError

    @property
    def path_parameters(self) -> Mapping[str, Any]:
        """Path parameters by name."""
        raise NotImplementedError

    @property
    def query(self) -> Mapping[str, Any]:
        """Query parameters by name."""
        raise NotImplementedError

    @property
    def headers(self) -> Mapping[str, Any]:
        """Header parameters by name."""
        raise NotImplementedError

    def call(self, *, headers: dict[str, Any] | None = None, timeout: float) -> Response:
        """Send the request with further headers and return the response."""
        raise NotImplementedError
