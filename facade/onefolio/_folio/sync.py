"""The synchronous folio."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Self, Unpack

from onefolio_runtime import LoopThread, Transport

from .._connections.connection import Connection
from .._connections.resource import CAPABILITIES, Capability
from .._models.records import Account, Balance, Position
from .._reading.paginator import Paginator
from .._requests.call import Attempt
from .._snapshots.snapshot import Snapshot
from .base import BaseFolio, R, balances_of_account
from .options import OnProgress, Options


class Folio(BaseFolio):
    """Accounts, balances and positions of several connections, as one model.

    Args:
        connections: at least one; their names are unique.
        timeout: seconds for each of connecting and waiting for bytes, or a pair of one for each; the beginning of an
            answer is waited for as long as the longer of the two.
        deadline: seconds that a call may spend on its provider in all, retries and pages included; in `snapshot()`
            this is for each listing. Waiting for a turn under `rate_limit` or `max_concurrency` does not count.
        retries: how often a request is sent again where the cause may pass: no answer, 408, 429, 5xx. A budget keeps
            an outage from being multiplied: a connection may spend 20 at once and then 1 a second, and 1 more for
            every 5 requests that are answered.
        max_concurrency: requests under way at once at one server; more wait their turn.
        contract: `"strict"` raises `ContractViolation` where a row breaks the contract, `"quarantine"` puts
            such rows aside. `snapshot()` always does the latter and lists them.
        on_drift: called once for each kind of drift with a `DriftReport`.
        on_failure: called with the `Failure` of each row that a call has put aside; the log has it, too.
        on_event: called with a `Sent` for every request and a `Waited` before every wait; the log has them, too.
        redis: the URL of a Redis that counts requests against `rate_limit` where several processes or machines use
            the same keys (`onefolio[redis]`). While it cannot be reached, each process counts by itself.
        proxy: the URL of a proxy; by default the environment's (`HTTPS_PROXY`, `NO_PROXY`).
        ssl_context: whom to trust; by default certifi's list, or `SSL_CERT_FILE` and `SSL_CERT_DIR`.
        transport: for tests: what to send with instead of the network, such as an `httpx.MockTransport`. No provider
            is asked then, and no rate limit kept to.

    Raises:
        ConfigurationError: no connection, two of one name, or an option out of range.

    One folio may be used by several threads. It is a context manager; `close()` may be called twice. A process that is
    forked may go on using it, provided that no call was under way in another thread: it opens connections of its own.
    The functions passed to it are called in the thread of the call or, as in a snapshot, in another one; they must not
    call the folio themselves.
    """

    def __init__(self, *connections: Connection, **options: Unpack[Options]) -> None:
        super().__init__(*connections, **options)
        self._lock = Lock()
        self._loop = LoopThread()
        self._pid = os.getpid()

    def accounts(self, name: str | None = None) -> Iterator[Account]:
        """Return the accounts of one connection, or of all; pages are fetched as they are needed.

        Raises:
            ConfigurationError: at the call: the name is unknown, or the folio is closed.
            ProviderError: as the accounts are taken: a provider did not answer as it should.
        """
        listings = self._accounts(name)
        return (account for listing in listings for account in self._rows(listing))

    def balances(self, account: Account) -> list[Balance]:
        """Return an account's balances, read anew.

        Raises:
            NotFoundError: the provider has no such account any more.
            ProviderError: the provider did not answer as it should.
        """
        listing = self._balances(account)
        return balances_of_account(listing, account, list(self._rows(listing)))

    def positions(self, account: Account) -> Iterator[Position]:
        """Return an account's positions; pages are fetched as they are needed.

        Raises:
            NotSupportedError: at the call: the provider has no positions.
            ProviderError: as the positions are taken: the provider did not answer as it should.
        """
        return self._rows(self._positions(account))

    def snapshot(
        self,
        name: str | None = None,
        *,
        what: Collection[Capability] = CAPABILITIES,
        on_progress: OnProgress | None = None,
    ) -> Snapshot:
        """Read everything, `max_concurrency` requests at a time. What fails is listed, never dropped.

        Args:
            name: one connection; by default all of them.
            what: what to read besides the accounts, which the rest belongs to.
            on_progress: called as listings end, in another thread, with how many have been read and how many are
                known of.
        """
        plan = self._plan(name, what)
        return self._loop.run(partial(self._take, plan, self._client(), on_progress))

    def close(self) -> None:
        """Close the connections. May be called twice; the folio cannot be used afterwards."""
        with self._lock:
            self._closed = True
            http, self._http = self._http, None
        if http is not None and self._pid == os.getpid():
            self._loop.run(http.aclose)
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _rows(self, listing: Paginator[R]) -> Iterator[R]:
        from tenacity import Retrying

        call, client = self._call(listing, self._client())
        while (request := call.request()) is not None:
            with call.deadline:
                for attempt in Retrying(**call.policy()):
                    with attempt:
                        time.sleep(call.turn())
                        with Attempt() as exchange:
                            self._loop.run(partial(call.send, client, request, exchange))
                        if (failed := call.take(request, exchange)) is not None:
                            raise failed
            yield from call.rows

    def _client(self) -> Transport:
        with self._lock:
            self._open()
            if self._pid != os.getpid():
                # A forked process has its parent's sockets and not its event loop.
                self._http, self._traffic, self._pid = None, self._new_traffic(), os.getpid()
            if self._http is None:
                self._http = self._new_http()
            return self._http
