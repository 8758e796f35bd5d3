"""An operation of a spec, a request for it, and the answer held against the spec. No input or output here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar, cast
from urllib.parse import quote

from .contract.validate import Contract
from .contract.verdict import ContractError, Verdict
from .json import decode, excerpt
from .model import Json, Unset
from .scalars import wire

T = TypeVar("T")

E = TypeVar("E")


class Answer(NamedTuple):
    """A documented answer: the component schema of its body, and what builds the typed body."""

    schema: str
    build: Callable[[Any], Any]


class Operation(Generic[T, E]):
    """What a spec says of one operation.

    Args:
        id: the spec's `operationId`.
        path: the path template, such as `/v1/accounts/{account_id}/balances`.
        contract: the spec.
        answers: by documented status (`"200"`) or class of statuses (`"5XX"`), the component schema and
            what builds the typed body from its checked JSON: `T` for a success, `E` for a failure.
    """

    __slots__ = ("answers", "contract", "id", "method", "path")

    def __init__(
        self,
        id: str,
        *,
        method: str,
        path: str,
        contract: Contract,
        answers: Mapping[str, Answer],
    ) -> None:
        self.id = id
        self.method = method
        self.path = path
        self.contract = contract
        self.answers = answers

    def __repr__(self) -> str:
        return f"Operation({self.id!r}, {self.method} {self.path})"

    def answer(self, status_code: int) -> Answer | None:
        """Return what is documented of an answer with this status, if anything."""
        return self.answers.get(str(status_code)) or self.answers.get(f"{status_code // 100}XX")

    def request(
        self, path: Json | None = None, query: Json | None = None, headers: Json | None = None
    ) -> Request[T, E]:
        """Return a request for this operation; `UNSET` parameters are left out."""
        return Request(self, path=path or {}, query=query or {}, headers=headers or {})


class Request(Generic[T, E]):
    """One request, complete but for the server and the credentials."""

    __slots__ = ("headers", "operation", "path", "query")

    def __init__(self, operation: Operation[T, E], *, path: Json, query: Json, headers: Json) -> None:
        self.operation = operation
        self.path = operation.path.format_map({name: _quoted(value) for name, value in path.items()})
        self.query = _stated(query) if query else query
        self.headers = _stated(headers) if headers else headers

    def __repr__(self) -> str:
        return f"Request({self.operation.id!r}, {self.operation.method} {self.path}, {self.query})"


class Response(Generic[T, E]):
    """The answer to a `Request`, whatever its status."""

    __slots__ = ("_fault", "_json", "content", "headers", "request", "status_code")

    def __init__(
        self,
        request: Request[T, E],
        *,
        status_code: int,
        headers: Mapping[str, str],
        content: bytes,
        fault: ContractError | None = None,
    ) -> None:
        """Keep what came; `fault` is why `content` is only a part of the body, or not what it should be."""
        self._fault = fault
        self.request = request
        self.status_code = status_code
        self.headers = headers
        self.content = content

    def __repr__(self) -> str:
        return f"Response({self.request.operation.id!r}, {self.status_code}, {len(self.content)} bytes)"

    def json(self) -> Any:
        """Return the body, decoded once, numbers exact.

        Raises:
            ContractError: the body is not JSON, too large, or not in the coding that it states.
        """
        if self._fault is not None:
            raise self._fault
        if not hasattr(self, "_json"):
            self._json = decode(self.content)
        return self._json

    def check(self) -> Verdict:
        """Hold the body against the schema of its status.

        Raises:
            ContractError: the body is not JSON.
            StatusError: the spec documents no answer with this status.
        """
        return self.request.operation.contract.check(self._answer().schema, self.json())

    def parsed(self) -> T:
        """Return the typed answer of a success.

        Raises:
            StatusError: the status is no documented success; its `error` is the typed body of the failure.
            ContractError: the body is not JSON or breaks the schema.
        """
        if not 200 <= self.status_code < 300:
            raise StatusError(self)
        if violations := self.check().violations:
            raise ContractError(violations)
        return cast("T", self._answer().build(self.json()))

    def error(self) -> E | None:
        """Return the typed body of a documented failure; None where the body is something else."""
        if 200 <= self.status_code < 300:
            return None
        try:
            if self.check().violations:
                return None
        except (ContractError, StatusError):
            return None
        return cast("E", self._answer().build(self.json()))

    def _answer(self) -> Answer:
        answer = self.request.operation.answer(self.status_code)
        if answer is None:
            raise StatusError(self)
        return answer


class StatusError(Exception):
    """An answer that is no documented success."""

    def __init__(self, response: Response[Any, Any]) -> None:
        self.response = response
        super().__init__(
            f"{response.request.operation.id} answered {response.status_code}: {excerpt(response.content, 200)}"
        )


def _stated(parameters: Json) -> dict[str, str]:
    return {name: _text(value) for name, value in parameters.items() if not isinstance(value, Unset)}


def _quoted(value: Any) -> str:
    return str(value) if type(value) is int else quote(_text(value), safe="")


def _text(value: Any) -> str:
    value = wire(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
