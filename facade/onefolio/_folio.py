"""The two folios: `Folio` and, with `await` and `async for`, `AsyncFolio`."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypedDict, TypeVar, Unpack, cast

from onefolio_runtime import AsyncClient, Client

from ._connection import CAPABILITIES, Capability, Connection
from ._drift import DriftLog, DriftReport, OnDrift
from ._errors import ConfigurationError, NotSupportedError, ProviderError
from ._listing import ContractMode, Listing
from ._models import Account, Balance, Failure, Position, Snapshot
from ._retry import Deadline, policy
from ._snapshot import Job, Plan
from .providers import from_environ

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("onefolio")

R = TypeVar("R")
OnFailure: TypeAlias = Callable[[Failure], None]
OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of listings read and of those known of so far."""


class Options(TypedDict, total=False):
    """What both folios take besides their connections; `Folio` says what each means."""

    timeout: float
    deadline: float
    retries: int
    max_concurrency: int
    contract: ContractMode
    on_drift: OnDrift | None
    on_failure: OnFailure | None
    transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None


class _Folio:
    """What both folios share: the connections, and how a call finds its listing."""

    def __init__(
        self,
        *connections: Connection,
        timeout: float = 30.0,
        deadline: float = 120.0,
        retries: int = 3,
        max_concurrency: int = 16,
        contract: ContractMode = "strict",
        on_drift: OnDrift | None = None,
        on_failure: OnFailure | None = None,
        transport: httpx.BaseTransport | httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if not connections:
            raise ConfigurationError("a folio needs at least one connection")
        self._connections: dict[str, Connection] = {}
        for connection in connections:
            if connection.name in self._connections:
                raise ConfigurationError(f"two connections are named {connection.name!r}; give one another name=")
            self._connections[connection.name] = connection
        for option, value, least in (("retries", retries, 0), ("max_concurrency", max_concurrency, 1)):
            if value < least:
                raise ConfigurationError(f"{option} is at least {least}, not {value!r}")
        for option, seconds in (("timeout", timeout), ("deadline", deadline)):
            if not seconds > 0:
                raise ConfigurationError(f"{option} is in seconds and above zero, not {seconds!r}")
        self._timeout = timeout
        self._deadline = deadline
        self._retries = retries
        self._max_concurrency = max_concurrency
        if contract not in ("strict", "quarantine"):
            raise ConfigurationError(f"contract is 'strict' or 'quarantine', not {contract!r}")
        self._contract: ContractMode = contract
        self._on_failure = on_failure
        self._transport = transport
        self._drifts = DriftLog(on_drift)
        self._lock = Lock()
        self._closed = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **options: Unpack[Options]) -> Self:
        """Return a folio of every provider whose variables are set.

        Args:
            environ: the variables, by default the process's.
            options: as for the folio itself.

        Raises:
            ConfigurationError: none is set, half a key pair is, or a value is wrong.
        """
        return cls(*from_environ(os.environ if environ is None else environ), **options)

    @property
    def connections(self) -> tuple[str, ...]:
        """The names of the connections, in the order they were given."""
        return tuple(self._connections)

    @property
    def drifts(self) -> tuple[DriftReport, ...]:
        """What the providers have sent beyond their specs so far, once a kind, with its count."""
        return self._drifts.reports()

    def supports(self, name: str, what: Capability) -> bool:
        """Tell whether a connection's provider has accounts, balances or positions.

        Raises:
            ConfigurationError: no connection has this name, or `what` is another word.
        """
        self._known(what)
        return what in self._connection(name).capabilities

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._connections.values()))})"

    def _connection(self, name: str) -> Connection:
        try:
            return self._connections[name]
        except KeyError:
            known_names = ", ".join(map(repr, self._connections))
            raise ConfigurationError(f"no connection is named {name!r}; there is {known_names}") from None

    def _accounts(self, name: str | None) -> list[Listing[Account]]:
        self._open()
        return [
            Listing(each, each.accounts(), self._drifts, self._contract, put_aside=self._put_aside)
            for each in self._chosen(name)
        ]

    def _balances(self, account: Account) -> Listing[Any]:
        """Return what to read for the balances: those of their own, or the accounts that they come with."""
        self._open()
        connection = self._connection(account.connection)
        if connection.balances_with_accounts:
            # Another account's broken row is no reason to withhold this one's balances.
            return Listing(connection, connection.accounts(), self._drifts, "quarantine")
        return Listing(connection, connection.balances(account), self._drifts, "strict", account.id)

    def _positions(self, account: Account) -> Listing[Position]:
        self._open()
        connection = self._connection(account.connection)
        if "positions" not in connection.capabilities:
            raise NotSupportedError(f"{connection.title} has no positions; ask supports({connection.name!r}, …) first")
        reading = connection.positions(account)
        return Listing(connection, reading, self._drifts, self._contract, account.id, put_aside=self._put_aside)

    def _plan(self, name: str | None, what: Collection[Capability]) -> Plan:
        self._open()
        for word in what:
            self._known(word)
        return Plan(self._chosen(name), self._drifts, what)

    def _chosen(self, name: str | None) -> list[Connection]:
        return list(self._connections.values()) if name is None else [self._connection(name)]

    def _known(self, what: str) -> None:
        if what not in CAPABILITIES:
            raise ConfigurationError(f"{what!r} is none of {', '.join(CAPABILITIES)}")

    def _put_aside(self, failure: Failure) -> None:
        """Tell of a row that a call outside of a snapshot has put aside."""
        _log.warning("a row was put aside: %s", failure.error)
        if self._on_failure is not None:
            self._on_failure(failure)

    async def _take(self, plan: Plan, http: httpx.AsyncClient, on_progress: OnProgress | None) -> Snapshot:
        """Run the jobs of a plan, as many at a time as may be."""
        running: dict[asyncio.Task[None], Job] = {}
        done = 0
        try:
            while True:
                for job in plan.take(self._max_concurrency - len(running)):
                    running[asyncio.create_task(self._run(job, http))] = job
                if not running:
                    return plan.snapshot()
                for task in (await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED))[0]:
                    job = running.pop(task)
                    task.result()
                    plan.ended(job)
                    done += 1
                if on_progress is not None:
                    on_progress(done, plan.size + len(running))
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _run(self, job: Job, http: httpx.AsyncClient) -> None:
        try:
            async for row in self._async_rows(job.listing, http):
                job.rows.append(row)
        except ProviderError as error:
            job.error = error

    async def _async_rows(self, listing: Listing[R], http: httpx.AsyncClient) -> AsyncIterator[R]:
        from tenacity import AsyncRetrying

        connection, deadline = listing.connection, Deadline(self._deadline)
        client = AsyncClient(connection.credentials, connection.base_url, http=http)
        rows: list[R] = []
        while (request := listing.next_request()) is not None:
            with deadline.spending():
                async for attempt in AsyncRetrying(**policy(self._retries, deadline)):
                    with attempt:
                        with listing.telling():
                            response = await client.send(request, within=deadline.left())
                        rows = listing.feed(response)
            for row in rows:
                yield row

    def _new_async_client(self) -> httpx.AsyncClient:
        import httpx

        return httpx.AsyncClient(
            timeout=self._timeout, limits=_limits(), transport=cast("httpx.AsyncBaseTransport | None", self._transport)
        )

    def _open(self) -> None:
        if self._closed:
            raise ConfigurationError(f"this {type(self).__name__} is closed; make a new one")


class Folio(_Folio):
    """Accounts, balances and positions of several connections, as one model.

    Args:
        connections: at least one; their names are unique.
        timeout: seconds for each of connecting, sending, waiting for bytes and for a free connection.
        deadline: seconds that a call may spend on its provider in all, retries and pages included; in `snapshot()`
            this is for each listing.
        retries: how often a request is sent again where the cause may pass: no answer, 408, 429, 5xx.
        max_concurrency: requests under way at once in `snapshot()`.
        contract: `"strict"` raises `ContractViolation` where a row breaks the contract, `"quarantine"` puts
            such rows aside. `snapshot()` always does the latter and lists them.
        on_drift: called once for each kind of drift with a `DriftReport`.
        on_failure: called with the `Failure` of each row that a call has put aside; the log has it, too.
        transport: for tests: what to send with instead of the network, sync and async alike, such as an
            `httpx.MockTransport`.

    Raises:
        ConfigurationError: no connection, two of one name, or an option out of range.

    One folio may be used by several threads. It is a context manager; `close()` may be called twice.
    """

    def __init__(self, *connections: Connection, **options: Unpack[Options]) -> None:
        super().__init__(*connections, **options)
        self._http: httpx.Client | None = None

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
        return _balances_in(listing, account, list(self._rows(listing)))

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
        from anyio.from_thread import start_blocking_portal

        plan = self._plan(name, what)
        # An event loop of its own, in a thread of its own: it works where the caller has a loop running, and an
        # interruption cancels what is under way and closes its sockets, which blocked threads would not let it do.
        with start_blocking_portal() as portal:
            return portal.call(self._take_alone, plan, on_progress)

    def close(self) -> None:
        """Close the connections. May be called twice; the folio cannot be used afterwards."""
        with self._lock:
            self._closed = True
            if self._http is not None:
                self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def _take_alone(self, plan: Plan, on_progress: OnProgress | None) -> Snapshot:
        async with self._new_async_client() as http:
            return await self._take(plan, http, on_progress)

    def _rows(self, listing: Listing[R]) -> Iterator[R]:
        from tenacity import Retrying

        connection, deadline = listing.connection, Deadline(self._deadline)
        client = Client(connection.credentials, connection.base_url, http=self._client())
        rows: list[R] = []
        while (request := listing.next_request()) is not None:
            with deadline.spending():
                for attempt in Retrying(**policy(self._retries, deadline)):
                    with attempt:
                        with listing.telling():
                            response = client.send(request, within=deadline.left())
                        rows = listing.feed(response)
            yield from rows

    def _client(self) -> httpx.Client:
        with self._lock:
            self._open()
            if self._http is None:
                import httpx

                self._http = httpx.Client(
                    timeout=self._timeout,
                    limits=_limits(),
                    transport=cast("httpx.BaseTransport | None", self._transport),
                )
            return self._http


class AsyncFolio(_Folio):
    """`Folio` for asyncio: the same names, with `await` and `async for`.

    Args:
        connections: as for `Folio`, and so are the options; `transport` may be async alone.

    One folio belongs to one event loop and may be used by several of its tasks.
    """

    def __init__(self, *connections: Connection, **options: Unpack[Options]) -> None:
        super().__init__(*connections, **options)
        self._http: httpx.AsyncClient | None = None

    def accounts(self, name: str | None = None) -> AsyncIterator[Account]:
        """As `Folio.accounts`, to be taken with `async for`."""
        listings = self._accounts(name)
        return (account for listing in listings async for account in self._async_rows(listing, self._client()))

    async def balances(self, account: Account) -> list[Balance]:
        """As `Folio.balances`."""
        listing = self._balances(account)
        return _balances_in(listing, account, [row async for row in self._async_rows(listing, self._client())])

    def positions(self, account: Account) -> AsyncIterator[Position]:
        """As `Folio.positions`, to be taken with `async for`."""
        return self._async_rows(self._positions(account), self._client())

    async def snapshot(
        self,
        name: str | None = None,
        *,
        what: Collection[Capability] = CAPABILITIES,
        on_progress: OnProgress | None = None,
    ) -> Snapshot:
        """As `Folio.snapshot`."""
        return await self._take(self._plan(name, what), self._client(), on_progress)

    async def aclose(self) -> None:
        """Close the connections. May be called twice; the folio cannot be used afterwards."""
        self._closed = True
        if self._http is not None:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _client(self) -> httpx.AsyncClient:
        self._open()
        if self._http is None:
            self._http = self._new_async_client()
        return self._http


def _limits() -> httpx.Limits:
    """Return the connection pool's limits: `max_concurrency` decides, a pool's own limit only costs time."""
    import httpx

    return httpx.Limits(max_connections=None, max_keepalive_connections=100)


def _balances_in(listing: Listing[Any], account: Account, rows: list[Any]) -> list[Balance]:
    """Return an account's balances from what was read for them."""
    if listing.reading.what == "balances":
        return rows
    for fresh in rows:
        if fresh.id == account.id:
            return listing.balances_of(fresh)
    raise listing.not_found(account)
