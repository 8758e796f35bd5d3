"""One provider's API as its spec says: a request in, an answer out."""

from __future__ import annotations

import math
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import uuid4

from .._connections.rate_limit import RateLimit
from ..openapi.operations import Operation, Parameter
from ..openapi.specs import LinkSource, Spec
from .data import Listing, Size, Source
from .error_bodies import Errors
from .page_tokens import Tokens
from .templates import Page, RenderContext, Template, text

RATE_LIMIT = RateLimit(200)
"""What the rate-limit headers speak of where no limit is kept to."""

PAGE_SIZE = 100
"""Rows on a page where the spec has no parameter for it."""


class MockResponse(NamedTuple):
    """What is sent back."""

    status: int
    body: str
    headers: Mapping[str, str] = {}


class MockRequest(NamedTuple):
    """A request, taken apart."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    request_id: str

    def value(self, where: str, name: str) -> str | None:
        """Return a parameter's text, None where it is left out. Names of headers are in lower case here."""
        if where == "header":
            return self.headers.get(name.lower())
        return (self.path if where == "path" else self.query).get(name)


class ErrorResponse(Exception):
    """The request gets an error."""

    def __init__(self, status: int, body: Template) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class RequestCounter:
    """The requests that an API takes, counted in spans that begin with the clock's.

    Args:
        limit: beyond it requests are refused; None to speak of the usual limit and serve all the same.
    """

    def __init__(self, limit: RateLimit | None) -> None:
        self._limit = limit or RATE_LIMIT
        self._refuses = limit is not None
        self._span = self._used = 0

    def take(self) -> bool:
        """Count a request and tell whether it is served."""
        span = int(time.time() // self._limit.seconds)
        if span != self._span:
            self._span, self._used = span, 0
        self._used += 1
        return not self._refuses or self._used <= self._limit.requests

    def headers(self, names: Sequence[str]) -> dict[str, str]:
        """Return the headers of these names, as far as they tell of the limit."""
        end = (self._span + 1) * self._limit.seconds
        figures: dict[str, float] = {
            "ratelimit-limit": self._limit.requests,
            "ratelimit-remaining": max(0, self._limit.requests - self._used),
            "ratelimit-reset": math.ceil(end),
            "retry-after": math.ceil(end - time.time()),
        }
        found = {name: figures.get(name.lower().removeprefix("x-")) for name in names}
        return {name: str(figure) for name, figure in found.items() if figure is not None}


class Endpoint:
    """One operation, served.

    Args:
        operation: what is asked for.
        source: what it serves.
        account: where the account in the path is found: the source that lists it, the row's field and the
            path parameter; None where no account is named.
        errors: the spec's error bodies.
        allowance: the API's count of requests.
        seed: the mock's.
        server: where the spec says that the API is, for addresses in answers.
    """

    def __init__(
        self,
        operation: Operation,
        source: Source,
        *,
        account: tuple[Source, str, str] | None,
        errors: Errors,
        allowance: RequestCounter,
        seed: int,
        server: str = "",
    ) -> None:
        self.operation = operation
        self._server = server
        self.calls = Counter[int]()
        self._source = source
        self._account = account
        self._tokens = Tokens(seed, operation.id)
        self._unauthorized = errors.documented(operation, HTTPStatus.UNAUTHORIZED)
        self._not_found = errors.documented(operation, HTTPStatus.NOT_FOUND)
        self._bad = {
            each.name: errors.documented(operation, HTTPStatus.BAD_REQUEST, each.demand, each.name)
            for each in operation.parameters
        }
        self._filters = [each for each in operation.parameters if isinstance(each.hint, dict) and "filter" in each.hint]
        self._asked = [each for each in operation.parameters if each.name in operation.asked_names]
        self._too_many = errors.documented(operation, HTTPStatus.TOO_MANY_REQUESTS)
        self._allowance = allowance
        self._headers = {
            int(status): list(answer.get("headers", {}))
            for status, answer in operation.responses.items()
            if status.isdigit()
        }

    def answer(self, asked: MockRequest) -> MockResponse:
        """Return the answer to a request."""
        try:
            answer = MockResponse(HTTPStatus.OK, self._body(asked))
        except ErrorResponse as refused:
            answer = MockResponse(refused.status, refused.body(RenderContext({}, request_id=asked.request_id)))
        self.calls[answer.status] += 1
        names = self._headers.get(answer.status) or self._headers[HTTPStatus.OK]
        return answer._replace(headers=self._allowance.headers(names)) if names else answer

    def _body(self, asked: MockRequest) -> str:
        if not self._allowance.take():
            raise ErrorResponse(HTTPStatus.TOO_MANY_REQUESTS, self._too_many)
        if not self._authenticates(asked):
            raise ErrorResponse(HTTPStatus.UNAUTHORIZED, self._unauthorized)
        for parameter in self.operation.parameters:
            if not parameter.accepts(asked.value(parameter.where, parameter.name)):
                raise self._refused(parameter)
        account, documented = self._found_account(asked)
        given = {each: asked.value(each.where, each.name) for each in self._asked}
        echoed = {each.name: (value or "") if each.is_integer else text(value) for each, value in given.items()}
        if not self._source.is_listing:
            return self._source.text(account, documented, echoed, asked.request_id)
        listing = self._source.listing(account, documented)
        if self.operation.position is not None:
            chosen = listing.chosen(self._asked_filters(asked))
            offset, size = self._start(self.operation.position, asked, listing, chosen)
            page = self._positioned(self.operation.position, listing, chosen, offset, size)
        elif self.operation.token is not None:
            offset, size, filters = self._position(asked)
            chosen = listing.chosen(filters)
            page = self._page(self._place(asked), len(chosen), offset, size, filters)
        else:
            return listing.text(listing.chosen(self._asked_filters(asked)), echoed, asked.request_id, None)
        return listing.text(chosen[offset : offset + size], echoed, asked.request_id, page)

    def _place(self, asked: MockRequest) -> str:
        """Return what tells the listing of one account from that of another."""
        return text({each.name: asked.value(each.where, each.name) for each in self._asked})

    def _start(
        self, parameter: Parameter, asked: MockRequest, listing: Listing, chosen: Sequence[int]
    ) -> tuple[int, int]:
        """Return the first row of the page that a parameter says, and the rows on a page."""
        size, stated = self._size(asked), asked.value("query", parameter.name)
        if stated is None:
            return 0, size
        if parameter.hint == "page-number":
            return (int(stated) - _first(parameter)) * size, size
        if parameter.hint == "offset":
            return int(stated), size
        field = parameter.hint["after"]
        found = (number for number, row in enumerate(chosen) if listing.rows.field(row, field) == stated)
        before = next(found, None)
        if before is None:
            raise self._refused(parameter)
        return before + 1, size

    def _positioned(
        self, parameter: Parameter, listing: Listing, chosen: Sequence[int], offset: int, size: int
    ) -> Page:
        """Return what a page says of itself where the next one is asked for by a number or by its last row."""
        following: int | str | None = None
        if offset + size < len(chosen):
            number = offset // size + 1 + _first(parameter)
            places: dict[str, int] = {"page-number": number, "offset": offset + size}
            following = (
                listing.rows.field(chosen[offset + size - 1], parameter.hint["after"])
                if isinstance(parameter.hint, dict)
                else places[parameter.hint]
            )
        page = self._counted(len(chosen), offset, size)
        address = None if following is None else self._address({parameter.name: following})
        return page._replace(next_position=following, next_address=address)

    def _address(self, query: Mapping[str, Any]) -> str:
        return f"{self._server}{self.operation.path}?{urlencode(query)}"

    def _size(self, asked: MockRequest) -> int:
        """Return the rows that a page has, as asked for or by default."""
        sized = self.operation.page_size
        wanted = asked.value("query", sized.name) if sized else None
        default: int = sized.schema["default"] if sized else PAGE_SIZE
        return default if wanted is None else int(wanted)

    def _authenticates(self, asked: MockRequest) -> bool:
        return any(all(key.fits(asked.value(key.where, key.name)) for key in keys) for keys in self.operation.security)

    def _found_account(self, asked: MockRequest) -> tuple[int | None, int]:
        """Return the row of the account in the path, and how many accounts come as the examples have them."""
        if self._account is None:
            return None, 0
        lists, field, name = self._account
        named = next(each for each in self._asked if each.name == name)
        index = lists.find(field, asked.value(named.where, name) or "")
        if index is None:
            raise ErrorResponse(HTTPStatus.NOT_FOUND, self._not_found)
        return index, lists.documented

    def _asked_filters(self, asked: MockRequest) -> dict[str, tuple[str, str]]:
        values = [(each.hint, asked.value(each.where, each.name)) for each in self._filters]
        return {hint["field"]: (hint["filter"], value) for hint, value in values if value}

    def _position(self, asked: MockRequest) -> tuple[int, int, Mapping[str, tuple[str, str]]]:
        """Return the first row of the page, the rows on a page and the filters."""
        name = self.operation.token or ""
        token = asked.value("query", name)
        if token is not None:
            try:
                offset, size, filters = self._tokens.read(self._place(asked), token)
            except ValueError:
                raise ErrorResponse(HTTPStatus.BAD_REQUEST, self._bad[name]) from None
            return offset, size, filters
        return 0, self._size(asked), self._asked_filters(asked)

    def _page(self, path: str, total: int, offset: int, size: int, filters: Mapping[str, Any]) -> Page:
        def token(row: int) -> str:
            return self._tokens.make(path, [row, size, filters])

        following = token(offset + size) if offset + size < total else None
        return self._counted(total, offset, size)._replace(
            next_token=following,
            previous_token=token(offset - size) if offset else None,
            next_address=None if following is None else self._address({self.operation.token or "": following}),
        )

    @staticmethod
    def _counted(total: int, offset: int, size: int) -> Page:
        return Page(offset // size + 1, total, max(1, -(-total // size)), None, None)

    def _refused(self, parameter: Parameter) -> ErrorResponse:
        return ErrorResponse(HTTPStatus.BAD_REQUEST, self._bad[parameter.name])


def _first(parameter: Parameter) -> int:
    """Return the number of the first page."""
    first: int = parameter.schema.get("minimum", 1)
    return first


class Api:
    """One provider's API.

    Args:
        document: its OpenAPI document.
        size: how much it serves.
        limit: how many requests it takes; None for any number.
    """

    def __init__(self, document: Mapping[str, Any], size: Size, limit: RateLimit | None) -> None:
        self.spec = Spec(document)
        errors, allowance = Errors(self.spec), RequestCounter(limit)
        self._unknown = errors.like_others(HTTPStatus.NOT_FOUND)
        self._not_allowed = errors.like_others(HTTPStatus.METHOD_NOT_ALLOWED)
        self.sources = {each.id: Source(self.spec, each, size) for each in self.spec.operations}
        self.endpoints = [
            Endpoint(
                each,
                self.sources[each.id],
                account=self._account(each),
                errors=errors,
                allowance=allowance,
                seed=size.seed,
                server=document["servers"][0]["url"],
            )
            for each in self.spec.operations
        ]
        self._paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in self.endpoints:
            self._paths.setdefault(endpoint.operation.path, {})[endpoint.operation.method] = endpoint
        self._patterns = [
            (re.compile(re.sub(r"\\{[^{}]+\\}", "([^/]+)", re.escape(path))), re.findall(r"{([^{}]+)}", path), methods)
            for path, methods in self._paths.items()
            if "{" in path
        ]

    def answer(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> MockResponse:
        """Return the answer to a request for a path below the API's base."""
        request_id = str(uuid4())
        methods, named = self._route(path)
        if endpoint := methods.get(method):
            answer = endpoint.answer(MockRequest(named, query, headers, request_id))
        elif methods:
            body = self._not_allowed(RenderContext({}, request_id=request_id))
            answer = MockResponse(HTTPStatus.METHOD_NOT_ALLOWED, body, {"Allow": ", ".join(methods)})
        else:
            answer = MockResponse(HTTPStatus.NOT_FOUND, self._unknown(RenderContext({}, request_id=request_id)))
        return answer._replace(headers={**answer.headers, "X-Request-ID": request_id})

    def _route(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        """Return what is served at a path, by method, and the parameters in it; nothing for an unknown path."""
        if methods := self._paths.get(path):
            return methods, {}
        for pattern, names, methods in self._patterns:
            if found := pattern.fullmatch(path):
                return methods, dict(zip(names, found.groups(), strict=True))
        return {}, {}

    def _account(self, operation: Operation) -> tuple[Source, str, str] | None:
        """Return where the account in an operation's path is found, as the spec's links tell."""
        for parameter in operation.parameters:
            pointed: LinkSource | None = self.spec.links.get((operation.id, parameter.name))
            if pointed and parameter.name in operation.asked_names:
                return self.sources[pointed.operation], pointed.field, parameter.name
        return None
