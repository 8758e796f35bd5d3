"""Select the rows of a page, by page token or by a parameter that names the start of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlencode

from ..openapi.operations import Operation, Parameter
from .data import Filters, Listing
from .messages import ErrorResponse, MockRequest
from .page_tokens import PageTokens
from .templates import Page, Template, to_json

PAGE_SIZE = 100
"""Rows of a page if the spec has no parameter for the page size."""


class Paging(Protocol):
    """Selects the rows of the page that a request asks for."""

    def select(self, request: MockRequest, listing: Listing) -> tuple[Sequence[int], Page | None]:
        """Return the indexes of the page's rows and the paging metadata.

        Raises:
            ErrorResponse: the token or the position is not valid.
        """
        raise NotImplementedError


class RowFilters:
    """The filter parameters of an operation.

    Args:
        operation: an operation that returns a listing.
    """

    def __init__(self, operation: Operation) -> None:
        self._parameters = [
            parameter
            for parameter in operation.parameters
            if isinstance(parameter.hint, dict) and "filter" in parameter.hint
        ]

    def of(self, request: MockRequest) -> Filters:
        """Return the filters that a request contains."""
        values = [(each.hint, request.value(each.where, each.name)) for each in self._parameters]
        return {hint["field"]: (hint["filter"], value) for hint, value in values if value}


class SinglePage:
    """All rows on one page.

    Args:
        filters: filters of the operation.
    """

    def __init__(self, filters: RowFilters) -> None:
        self._filters = filters

    def select(self, request: MockRequest, listing: Listing) -> tuple[Sequence[int], Page | None]:
        """Return the indexes of all matching rows."""
        return listing.matching(self._filters.of(request)), None


class PagingByToken:
    """Pages that are requested with the token of the page before.

    A token contains the page size and the filters, so these parameters have no effect beside it.

    Args:
        operation: the operation.
        filters: filters of the operation.
        seed: seed of the mock.
        server: base URL for addresses in responses.
        bad_requests: error bodies by the name of the invalid parameter.
    """

    def __init__(
        self, operation: Operation, filters: RowFilters, *, seed: int, server: str, bad_requests: Mapping[str, Template]
    ) -> None:
        self._operation = operation
        self._filters = filters
        self._name = operation.token or ""
        self._tokens = PageTokens(seed, operation.id)
        self._server = server
        self._bad_requests = bad_requests
        self._path_parameters = [each for each in operation.parameters if each.name in operation.asked_names]

    def select(self, request: MockRequest, listing: Listing) -> tuple[Sequence[int], Page | None]:
        """Return the indexes of the page's rows and the paging metadata."""
        path = to_json({each.name: request.value(each.where, each.name) for each in self._path_parameters})
        start, size, filters = self._read(path, request)
        indexes = listing.matching(filters)
        page = _count_pages(len(indexes), start, size)
        following = self._token(path, start + size, size, filters) if start + size < len(indexes) else None
        page = page._replace(
            next_token=following,
            previous_token=self._token(path, start - size, size, filters) if start else None,
            next_address=_address(self._server, self._operation, self._name, following),
        )
        return indexes[start : start + size], page

    def _read(self, path: str, request: MockRequest) -> tuple[int, int, Filters]:
        """Return the first row, the page size and the filters, from the token if the request has one."""
        token = request.value("query", self._name)
        if token is None:
            return 0, _requested_size(self._operation, request), self._filters.of(request)
        try:
            start, size, filters = self._tokens.decode(path, token)
        except ValueError:
            raise ErrorResponse(HTTPStatus.BAD_REQUEST, self._bad_requests[self._name]) from None
        return start, size, filters

    def _token(self, path: str, start: int, size: int, filters: Filters) -> str:
        return self._tokens.encode(path, [start, size, filters])


class PagingByPosition:
    """Pages that are requested by page number, by offset or by the last row of the page before.

    Args:
        operation: the operation.
        filters: filters of the operation.
        parameter: the parameter that selects the page.
        server: base URL for addresses in responses.
        bad_requests: error bodies by the name of the invalid parameter.
    """

    def __init__(
        self,
        operation: Operation,
        filters: RowFilters,
        *,
        parameter: Parameter,
        server: str,
        bad_requests: Mapping[str, Template],
    ) -> None:
        self._operation = operation
        self._filters = filters
        self._parameter = parameter
        self._first_number: int = parameter.schema.get("minimum", 1)
        self._server = server
        self._bad_requests = bad_requests

    def select(self, request: MockRequest, listing: Listing) -> tuple[Sequence[int], Page | None]:
        """Return the indexes of the page's rows and the paging metadata."""
        indexes = listing.matching(self._filters.of(request))
        size = _requested_size(self._operation, request)
        start = self._start(request, listing, indexes, size)
        following = self._next(listing, indexes, start, size) if start + size < len(indexes) else None
        page = _count_pages(len(indexes), start, size)._replace(
            next_position=following,
            next_address=_address(self._server, self._operation, self._parameter.name, following),
        )
        return indexes[start : start + size], page

    def _start(self, request: MockRequest, listing: Listing, indexes: Sequence[int], size: int) -> int:
        """Return the first row of the requested page."""
        value = request.value("query", self._parameter.name)
        if value is None:
            return 0
        if self._parameter.hint == "page-number":
            return (int(value) - self._first_number) * size
        if self._parameter.hint == "offset":
            return int(value)
        field = self._parameter.hint["after"]
        for position, index in enumerate(indexes):
            if listing.rows.field(index, field) == value:
                return position + 1
        raise ErrorResponse(HTTPStatus.BAD_REQUEST, self._bad_requests[self._parameter.name])

    def _next(self, listing: Listing, indexes: Sequence[int], start: int, size: int) -> int | str:
        """Return the parameter value of the next page."""
        if self._parameter.hint == "page-number":
            return start // size + 1 + self._first_number
        if self._parameter.hint == "offset":
            return start + size
        return listing.rows.field(indexes[start + size - 1], self._parameter.hint["after"])


def paging_of(operation: Operation, *, seed: int, server: str, bad_requests: Mapping[str, Template]) -> Paging:
    """Return the paging of an operation.

    Args:
        operation: an operation that returns a listing.
        seed: seed of the mock.
        server: base URL for addresses in responses.
        bad_requests: error bodies by the name of the invalid parameter.
    """
    filters = RowFilters(operation)
    if (position := operation.position) is not None:
        return PagingByPosition(operation, filters, parameter=position, server=server, bad_requests=bad_requests)
    if operation.token is not None:
        return PagingByToken(operation, filters, seed=seed, server=server, bad_requests=bad_requests)
    return SinglePage(filters)


def _requested_size(operation: Operation, request: MockRequest) -> int:
    """Return the number of rows on a page, as requested or by default."""
    parameter = operation.page_size
    if parameter is None:
        return PAGE_SIZE
    value = request.value("query", parameter.name)
    default: int = parameter.schema["default"]
    return default if value is None else int(value)


def _count_pages(total: int, start: int, size: int) -> Page:
    return Page(start // size + 1, total, max(1, -(-total // size)), None, None)


def _address(server: str, operation: Operation, name: str, value: Any) -> str | None:
    """Return the URL of the page that a parameter value selects; None for None."""
    return None if value is None else f"{server}{operation.path}?{urlencode({name: value})}"
