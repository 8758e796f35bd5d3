"""What passes between a folio and one connection: turns, retries, the time it takes, what is told of it.

Sync and async do the waiting; everything else stands here once.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from attrs import define, field, frozen

from onefolio_runtime import AsyncClient, Request, Response

from .._connections.connection import Connection
from .._core.errors import ConfigurationError, ProviderError, RateLimitedError
from .._reading.paginator import Paginator
from .events import OnEvent, RequestSent, WaitStarted, emit, is_enabled
from .rate_limiter import RateLimiter
from .retry import Deadline, RetryBudget, policy

R = TypeVar("R")


@frozen(eq=False)
class ConnectionState:
    """What the calls of one folio to one connection share.

    Args:
        connection: whose traffic it is.
        turnstile: of its key; other folios may share it.
        room: for requests under way at its server; other connections may share it.
        budget: for retries.
        retries: the most for one request.
        deadline: seconds for one call.
        on_event: who is told.
        is_closed: whether the folio is.
    """

    connection: Connection
    turnstile: RateLimiter
    room: asyncio.Semaphore
    budget: RetryBudget
    retries: int
    deadline: float
    on_event: OnEvent | None
    is_closed: Callable[[], bool]


@define(eq=False, repr=False)
class Attempt:
    """One request under way, as a context manager around its sending, in which the answer is put here.

    An error of the transport does not leave the block: it is kept until `Call.take`, which returns what it means.
    Raised inside, that would bring the error along as its context, with frames and texts that may hold keys.
    """

    answer: Response[Any, Any] | None = None
    error: Exception | None = None
    started: float = field(factory=time.time)
    seconds: float = 0.0
    _since: float = field(factory=time.monotonic)

    def begin(self) -> None:
        """Start the clock anew."""
        self.started, self._since = time.time(), time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.seconds = time.monotonic() - self._since
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None


class Call(Generic[R]):
    """One listing being read: when to send, for how long, what came of it.

    Attributes:
        rows: of the page read last.
        deadline: of the whole call.
    """

    def __init__(self, traffic: ConnectionState, listing: Paginator[R]) -> None:
        self.rows: list[R] = []
        self.deadline = Deadline(traffic.deadline)
        self._traffic = traffic
        self._listing = listing
        self._attempt = 0

    def request(self) -> Request[Any, Any] | None:
        """Return the request of the next page; None where there is none."""
        self._attempt = 0
        return self._listing.next_request()

    def policy(self) -> dict[str, Any]:
        """Return the options of tenacity's loop for one request."""
        return policy(self._traffic.retries, self.deadline, self._traffic.budget, self._before_wait)

    def turn(self) -> float:
        """Return the seconds to wait before the next request is sent.

        Raises:
            ConfigurationError: the folio has been closed.
        """
        self._check_open()
        seconds = self._traffic.turnstile.turn()
        if seconds:
            # The line is of our own making and no fault of the provider's.
            self.deadline.extend(seconds)
            self._tell(WaitStarted(**self._names(), reason="rate limit", seconds=seconds))
        return seconds

    async def send(self, client: AsyncClient, request: Request[Any, Any], exchange: Attempt) -> None:
        """Send a request when the server has room for one more and has not asked to wait; note the answer."""
        while True:
            queued = time.monotonic()
            async with self._traffic.room:
                self.deadline.extend(time.monotonic() - queued)
                held = self._traffic.turnstile.held()
                # A hold that lasts beyond the deadline is left to the provider to repeat.
                if not 0 < held < self.deadline.left():
                    exchange.begin()
                    exchange.answer = await client.send(request, within=self.deadline.left())
                    return
            self._tell(WaitStarted(**self._names(), reason="rate limit", seconds=held))
            await asyncio.sleep(held)

    @property
    def turn_blocks(self) -> bool:
        """Whether `turn()` asks another machine."""
        return self._traffic.turnstile.is_remote

    def take(self, request: Request[Any, Any], exchange: Attempt) -> ProviderError | None:
        """Judge what came of a request, tell of it, and keep the answer's rows.

        Returns:
            Why there are none: no answer came, or none that can be used.

        Raises:
            ConfigurationError: the folio was closed meanwhile.
        """
        self._attempt += 1
        failed = self._failure(exchange)
        self._tell_sent(request, exchange, failed)
        if failed is not None:
            # It has been raised and caught before: what it came from, and its frames, hold whole bodies.
            failed.__context__ = None
            return failed.with_traceback(None)
        self._traffic.budget.answered()
        return None

    def _failure(self, exchange: Attempt) -> ProviderError | None:
        if exchange.error is not None:
            error, exchange.error = exchange.error, None
            failed = self._listing.transport_error(error)
            if failed is None:
                self._check_open()
                raise error
            return failed
        assert exchange.answer is not None  # noqa: S101  # it ended without an error
        try:
            self.rows = self._listing.feed(exchange.answer)
        except ProviderError as error:
            return error
        return None

    def _before_wait(self, seconds: float, error: ProviderError) -> None:
        if isinstance(error, RateLimitedError) and error.retry_after is not None:
            self._traffic.turnstile.hold(seconds)
        self._tell(WaitStarted(**self._names(), reason="retry", seconds=seconds, error=type(error).__name__))

    def _tell_sent(self, request: Request[Any, Any], exchange: Attempt, failed: ProviderError | None) -> None:
        if not is_enabled(self._traffic.on_event):
            return
        answer = exchange.answer
        sent = RequestSent(
            **self._names(),
            method=request.operation.method,
            server=self._traffic.connection.base_url,
            path=request.operation.path,
            attempt=self._attempt,
            status_code=answer.status_code if answer else None,
            error=type(failed).__name__ if failed else None,
            size=len(answer.content) if answer else 0,
            started=exchange.started,
            seconds=exchange.seconds,
        )
        self._tell(sent)

    def _tell(self, event: RequestSent | WaitStarted) -> None:
        emit(event, self._traffic.on_event)

    def _names(self) -> dict[str, Any]:
        connection = self._traffic.connection
        return {
            "provider": connection.provider,
            "connection": connection.name,
            "operation": self._listing.operation,
        }

    def _check_open(self) -> None:
        if self._traffic.is_closed():
            raise ConfigurationError("the folio is closed; make a new one")
