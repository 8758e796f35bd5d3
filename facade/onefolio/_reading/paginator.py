"""One listing being read: what to ask next, and what an answer comes to. No input or output here.

An answer is judged in this order: its HTTP status, an error inside its envelope, its schema, and what its
rows mean. Sync and async send the requests; everything else stands here once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from operator import attrgetter
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from onefolio_runtime import ContractError, Drift, Request, Response, TransportError, Violation, excerpt, shorten

from .._connections.connection import Connection
from .._connections.resource import NO_DETAILS, Capability, ErrorDetails, Resource, next_token
from .._core.errors import (
    SHOWN_BODY,
    ContractViolation,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    format_violations,
)
from .._core.json_paths import value_at
from .._models.records import Account, Balance, Failure
from .drift_log import DriftLog
from .duplicates import HashSet
from .http_status import error_for_status, status_of_code

E = TypeVar("E", bound=ProviderError)

R = TypeVar("R")

ContractMode: TypeAlias = Literal["strict", "quarantine"]

_IDENTITY: Mapping[Capability, Callable[[Any], Hashable]] = {
    "accounts": attrgetter("id"),
    "balances": lambda balance: balance,
    "positions": attrgetter("instrument_id", "symbol", "side"),
}
"""What tells one item from another in a listing of several pages."""


class Paginator(Generic[R]):
    """The rows of one reading, page by page.

    Args:
        connection: whose rows they are.
        reading: how they are asked for and read.
        drifts: where drift is told.
        contract: whether a bad row raises (`"strict"`) or is put aside in `failures` (`"quarantine"`).
        account_id: whose rows they are; None for the list of accounts.
        put_aside: called with each of the `failures`.
    """

    def __init__(
        self,
        connection: Connection,
        reading: Resource[Any, R],
        drifts: DriftLog,
        contract: ContractMode,
        account_id: str | None = None,
        *,
        put_aside: Callable[[Failure], None] | None = None,
    ) -> None:
        self.connection = connection
        self.reading = reading
        self.contract = contract
        self.account_id = account_id
        self.failures: list[Failure] = []
        self._put_aside = put_aside
        self._drifts = drifts
        self._token: str | None = None
        self._tokens: set[str] = set()
        self._seen = HashSet()
        self._seen_here: list[int] = []
        self._count = 0
        self._request: Request[Any, Any] | None = reading.request(None)
        self.operation: str = self._request.operation.id

    def next_request(self) -> Request[Any, Any] | None:
        """Return the request of the next page, or None where everything has been read."""
        return self._request

    def feed(self, response: Response[Any, Any]) -> list[R]:
        """Take the answer to `next_request()` and return the rows on it.

        Raises:
            ProviderError: the answer is none that can be used; which class tells why.
        """
        # A server may send back what it was sent, and errors and drift tell what it has sent.
        response.content = self.connection.redaction.content(response.content)
        self._judge_status(response)
        try:
            body = response.json()
            details = self.connection.read_error(body)
            if details is not None:
                raise self._status_error(response, details, status_of_code(details.code))
            broken = self._broken_rows(response)
            self._request = self._next(body)
            rows = self._read_rows(response, body, broken)
            if self._request is None:
                self._check_total(response, body)
        except ContractError as error:
            raise self._violation(error, response) from None
        return rows

    def failure(self, error: ProviderError, row: Any = None) -> Failure:
        """Return what a snapshot lists of an error of this listing."""
        return Failure(
            connection=self.connection.name,
            operation=self.reading.what,
            account_id=self.account_id,
            error=error,
            row=row,
        )

    def balances_of(self, account: Account) -> list[Balance]:
        """Return the balances in the answer of this listing that an account came with."""
        row = f"{_pointer(self.reading.rows)}/*" if self.reading.rows else ""

        def note(drift: Drift) -> None:
            self._note(drift._replace(pointer=row + drift.pointer))

        return self.connection.balances_of(account, note)

    def not_found(self, account: Account) -> ProviderError:
        """Return why an account is not among the rows: one of them is broken, or it is gone."""
        if self.failures:
            return self.failures[0].error
        return self._error(NotFoundError, f"account {account.id} is not listed any more")

    def not_asked(self, last: ProviderError) -> ProviderError:
        """Return why this listing is not read in a snapshot whose provider has stopped answering."""
        return self._error(ProviderUnavailableError, f"not asked, since the server has stopped answering; last: {last}")

    def transport_error(self, error: Exception) -> ProviderError | None:
        """Return what an exception of the transport means for the user; None where it is none of the transport's."""
        match error:
            case TimeoutError():
                step = f" ({error})" if str(error) else ""
                return self._error(ProviderUnavailableError, f"no answer in time{step}")
            case TransportError():
                return self._error(ProviderUnavailableError, f"no answer ({error})")
        return None

    def _judge_status(self, response: Response[Any, Any]) -> None:
        status = response.status_code
        if 200 <= status < 300 and response.request.operation.answer(status) is not None:
            return
        try:
            details = self.connection.read_error(response.json())
        except ContractError:
            details = None
        raise self._status_error(response, details or NO_DETAILS, status)

    def _status_error(self, response: Response[Any, Any], details: ErrorDetails, status: int) -> ProviderError:
        told = details.message and self.connection.redaction.text(details.message)
        message = _shorten(told) or f"answered {response.status_code}, with no message that its spec knows"
        error = self._error(error_for_status(status), message, response, details)
        if isinstance(error, RateLimitedError | ProviderUnavailableError):
            error.retry_after = self.connection.retry_after(response.headers, time.time())
        return error

    def _broken_rows(self, response: Response[Any, Any]) -> dict[int, list[Violation]]:
        """Hold a body against its schema, tell of drift, and return what is wrong with which row."""
        verdict = response.check()
        base = _pointer(self.reading.rows)
        listed = isinstance(value_at(response.json(), self.reading.rows), list)
        broken: dict[int, list[Violation]] = {}
        for violation in verdict.violations:
            index = _row_index(violation.pointer, base, listed=listed)
            if index is None or self.contract == "strict":
                raise ContractError(verdict.violations)
            broken.setdefault(index, []).append(violation)
        for drift in verdict.drifts:
            self._note(drift)
        return broken

    def _read_rows(self, response: Response[Any, Any], body: Any, broken: Mapping[int, list[Violation]]) -> list[R]:
        found = value_at(body, self.reading.rows)
        listed = isinstance(found, list)
        sent = found if listed else [found]
        self._count += len(sent)
        rows = None if broken else self._read_all(sent)
        if rows is None:
            base = _pointer(self.reading.rows)
            rows = []
            for index, row in enumerate(sent):
                try:
                    rows.append(self._read_row(row, f"{base}/{index}" if listed else base, broken.get(index)))
                except ContractError as error:
                    self._set_aside(error, response, row)
        self._seen.update(self._seen_here)
        self._seen_here.clear()
        return rows

    def _read_all(self, sent: list[Any]) -> list[R] | None:
        """Return the rows, if nothing is wrong with any, which is the usual case; with as little ado as can be."""
        read = self.reading.read
        try:
            rows = [read(view) for view in self.reading.model.views(sent)]
        except ContractError:
            return None
        if self._tokens:
            hashes = self._hashes(rows)
            if self._seen.has_any(hashes):
                return None
            self._seen_here = hashes
        return rows

    def _read_row(self, row: Any, pointer: str, broken: list[Violation] | None) -> R:
        if broken:
            raise ContractError(broken)
        try:
            read = self.reading.read(self.reading.model.view(row))
        except ContractError as error:
            raise ContractError(each._replace(pointer=pointer + each.pointer) for each in error.violations) from None
        if self._tokens:
            hashes = self._hashes([read])
            if self._seen.has_any(hashes):
                raise ContractError([Violation(pointer, "an item that no page before has", "the same again")])
            self._seen_here += hashes
        return read

    def _hashes(self, rows: list[R]) -> list[int]:
        """Return what is kept of items, to know them again; the items themselves stream by."""
        return list(map(hash, map(_IDENTITY[self.reading.what], rows)))

    def _check_total(self, response: Response[Any, Any], body: Any) -> None:
        """Hold the number of rows against the total that the last page states: what is missing is lost silently."""
        total = None if self.reading.total is None else value_at(body, self.reading.total)
        if total is None:
            return
        # More than stated on a single page is nothing lost and nothing twice; over several pages it may be.
        if self._count < total or (self._count > total and self._tokens):
            pointer, got = _pointer(self.reading.total or ()), f"{self._count} on all pages"
            self._set_aside(ContractError([Violation(pointer, f"as many items as stated, {total}", got)]), response)

    def _set_aside(self, error: ContractError, response: Response[Any, Any], row: Any = None) -> None:
        """Raise what is wrong with a row or with the whole, or list it and go on."""
        if self.contract == "strict":
            raise error
        failure = self.failure(self._violation(error, response), row)
        self.failures.append(failure)
        if self._put_aside is not None:
            self._put_aside(failure)

    def _next(self, body: Any) -> Request[Any, Any] | None:
        token = next_token(self.reading, body, self._token)
        if not token:
            return None
        if token in self._tokens:
            expected = "a token not seen before in this listing"
            raise ContractError([Violation(_pointer(self.reading.next_token or ()), expected, "the same again")])
        self._tokens.add(token)
        self._token = token
        return self.reading.request(token)

    def _violation(self, error: ContractError, response: Response[Any, Any]) -> ContractViolation:
        violation = self._error(ContractViolation, format_violations(error.violations), response)
        violation.violations = tuple(Violation(*map(self.connection.redaction.text, each)) for each in error.violations)
        return violation

    def _note(self, drift: Drift) -> None:
        clean = self.connection.redaction.text
        told = drift._replace(pointer=clean(drift.pointer), got=clean(drift.got))
        self._drifts.note(self.connection.name, self.operation, told)

    def _error(
        self,
        kind: type[E],
        message: str,
        response: Response[Any, Any] | None = None,
        details: ErrorDetails = NO_DETAILS,
    ) -> E:
        clean = self.connection.redaction.text
        request_id = details.request_id or (response.headers.get("x-request-id") if response else None)
        return kind(
            clean(message),
            provider=self.connection.provider,
            connection=self.connection.name,
            operation=self.operation,
            status_code=response.status_code if response else None,
            code=_shorten(details.code and clean(details.code)),
            request_id=_shorten(request_id and clean(request_id)),
            body=clean(excerpt(response.content, SHOWN_BODY)) if response else "",
        )


def _shorten(text: str | None) -> str | None:
    """Return a provider's own words, no longer than an error carries of its body."""
    return None if text is None else shorten(text, SHOWN_BODY)


def _pointer(names: tuple[str, ...]) -> str:
    return "".join(f"/{name}" for name in names)


def _row_index(pointer: str, base: str, *, listed: bool) -> int | None:
    """Return which of the rows at `base` a pointer is in, if it is in one."""
    if not pointer.startswith(f"{base}/"):
        return None
    index = pointer[len(base) + 1 :].partition("/")[0]
    return 0 if not listed else int(index) if index.isdigit() else None
