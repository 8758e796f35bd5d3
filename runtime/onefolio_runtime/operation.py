"""Operations of a spec, requests for them and their responses, validated against the spec. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast
from urllib.parse import quote

from .body import MAX_BODY, MAX_SINGLE
from .contract.validate import Contract
from .contract.verdict import CONFORMS, ContractError, Verdict
from .json import excerpt
from .large_json import decode_in_slices
from .model import Json, Unset
from .pickling import reduce_error
from .scalars import wire
from .slices import LARGE, SMALL, Sliced, finish

T = TypeVar("T")
E = TypeVar("E")


class DocumentedResponse(NamedTuple):
    """A response that the spec documents.

    Attributes:
        schema: name of the component schema of its body.
        build: makes the typed body from validated JSON.
    """

    schema: str
    build: Callable[[Any], Any]


class Operation(Generic[T, E]):
    """One operation of a spec.

    Args:
        id: the spec's `operationId`.
        method: the HTTP method in capitals.
        path: the path template, such as `/v1/accounts/{account_id}/balances`.
        contract: the spec.
        responses: by documented status (`"200"`) or class of statuses (`"5XX"`); a success is built into `T`, a
            failure into `E`.
    """

    __slots__ = ("contract", "id", "method", "path", "responses")

    def __init__(
        self,
        id: str,
        *,
        method: str,
        path: str,
        contract: Contract,
        responses: Mapping[str, DocumentedResponse],
    ) -> None:
        self.id = id
        self.method = method
        self.path = path
        self.contract = contract
        self.responses = responses

    def __repr__(self) -> str:
        return f"Operation({self.id!r}, {self.method} {self.path})"

    def documented(self, status_code: int) -> DocumentedResponse | None:
        """Return the documented response of a status, or None."""
        return self.responses.get(str(status_code)) or self.responses.get(f"{status_code // 100}XX")

    def body_limit(self, status_code: int, max_body: int) -> int:
        """Return the size limit of a body in bytes: `max_body` for a documented list, at most 1 MiB for other bodies.

        Args:
            status_code: the HTTP status.
            max_body: the limit for a list.
        """
        documented = self.documented(status_code)
        if 200 <= status_code < 300 and documented is not None and self.contract.has_list(documented.schema):
            return max_body
        return min(max_body, MAX_SINGLE)

    def request(
        self, path: Json | None = None, query: Json | None = None, headers: Json | None = None
    ) -> Request[T, E]:
        """Return a request for this operation. Parameters that are `UNSET` are left out."""
        return Request(self, path=path or {}, query=query or {}, headers=headers or {})


class Request(Generic[T, E]):
    """One request, without server and credentials."""

    __slots__ = ("headers", "operation", "path", "query")

    def __init__(self, operation: Operation[T, E], *, path: Json, query: Json, headers: Json) -> None:
        self.operation = operation
        self.path = operation.path.format_map({name: _path_segment(value) for name, value in path.items()})
        self.query = _set_parameters(query) if query else query
        self.headers = _set_parameters(headers) if headers else headers

    def __repr__(self) -> str:
        return f"Request({self.operation.id!r}, {self.operation.method} {self.path}, {self.query})"


class Response(Generic[T, E]):
    """The response to a `Request`, whatever its status.

    Args:
        request: the request.
        status_code: the HTTP status.
        headers: the headers; look-ups ignore case.
        content: the body, decompressed.
        fault: the reason why `content` is not the whole body, or not in its stated encoding.
        max_body: the size limit of bodies in bytes, which also limits the number of values; see `decode_in_slices`.
    """

    __slots__ = ("_fault", "_json", "content", "headers", "max_body", "request", "status_code")

    def __init__(
        self,
        request: Request[T, E],
        *,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        fault: ContractError | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._fault = fault
        self.max_body = max_body
        self.request = request
        self.status_code = status_code
        self.headers = headers
        self.content = content

    def __repr__(self) -> str:
        return f"Response({self.request.operation.id!r}, {self.status_code}, {len(self.content)} bytes)"

    @property
    def is_small(self) -> bool:
        """Whether the body can be processed at once, without `json_in_slices` and `check_in_slices`."""
        return len(self.content) <= SMALL

    def json(self) -> Any:
        """Return the body as a JSON value with exact numbers; it is decoded once.

        Raises:
            ContractError: the body is not JSON, too large, or not in its stated encoding.
        """
        return self._json if hasattr(self, "_json") else finish(self.json_in_slices())

    def json_in_slices(self) -> Sliced[Any]:
        """Return the same as `json()`, in slices."""
        if self._fault is not None:
            raise self._fault
        if not hasattr(self, "_json"):
            self._json = yield from decode_in_slices(self.content, self.max_body)
        return self._json

    def check(self) -> Verdict:
        """Validate the body against the schema of its status.

        Raises:
            ContractError: the body is not JSON.
            StatusError: the spec documents no response with this status.
        """
        return finish(self.check_in_slices())

    def check_in_slices(self) -> Sliced[Verdict]:
        """Return the same as `check()`, in slices."""
        schema, contract = self._documented().schema, self.request.operation.contract
        body = self._json if hasattr(self, "_json") else (yield from self.json_in_slices())
        is_large = len(self.content) > LARGE
        if not is_large and contract.conforms(schema, body):
            return CONFORMS
        return (yield from contract.check_in_slices(schema, body, is_large=is_large))

    def parsed(self) -> T:
        """Return the typed body of a success.

        Raises:
            StatusError: the status is not a documented success.
            ContractError: the body is not JSON, or violates the schema.
        """
        if not 200 <= self.status_code < 300:
            raise StatusError(self)
        if violations := self.check().violations:
            raise ContractError(violations)
        return cast("T", self._documented().build(self.json()))

    def error(self) -> E | None:
        """Return the typed body of a documented failure, or None for any other response."""
        if 200 <= self.status_code < 300:
            return None
        try:
            if self.check().violations:
                return None
        except (ContractError, StatusError):
            return None
        return cast("E", self._documented().build(self.json()))

    def _documented(self) -> DocumentedResponse:
        documented = self.request.operation.documented(self.status_code)
        if documented is None:
            raise StatusError(self)
        return documented


class StatusError(Exception):
    """A response whose status is not a documented success.

    Attributes:
        response: the response; its `error()` is the typed body of a documented failure.
    """

    def __init__(self, response: Response[Any, Any]) -> None:
        self.response = response
        super().__init__(
            f"{response.request.operation.id}: HTTP {response.status_code}: {excerpt(response.content, 200)}"
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return reduce_error(self)


def _set_parameters(parameters: Json) -> dict[str, str]:
    return {name: _parameter(value) for name, value in parameters.items() if not isinstance(value, Unset)}


def _path_segment(value: Any) -> str:
    return str(value) if type(value) is int else quote(_parameter(value), safe="")


def _parameter(value: Any) -> str:
    value = wire(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
