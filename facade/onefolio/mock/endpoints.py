"""One provider's API: routes requests to operations and returns responses according to the spec."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import uuid4

from .._connections.rate_limit import RateLimit
from ..openapi.operations import Operation, Parameter
from ..openapi.specs import LinkSource, Spec
from .data import Size, Source
from .error_bodies import ErrorBodies
from .messages import ErrorResponse, MockRequest, MockResponse
from .paging import paging_of
from .request_counter import RequestCounter
from .templates import RenderContext, to_json


class AccountLookup(NamedTuple):
    """How an operation finds the account in its path.

    Attributes:
        source: the data of the operation that lists accounts.
        field: the field of its rows that contains the identifier.
        parameter: the path parameter that contains the identifier.
    """

    source: Source
    field: str
    parameter: Parameter


class Endpoint:
    """Serves one operation.

    Args:
        operation: the operation.
        source: its data.
        account: finds the account in the path; None if the path contains no account.
        errors: error bodies of the spec.
        counter: counts the requests to the API.
        seed: seed of the mock.
        server: base URL of the API in the spec, for addresses in responses.
    """

    def __init__(
        self,
        operation: Operation,
        source: Source,
        *,
        account: AccountLookup | None,
        errors: ErrorBodies,
        counter: RequestCounter,
        seed: int,
        server: str = "",
    ) -> None:
        self.operation = operation
        self.calls = Counter[int]()
        self._source = source
        self._account = account
        self._counter = counter
        self._too_many_requests = errors.for_operation(operation, HTTPStatus.TOO_MANY_REQUESTS)
        self._unauthorized = errors.for_operation(operation, HTTPStatus.UNAUTHORIZED)
        self._not_found = errors.for_operation(operation, HTTPStatus.NOT_FOUND)
        self._bad_requests = {
            each.name: errors.for_operation(operation, HTTPStatus.BAD_REQUEST, each.demand, each.name)
            for each in operation.parameters
        }
        self._echoed = [each for each in operation.parameters if each.name in operation.asked_names]
        self._paging = paging_of(operation, seed=seed, server=server, bad_requests=self._bad_requests)
        self._headers = {
            int(status): list(response.get("headers", {}))
            for status, response in operation.responses.items()
            if status.isdigit()
        }

    def respond(self, request: MockRequest) -> MockResponse:
        """Return the response to a request."""
        try:
            response = MockResponse(HTTPStatus.OK, self._body(request))
        except ErrorResponse as error:
            response = MockResponse(error.status, error.body(RenderContext({}, request_id=request.request_id)))
        self.calls[response.status] += 1
        names = self._headers.get(response.status) or self._headers[HTTPStatus.OK]
        return response._replace(headers=self._counter.headers(names)) if names else response

    def _body(self, request: MockRequest) -> str:
        self._check(request)
        account, documented = self._find_account(request)
        echoed = {parameter.name: _echo(parameter, request) for parameter in self._echoed}
        if not self._source.is_listing:
            return self._source.render(account, documented, echoed, request.request_id)
        listing = self._source.listing(account, documented)
        indexes, page = self._paging.select(request, listing)
        return listing.render(indexes, echoed, request.request_id, page)

    def _check(self, request: MockRequest) -> None:
        """Raise an error response if a request is above the rate limit, unauthorized or has an invalid parameter."""
        if not self._counter.count():
            raise ErrorResponse(HTTPStatus.TOO_MANY_REQUESTS, self._too_many_requests)
        if not self._is_authorized(request):
            raise ErrorResponse(HTTPStatus.UNAUTHORIZED, self._unauthorized)
        for parameter in self.operation.parameters:
            if not parameter.accepts(request.value(parameter.where, parameter.name)):
                raise ErrorResponse(HTTPStatus.BAD_REQUEST, self._bad_requests[parameter.name])

    def _is_authorized(self, request: MockRequest) -> bool:
        return any(
            all(key.fits(request.value(key.where, key.name)) for key in keys) for keys in self.operation.security
        )

    def _find_account(self, request: MockRequest) -> tuple[int | None, int]:
        """Return the index of the account in the path, and the number of accounts with the data of the examples."""
        if self._account is None:
            return None, 0
        source, field, parameter = self._account
        index = source.find(field, request.value(parameter.where, parameter.name) or "")
        if index is None:
            raise ErrorResponse(HTTPStatus.NOT_FOUND, self._not_found)
        return index, source.documented


def _echo(parameter: Parameter, request: MockRequest) -> str:
    """Return the value of a parameter as JSON."""
    value = request.value(parameter.where, parameter.name)
    return (value or "") if parameter.is_integer else to_json(value)


class Api:
    """One provider's API.

    Args:
        document: its OpenAPI document.
        size: amount of data.
        limit: number of requests that it accepts; None for no limit.
    """

    def __init__(self, document: Mapping[str, Any], size: Size, limit: RateLimit | None) -> None:
        self.spec = Spec(document)
        errors, counter = ErrorBodies(self.spec), RequestCounter(limit)
        self._not_found = errors.for_status(HTTPStatus.NOT_FOUND)
        self._not_allowed = errors.for_status(HTTPStatus.METHOD_NOT_ALLOWED)
        self.sources = {operation.id: Source(self.spec, operation, size) for operation in self.spec.operations}
        self.endpoints = [
            Endpoint(
                operation,
                self.sources[operation.id],
                account=self._account_lookup(operation),
                errors=errors,
                counter=counter,
                seed=size.seed,
                server=document["servers"][0]["url"],
            )
            for operation in self.spec.operations
        ]
        self._paths: dict[str, dict[str, Endpoint]] = {}
        for endpoint in self.endpoints:
            self._paths.setdefault(endpoint.operation.path, {})[endpoint.operation.method] = endpoint
        self._patterns = [
            (re.compile(re.sub(r"\\{[^{}]+\\}", "([^/]+)", re.escape(path))), re.findall(r"{([^{}]+)}", path), methods)
            for path, methods in self._paths.items()
            if "{" in path
        ]

    def respond(self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> MockResponse:
        """Return the response to a request; `path` is relative to the base URL of the API."""
        request_id = str(uuid4())
        methods, path_parameters = self._route(path)
        if endpoint := methods.get(method):
            response = endpoint.respond(MockRequest(path_parameters, query, headers, request_id))
        elif methods:
            body = self._not_allowed(RenderContext({}, request_id=request_id))
            response = MockResponse(HTTPStatus.METHOD_NOT_ALLOWED, body, {"Allow": ", ".join(methods)})
        else:
            response = MockResponse(HTTPStatus.NOT_FOUND, self._not_found(RenderContext({}, request_id=request_id)))
        return response._replace(headers={**response.headers, "X-Request-ID": request_id})

    def _route(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        """Return the endpoints of a path by method, and its path parameters; both are empty for an unknown path."""
        if methods := self._paths.get(path):
            return methods, {}
        for pattern, names, methods in self._patterns:
            if found := pattern.fullmatch(path):
                return methods, dict(zip(names, found.groups(), strict=True))
        return {}, {}

    def _account_lookup(self, operation: Operation) -> AccountLookup | None:
        """Return how the account in an operation's path is found, according to the links of the spec."""
        for parameter in operation.parameters:
            pointed: LinkSource | None = self.spec.links.get((operation.id, parameter.name))
            if pointed and parameter.name in operation.asked_names:
                return AccountLookup(self.sources[pointed.operation], pointed.field, parameter)
        return None
