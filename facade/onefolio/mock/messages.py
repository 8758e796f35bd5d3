"""Requests and responses of the mock, independent of ASGI."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .templates import Template


class MockResponse(NamedTuple):
    """A response; the content type is always JSON."""

    status: int
    body: str
    headers: Mapping[str, str] = {}


class MockRequest(NamedTuple):
    """A request to one operation; header names are in lower case."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    request_id: str

    def value(self, where: str, name: str) -> str | None:
        """Return the value of a parameter in `"path"`, `"query"` or `"header"`, or None if it is absent."""
        if where == "header":
            return self.headers.get(name.lower())
        return (self.path if where == "path" else self.query).get(name)


class ErrorResponse(Exception):
    """Raised to end a request with an error.

    Args:
        status: HTTP status.
        body: template of the error body.
    """

    def __init__(self, status: int, body: Template) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
