"""Rate limiting, retries, deadlines and events for the requests of one call: the only way to a transport."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from onefolio_runtime import AsyncClient, Request, Response, Sliced, Transport, TransportError, interleave

from .._connections.connection import Connection
from .._core.errors import ContractViolation, ProviderError, RateLimitedError
from .._reading.paginator import Paginator
from .deadline import Deadline
from .events import OnEvent, RequestSent, WaitStarted, emit, is_enabled
from .rate_limiter import RateLimiter
from .retry import RetryBudget, retrying
from .running_calls import RunningCalls

R = TypeVar("R")


@frozen(eq=False)
class ConnectionState:
    """State that the calls of one folio to one connection share.

    Args:
        connection: the connection.
        fingerprint: a digest of its server and keys; connections of other keys share no network connection with it.
        limiter: the rate limiter of its key, which other folios may share.
        semaphore: limits the requests in flight at its server, which other connections may share.
        budget: the retry budget.
        retries: maximum for one request.
        deadline: seconds for one call.
        on_event: receives events.
        turn: held while a large body is processed in slices; all connections of a folio share it.
        calls: the calls of the folio that are in progress.
    """

    connection: Connection
    fingerprint: str
    limiter: RateLimiter
    semaphore: asyncio.Semaphore
    budget: RetryBudget
    retries: int
    deadline: float
    on_event: OnEvent | None
    turn: asyncio.Lock
    calls: RunningCalls


@define(eq=False, repr=False)
class Attempt:
    """One request on its way.

    Attributes:
        number: 1 for the first attempt, 2 for the first retry.
        response: the response, if there is one.
        started: time of sending in seconds since the epoch.
        seconds: from sending to the last byte.
    """

    number: int
    response: Response[Any, Any] | None = None
    started: float = field(factory=time.time)
    seconds: float = 0.0


class Call(Generic[R]):
    """Read one resource page by page.

    Args:
        state: state of the connection.
        paginator: makes the requests and parses the responses.
        transport: sends the requests.
    """

    def __init__(self, state: ConnectionState, paginator: Paginator[R], transport: Transport) -> None:
        self.paginator = paginator
        self._state = state
        self._transport = transport
        self._deadline = Deadline(state.deadline)
        connection = state.connection
        self._client = AsyncClient(
            connection.credentials,
            connection.base_url,
            transport=transport,
            redact=connection.redactor.content_in_slices,
            turn=state.turn,
        )
        self._attempts = 0

    async def next_page(self) -> list[R] | None:
        """Return the rows of the next page, or None after the last page.

        Raises:
            ProviderError: no usable response was received within the retries and the deadline.
            ConfigurationError: the folio is closed.
        """
        request = self.paginator.next_request()
        return None if request is None else await self._state.calls.run(partial(self._read_page, request))

    async def rows(self) -> AsyncIterator[R]:
        """Yield the rows of all pages; pages are requested when their rows are needed."""
        while (page := await self.next_page()) is not None:
            for row in page:
                yield row

    async def _read_page(self, request: Request[Any, Any]) -> list[R]:
        if self.paginator.has_read_pages:
            # Nothing else suspends the task if the transport does not, and then endless pages would block the loop.
            await asyncio.sleep(0)
            if self._deadline.is_over:
                raise self.paginator.transport_error(TimeoutError("the deadline is over"))
        self._attempts = 0
        with self._deadline:
            result = await self._attempt(request)
            return await self._retry(request, result) if isinstance(result, ProviderError) else result

    async def _retry(self, request: Request[Any, Any], error: ProviderError) -> list[R]:
        """Send a failed request again, as often as the retry policy allows."""
        state = self._state
        failed: ProviderError | None = error
        async for attempt in retrying(state.retries, self._deadline, state.budget, self._before_wait):
            with attempt:
                # The loop starts with the first attempt's error, so that a success needs no loop.
                result = failed or await self._attempt(request)
                failed = None
                if isinstance(result, ProviderError):
                    raise result
                return result
        raise AssertionError("the retry loop ends with a result or with an exception")

    async def _attempt(self, request: Request[Any, Any]) -> list[R] | ProviderError:
        """Send a request once; return its rows, or the error that it ended in."""
        self._attempts += 1
        attempt = Attempt(self._attempts)
        has_waited = await self._wait_for_slot()
        lost: TimeoutError | TransportError | None = None
        try:
            await self._send(request, attempt, has_waited=has_waited)
        except (TimeoutError, TransportError) as error:
            self._state.calls.require_open()
            lost = error
        except asyncio.CancelledError:
            # The HTTP library passes the cancellation of one request on to others that wait for the same connection.
            if self._state.calls.is_cancelled():
                raise
            self._state.calls.require_open()
            lost = TransportError("the connection was given up")
        except Exception:
            self._state.calls.require_open()
            raise
        result = await self._parse(attempt) if lost is None else self.paginator.transport_error(lost)
        self._emit_sent(request, attempt, result)
        if isinstance(result, ContractViolation):
            # It may be the response to another request, and then so would be the next one on its connection.
            self._transport.renew_connections()
        if isinstance(result, ProviderError):
            # Its frames and its context hold whole responses.
            result.__context__ = None
            return result.with_traceback(None)
        self._state.budget.deposit()
        return result

    async def _parse(self, attempt: Attempt) -> list[R] | ProviderError:
        response = attempt.response
        assert response is not None  # noqa: S101  # sending ended without an error
        rows = self.paginator.feed(response)
        try:
            if response.is_small:
                next(rows)  # the first slice, which is usually the only one
            return await self._parse_in_slices(rows)
        except StopIteration as end:
            parsed: list[R] = end.value
            return parsed
        except ProviderError as error:
            return error

    async def _parse_in_slices(self, rows: Sliced[list[R]]) -> list[R] | ProviderError:
        """Parse a body while other tasks run. Only one is parsed at a time, to bound delays and memory."""
        limit = asyncio.timeout(self._deadline.remaining())
        try:
            async with limit:
                return await interleave(rows, self._state.turn)
        except TimeoutError:
            if not limit.expired():
                raise  # from a function of the user
            return self.paginator.transport_error(TimeoutError("the deadline is over"))

    async def _wait_for_slot(self) -> bool:
        """Wait for a slot within the rate limit; return False if there is nothing to wait for."""
        self._state.calls.require_open()
        limiter = self._state.limiter
        seconds = await limiter.reserve_remote() if limiter.is_remote else limiter.reserve()
        if seconds:
            # This wait is ours and not the provider's, so it does not count.
            self._deadline.extend(seconds)
            self._emit(WaitStarted(**self._names(), reason="rate limit", seconds=seconds))
            await asyncio.sleep(seconds)
        return seconds > 0

    async def _send(self, request: Request[Any, Any], attempt: Attempt, *, has_waited: bool) -> None:
        """Send a request as soon as its server has a free place and no pause; keep the response in `attempt`."""
        limiter = self._state.limiter
        while True:
            queued = time.monotonic()
            async with self._state.semaphore:
                self._deadline.extend(time.monotonic() - queued)
                seconds = limiter.paused_for()
                is_paused = 0 < seconds < self._deadline.remaining()
                # With a pause beyond the deadline, the request is sent, so that the provider can refuse it.
                if not is_paused:
                    with limiter.sending() as seconds:
                        if not seconds:
                            await self._send_now(request, attempt)
                            return
                    # The server's free place came too late for the slot. This wait does not count, either.
                    self._deadline.extend(seconds)
            if is_paused or not has_waited:
                self._emit(WaitStarted(**self._names(), reason="rate limit", seconds=seconds))
                has_waited = has_waited or not is_paused
            await asyncio.sleep(seconds)

    async def _send_now(self, request: Request[Any, Any], attempt: Attempt) -> None:
        attempt.started, since = time.time(), time.monotonic()
        try:
            attempt.response = await self._client.send(request, within=self._deadline.remaining())
        finally:
            attempt.seconds = time.monotonic() - since

    def _before_wait(self, seconds: float, error: ProviderError) -> None:
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            self._state.limiter.pause(seconds)
        self._emit(WaitStarted(**self._names(), reason="retry", seconds=seconds, error=type(error).__name__))

    def _emit_sent(self, request: Request[Any, Any], attempt: Attempt, result: list[R] | ProviderError) -> None:
        if not is_enabled(self._state.on_event):
            return
        response = attempt.response
        self._emit(
            RequestSent(
                **self._names(),
                method=request.operation.method,
                server=self._state.connection.base_url,
                path=request.operation.path,
                attempt=attempt.number,
                status_code=response.status_code if response else None,
                error=type(result).__name__ if isinstance(result, ProviderError) else None,
                size=len(response.content) if response else 0,
                started=attempt.started,
                seconds=attempt.seconds,
            )
        )

    def _emit(self, event: RequestSent | WaitStarted) -> None:
        emit(event, self._state.on_event)

    def _names(self) -> dict[str, Any]:
        connection = self._state.connection
        return {
            "provider": connection.provider,
            "connection": connection.name,
            "operation": self.paginator.operation,
        }
