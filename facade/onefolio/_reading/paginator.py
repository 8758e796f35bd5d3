"""Read a resource page by page: the next request, and the rows of each response. No input or output here.

A response is judged in this order: its HTTP status, an error inside its envelope, its schema, the meaning of its rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from operator import attrgetter, itemgetter
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from onefolio_runtime import (
    CONFORMS,
    ContractError,
    Drift,
    Request,
    Response,
    Sliced,
    TransportError,
    Verdict,
    Violation,
    escape_controls,
    excerpt,
    format_pointer,
    shorten,
)

from .._connections.connection import Connection
from .._connections.requested_waits import bounded_wait
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
from .account_ids import is_id, is_same_id
from .broken_rows import BrokenRow, find_broken_rows, guard_rows
from .drift_log import DriftLog
from .duplicates import HashSet
from .http_status import error_for_status, status_of_code

E = TypeVar("E", bound=ProviderError)
R = TypeVar("R")

ContractMode: TypeAlias = Literal["strict", "quarantine"]

_ROWS_PER_SLICE, _SINGLE_ROWS_PER_SLICE = 1000, 100
"""Rows that are parsed at once: all together, or one by one because a row fails."""
_SHOWN_ID = 40
"""Maximum number of characters of an account's id in an error."""

_IDENTITY: Mapping[Capability, Callable[[Any], Hashable]] = {
    "accounts": attrgetter("id"),
    "balances": lambda balance: balance,
    "positions": attrgetter("instrument_id", "symbol", "side"),
}
"""The identity of a row among the pages of one resource."""

_MAX_TOKEN = 8192
"""Characters of a page token. Servers refuse longer URLs, and tokens that grow would fill the memory."""

_MAX_STALLED_PAGES = 100
"""Pages in a row without a row that is new."""


class _MisdirectedError(ContractError):
    """A response that belongs to another request."""


class Paginator(Generic[R]):
    """The rows of one resource, page by page.

    Args:
        connection: the connection that is read.
        resource: the resource.
        drifts: receives drift.
        contract: `"strict"` raises on a violating row, `"quarantine"` adds it to `failures` and goes on.
        account_id: the account of the rows; None for the list of accounts.
        on_quarantine: called with each of the `failures`.
    """

    def __init__(
        self,
        connection: Connection,
        resource: Resource[Any, R],
        drifts: DriftLog,
        contract: ContractMode,
        account_id: str | None = None,
        *,
        on_quarantine: Callable[[Failure], None] | None = None,
    ) -> None:
        self.connection = connection
        self.resource = resource
        self.contract = contract
        self.account_id = account_id
        self.failures: list[Failure] = []
        self._on_quarantine = on_quarantine
        self._drifts = drifts
        self._token: str | None = None
        self._tokens: set[int] = set()
        self._seen = HashSet()
        self._seen_on_page: list[int] = []
        self._count = 0
        self._total = 0
        self._stalled_pages = 0
        self._request: Request[Any, Any] | None = resource.request(None)
        self.operation: str = self._request.operation.id

    def next_request(self) -> Request[Any, Any] | None:
        """Return the request of the next page, or None after the last page."""
        return self._request

    @property
    def has_read_pages(self) -> bool:
        """True after a page that another one follows."""
        return self._token is not None

    def feed(self, response: Response[Any, Any]) -> Sliced[list[R]]:
        """Return the rows of the response to `next_request()`, whose secrets are already redacted, in slices.

        Raises:
            ProviderError: the response is not usable; the class says why.
        """
        if not response.is_small:
            yield
        self._require_success(response)
        try:
            body = yield from response.json_in_slices()
            if not response.is_small:
                yield
            details = self.connection.read_error(body)
            if details is not None:
                raise self._status_error(response, details, status_of_code(details.code))
            broken = yield from self._broken_rows((yield from response.check_in_slices()), body, response)
            self._check_account(body, broken)
            if broken:
                body = guard_rows(body, broken, self.resource.rows_path)
            if not response.is_small:
                yield
            self._request = self._following(body)
            rows = yield from self._parse_rows(response, body, broken)
            self._check_progress(rows)
            self._check_total(response, body)
        except ContractError as error:
            violation = self._violation(error, response)
            violation.is_misdirected = isinstance(error, _MisdirectedError)
            raise violation from None
        return rows

    def failure(self, error: ProviderError, row: Any = None) -> Failure:
        """Return the failure that a snapshot lists for an error of this resource."""
        return Failure(
            connection=self.connection.name,
            operation=self.resource.capability,
            account_id=self.account_id,
            error=error,
            row=row,
        )

    def balances_of(self, account: Account) -> list[Balance]:
        """Return the balances from the response that an account was read from.

        Raises:
            ContractViolation: the adapter refuses a value; the pointer has `*` as the index of the account.
        """
        row = f"{format_pointer(self.resource.rows_path)}/*" if self.resource.rows_path else ""

        def note(drift: Drift) -> None:
            self._record([drift._replace(pointer=row + drift.pointer)])

        try:
            return self.connection.balances_of(account, note)
        except ContractError as error:
            raise self._violation(_move(error, row)) from None

    def not_found(self, account: Account) -> ProviderError:
        """Return the reason why an account is not among the rows: a row was quarantined, or the account is gone."""
        if self.failures:
            return self.failures[0].error
        return self._error(NotFoundError, f"account {account.id} is no longer listed")

    def skipped(self, last: ProviderError) -> ProviderError:
        """Return the error of a resource that is not read because its server has stopped responding."""
        message = f"not requested, because the server has stopped responding; last error: {last}"
        return self._error(ProviderUnavailableError, message)

    def transport_error(self, error: TimeoutError | TransportError) -> ProviderError:
        """Return the provider error that an error of the transport means."""
        if isinstance(error, TransportError):
            return self._error(ProviderUnavailableError, f"no response ({error})")
        step = f" ({error})" if str(error) else ""
        return self._error(ProviderUnavailableError, f"no response in time{step}")

    def _require_success(self, response: Response[Any, Any]) -> None:
        status = response.status_code
        if 200 <= status < 300 and response.request.operation.documented(status) is not None:
            return
        try:
            details = self.connection.read_error(response.json())
        except ContractError:
            details = None
        raise self._status_error(response, details or NO_DETAILS, status)

    def _status_error(self, response: Response[Any, Any], details: ErrorDetails, status: int) -> ProviderError:
        stated = details.message and self.connection.redactor.text(details.message)
        message = _shorten(stated) or f"HTTP {response.status_code} with an undocumented error body"
        error = self._error(error_for_status(status), message, response, details)
        if isinstance(error, RateLimitedError | ProviderUnavailableError):
            wait = self.connection.retry_after(response.headers, time.time())
            error.retry_after = None if wait is None else bounded_wait(wait)
        return error

    def _broken_rows(self, verdict: Verdict, body: Any, response: Response[Any, Any]) -> Sliced[dict[int, BrokenRow]]:
        """Record the drift of a body and return its rows that violate the schema.

        Raises:
            ContractError: the body violates the schema outside of its rows.
        """
        if verdict is CONFORMS:
            return {}
        broken: dict[int, BrokenRow] = {}
        if verdict.violations:
            facts = self._facts(response)
            broken = yield from find_broken_rows(verdict, body, self.resource, self._redact, facts)
        self._record(verdict.drifts)
        return broken

    def _check_account(self, body: Any, broken: Mapping[int, BrokenRow]) -> None:
        """Check that the rows belong to the requested account.

        Raises:
            ContractError: a row names another account, so that the whole response belongs to another request.
        """
        path, requested = self.resource.account_id, self.account_id
        if path is None or requested is None:
            return
        found = value_at(body, self.resource.rows_path)
        listed = isinstance(found, list)
        rows = found if listed else [found]
        if len(path) == 1 and _names_only(requested, rows, path[0]):
            return
        for index, row in enumerate(rows):
            stated = value_at(row, path)
            if not is_id(stated) or is_same_id(stated, requested):
                continue
            pointer = format_pointer((*self.resource.rows_path, *([index] if listed else []), *path))
            # A value that is no id at all is a violation of its row.
            if index not in broken or pointer not in [each.pointer for each in broken[index].violations]:
                expected = f"the requested account, {requested}; the response belongs to another request"
                got = repr(stated) if isinstance(stated, str) else str(stated)
                raise _MisdirectedError([Violation(pointer, expected, shorten(got, _SHOWN_ID))])

    def _parse_rows(self, response: Response[Any, Any], body: Any, broken: Mapping[int, BrokenRow]) -> Sliced[list[R]]:
        found = value_at(body, self.resource.rows_path)
        listed = isinstance(found, list)
        sent = found if listed else [found]
        self._count += len(sent)
        base = format_pointer(self.resource.rows_path)
        with_balances = self.connection.balances_with_accounts
        single = [index for index, each in broken.items() if with_balances or each.guarded is None]
        refused: list[Violation] = []
        rows: list[R] = []
        for start in range(0, len(sent), _ROWS_PER_SLICE):
            if start:
                yield
            some = sent[start : start + _ROWS_PER_SLICE]
            indexes = range(start, start + len(some))
            parsed = None if any(index in indexes for index in single) else self._parse_all(some)
            if parsed is not None:
                rows += parsed
                if broken:
                    self._accept(broken[index] for index in indexes if index in broken)
                continue
            for index, row in enumerate(some, start):
                if index % _SINGLE_ROWS_PER_SLICE == 0:
                    yield
                defective = broken.get(index)
                try:
                    rows.append(self._parse_row(row, f"{base}/{index}" if listed else base, defective))
                except ContractError as error:
                    if defective is not None and self.contract == "strict":
                        refused += error.violations
                    else:
                        self._quarantine(error, response, row if defective is None else defective.sent)
        if refused:
            raise ContractError(refused)
        self._seen.update(self._seen_on_page)
        self._seen_on_page.clear()
        return rows

    def _accept(self, broken: Iterable[BrokenRow]) -> None:
        """Record the defects of rows that can be used."""
        self._record([defect for row in broken for defect in row.accept()])

    def _parse_all(self, sent: list[Any]) -> list[R] | None:
        """Parse all rows at once; return None if any row fails."""
        resource = self.resource
        try:
            if resource.parse_all is not None:
                rows = resource.parse_all(sent)
            else:
                parse = resource.parse
                rows = [parse(view) for view in resource.model.views(sent)]
        except (ContractError, ContractViolation):
            return None
        if self._tokens:
            hashes = self._hashes(rows)
            if self._seen.has_any(hashes):
                return None
            self._seen_on_page += hashes
        return rows

    def _parse_row(self, row: Any, pointer: str, broken: BrokenRow | None) -> R:
        if broken is not None and broken.guarded is None:
            raise broken.refusal()
        try:
            parsed = self.resource.parse(self.resource.model.view(row))
            if broken is not None and self.connection.balances_with_accounts and isinstance(parsed, Account):
                # A value that the adapter refuses is an error of the balances, and is raised when they are read.
                with suppress(ContractError):
                    self.connection.balances_of(parsed, lambda _: None)
        except ContractError as error:
            raise _move(error, pointer) from None
        except ContractViolation as error:
            if broken is None:
                raise
            raise broken.refusal(error.violations) from None
        if self._tokens:
            hashes = self._hashes([parsed])
            if self._seen.has_any(hashes):
                raise ContractError([Violation(pointer, "an item that is on no earlier page", "a duplicate")])
            self._seen_on_page += hashes
        if broken is not None:
            self._accept([broken])
        return parsed

    def _hashes(self, rows: list[R]) -> list[int]:
        """Return the hashes that identify rows on later pages; the rows themselves are not kept."""
        return list(map(hash, map(_IDENTITY[self.resource.capability], rows)))

    def _check_total(self, response: Response[Any, Any], body: Any) -> None:
        """Compare the number of rows with the total, because missing rows leave no other trace.

        Every page may state the total, and a listing has at least as many rows as the largest. It ends with the first
        page that exceeds its own total, because its pages might never end.
        """
        total = None if self.resource.total is None else value_at(body, self.resource.total)
        if total is not None:
            self._total = max(total, self._total)
        is_last = self._request is None
        # A single page may have more rows than it states: none is missing and none is duplicated.
        excess = total is not None and self._count > total and len(self._tokens) + is_last > 1
        if excess or (self._count < self._total and is_last):
            self._request = None
            stated = total if excess else self._total
            pointer, got = format_pointer(self.resource.total or ()), f"{self._count} on all pages"
            self._quarantine(
                ContractError([Violation(pointer, f"the stated number of items, {stated}", got)]), response
            )

    def _check_progress(self, rows: list[R]) -> None:
        self._stalled_pages = 0 if rows else self._stalled_pages + 1
        if self._request is not None and self._stalled_pages >= _MAX_STALLED_PAGES:
            pointer = format_pointer(self.resource.rows_path)
            raise ContractError([Violation(pointer, "a new item", f"none on {self._stalled_pages} pages in a row")])

    def _quarantine(self, error: ContractError, response: Response[Any, Any], row: Any = None) -> None:
        """Raise the error of a row or of a whole response, or add it to the failures, depending on the mode."""
        if self.contract == "strict":
            raise error
        failure = self.failure(self._violation(error, response), row)
        self.failures.append(failure)
        if self._on_quarantine is not None:
            self._on_quarantine(failure)

    def _following(self, body: Any) -> Request[Any, Any] | None:
        token = next_token(self.resource, body, self._token)
        if not token:
            return None
        pointer = format_pointer(self.resource.next_token or ())
        if len(token) > _MAX_TOKEN:
            raise ContractError([Violation(pointer, f"at most {_MAX_TOKEN} characters", f"{len(token)} characters")])
        if hash(token) in self._tokens:
            raise ContractError([Violation(pointer, "a token that is new in this listing", "a repeated token")])
        self._tokens.add(hash(token))
        self._token = token
        return self.resource.request(token)

    def _violation(self, error: ContractError, response: Response[Any, Any] | None = None) -> ContractViolation:
        violation = self._error(ContractViolation, format_violations(error.violations), response)
        violation.violations = tuple(self._redact(error.violations))
        return violation

    def _redact(self, violations: Sequence[Violation]) -> list[Violation]:
        texts = iter(self.connection.redactor.texts([text for each in violations for text in each]))
        return list(map(Violation, texts, texts, texts))

    def _record(self, drifts: Sequence[Drift]) -> None:
        redact = self.connection.redactor.texts
        pointers, values = redact([each.pointer for each in drifts]), redact([each.got for each in drifts])
        for drift, pointer, got in zip(drifts, pointers, values, strict=True):
            self._drifts.record(self.connection.name, self.operation, drift._replace(pointer=pointer, got=got))

    def _error(
        self,
        kind: type[E],
        message: str,
        response: Response[Any, Any] | None = None,
        details: ErrorDetails = NO_DETAILS,
    ) -> E:
        redact = self.connection.redactor.text
        return kind(
            redact(message),
            **self._facts(response, details),
            code=_shorten(details.code and redact(details.code)),
            body=redact(excerpt(response.content, SHOWN_BODY)) if response else "",
        )

    def _facts(self, response: Response[Any, Any] | None, details: ErrorDetails = NO_DETAILS) -> dict[str, Any]:
        """Return the keyword arguments that all errors of a response have."""
        request_id = details.request_id or (response.headers.get("x-request-id") if response else None)
        return {
            "provider": self.connection.provider,
            "connection": self.connection.name,
            "operation": self.operation,
            "status_code": response.status_code if response else None,
            # A header may contain bytes that no encoding can write.
            "request_id": _shorten(request_id and escape_controls(self.connection.redactor.text(request_id))),
        }


def _move(error: ContractError, pointer: str) -> ContractError:
    """Return an error of a row as an error of the body that has the row at `pointer`."""
    return ContractError(each._replace(pointer=pointer + each.pointer) for each in error.violations)


def _shorten(text: str | None) -> str | None:
    """Return a provider's text with at most as many characters as an error carries of a body."""
    return None if text is None else shorten(text, SHOWN_BODY)


def _names_only(account_id: str, rows: list[Any], field: str) -> bool:
    """Return True if all rows name this account; False if some do not, or if a row has to be examined by itself."""
    try:
        stated = {*map(itemgetter(field), rows)}
    except (TypeError, KeyError):
        return False
    return len(stated) <= 1 and all(is_id(each) and is_same_id(each, account_id) for each in stated)
