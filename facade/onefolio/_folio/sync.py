"""The synchronous folio: drives the asynchronous calls in an event loop of its own thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from threading import RLock
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from onefolio_runtime import LoopThread, LoopUnavailableError, Transports, hide_arguments

from .._connections.connection import Connection
from .._connections.resource import CAPABILITIES, Capability
from .._core.errors import ConfigurationError
from .._models.records import Account, Balance, Position
from .._requests.call import Call
from .._snapshots.snapshot import Snapshot
from .base import BaseFolio, balances_from
from .options import OnProgress, Options

R = TypeVar("R")
T = TypeVar("T")


class Folio(BaseFolio):
    """Accounts, balances and positions of several connections, as one model.

    Args:
        connections: at least one; their names are unique.
        timeout: seconds for connecting and for each wait for bytes, or a pair with one figure for each. The longer of
            the two applies to the first byte of a response.
        deadline: seconds that a call may spend on its provider, retries and pages included; in `snapshot()`, for each
            resource. Waits under `rate_limit` and `max_concurrency` do not count; those between the pages of a listing
            extend it to 11 times the seconds at most, so that endless pages end.
        retries: number of times that a request is sent again after an error that may pass: no response, 408, 429, 5xx.
            A budget keeps retries from multiplying an outage: a connection may spend 20 at once, then 1 a second, and
            1 more for every 5 responses.
        max_concurrency: maximum of requests in flight at one server.
        contract: `"strict"` raises `ContractViolation` on a row that violates the contract, `"quarantine"` leaves such
            rows out and reports them. `snapshot()` always quarantines and lists them.
        on_drift: called with a `DriftReport` for each new kind of drift.
        on_failure: called with the `Failure` of each quarantined row of a call; it is also logged.
        on_event: called with a `RequestSent` for each request and a `WaitStarted` before each wait; they are also
            logged.
        redis: URL of a Redis that counts requests against `rate_limit` if several processes or machines use the same
            keys (`onefolio[redis]`). While it cannot be reached, each process counts by itself.
        http: the HTTP library, `"aiohttp"`, `"httpx"` or `"httpx2"`, or an asynchronous client or transport of httpx or
            httpx2. A client stays yours to close; a transport is closed with the folio.
        proxy: URL of a proxy; by default the environment's (`HTTPS_PROXY`, `NO_PROXY`).
        ssl_context: TLS settings; by default certifi's certificates, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.

    Raises:
        ConfigurationError: there is no connection, two have the same name, or an option is out of range.

    A folio can be used by several threads. It is a context manager; `close()` may be called twice. A forked process may
    go on using it, unless a call was in progress in another thread; it opens its own network connections. The functions
    passed to it are called in another thread; if they call a folio, that call raises `ConfigurationError`. Calls in
    progress end with `ConfigurationError` on `close()`, as does a call while the interpreter ends.
    """

    @hide_arguments
    def __init__(self, *connections: Connection, **options: Unpack[Options]) -> None:
        super().__init__(*connections, **options)
        self._lock = RLock()  # a finalizer that closes the folio may run while it is held
        self._loop = LoopThread()
        self._pid = os.getpid()

    def accounts(self, name: str | None = None) -> Iterator[Account]:
        """Return the accounts of one connection, or of all. Pages are requested when their rows are needed.

        Raises:
            ConfigurationError: at the call: the name is unknown, or the folio is closed.
            ProviderError: during iteration: a provider returned no usable response.
        """
        paginators = self._account_paginators(name)
        return (account for paginator in paginators for account in self._rows(self._call(paginator)))

    def balances(self, account: Account) -> list[Balance]:
        """Return an account's balances from a fresh request.

        Raises:
            NotFoundError: the provider no longer has the account.
            ProviderError: the provider returned no usable response.
        """
        paginator = self._balance_paginator(account)
        return balances_from(paginator, account, list(self._rows(self._call(paginator))))

    def positions(self, account: Account) -> Iterator[Position]:
        """Return an account's positions. Pages are requested when their rows are needed.

        Raises:
            NotSupportedError: at the call: the provider has no positions.
            ProviderError: during iteration: the provider returned no usable response.
        """
        return self._rows(self._call(self._position_paginator(account)))

    def snapshot(
        self,
        name: str | None = None,
        *,
        capabilities: Collection[Capability] = CAPABILITIES,
        on_progress: OnProgress | None = None,
    ) -> Snapshot:
        """Read everything concurrently. Failures are listed in the snapshot.

        Args:
            name: one connection; by default all of them.
            capabilities: the kinds of rows to read in addition to accounts.
            on_progress: called in another thread with the number of resources read and the number known so far.

        Raises:
            ConfigurationError: the name or a capability is unknown, or the folio is closed.
        """
        scheduler = self._scheduler(name, capabilities, on_progress)
        self._open_transports()
        return self._run_in_loop(partial(self._take_snapshot, scheduler, on_progress))

    def close(self) -> None:
        """Close the connections. May be called twice; the folio cannot be used afterwards."""
        with self._lock:
            self._calls.is_closed = True
            transports, self._transports = self._transports, None
        self._loop.close(None if transports is None else partial(self._end, transports))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, call: Call[R]) -> Iterator[R]:
        while (page := self._run_in_loop(call.next_page)) is not None:
            yield from page

    def _run_in_loop(self, function: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine function in the loop's thread.

        Raises:
            ConfigurationError: the folio is closed, or was closed by another thread meanwhile; or a call cannot be run.
        """
        with self._translated():
            return self._loop.run(function)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        self._require_open()
        try:
            yield
        except LoopUnavailableError as error:
            self._require_open()
            raise ConfigurationError(str(error)) from None

    def _open_transports(self) -> Transports:
        with self._lock:
            self._require_open()
            if self._pid != os.getpid():
                # A forked process has its parent's sockets but not its event loop.
                self._transports, self._states, self._pid = None, self._new_states(), os.getpid()
            if self._transports is None:
                with self._translated():
                    self._loop.check()
                self._transports = self._new_transports()
            return self._transports
