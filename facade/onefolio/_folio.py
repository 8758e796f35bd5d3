"""The two folios: `Folio` and, with `await` and `async for`, `AsyncFolio`."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from functools import partial
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypedDict, TypeVar, Unpack

from onefolio_runtime import AsyncClient, Http, LoopThread, Request, Secret, Timeout, open_http

from ._connection import CAPABILITIES, Capability, Connection
from ._drift import DriftLog, DriftReport, OnDrift
from ._errors import ConfigurationError, NotSupportedError, ProviderError, without_frames
from ._events import OnEvent
from ._listing import ContractMode, Listing
from ._models import Account, Balance, Failure, Position, Snapshot
from ._rate import Turnstile, turnstile
from ._retry import RetryBudget
from ._settings import Settings
from ._snapshot import Job, Plan
from ._traffic import Call, Exchange, Traffic

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("onefolio")

R = TypeVar("R")
OnFailure: TypeAlias = Callable[[Failure], None]
OnProgress: TypeAlias = Callable[[int, int], None]
"""Called with the number of listings read and of those known of so far."""


class Options(TypedDict, total=False):
    """What both folios take besides their connections; `Folio` says what each means."""

    timeout: Timeout
    deadline: float
    retries: int
    max_concurrency: int
    contract: ContractMode
    on_drift: OnDrift | None
    on_failure: OnFailure | None
    on_event: OnEvent | None
    redis: str | None
    proxy: str | None
    ssl_context: ssl.SSLContext | None
    transport: httpx.AsyncBaseTransport | None


class _Folio:
    """What both folios share: the connections, and how a call finds its listing."""

    def __init__(
        self,
        *connections: Connection,
        timeout: Timeout = 30.0,
        deadline: float = 120.0,
        retries: int = 3,
        max_concurrency: int = 16,
        contract: ContractMode = "strict",
        on_drift: OnDrift | None = None,
        on_failure: OnFailure | None = None,
        on_event: OnEvent | None = None,
        redis: str | None = None,
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
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
        for option, stated in (("timeout", timeout), ("deadline", deadline)):
            for seconds in stated if isinstance(stated, tuple) else (stated,):
                if not seconds > 0:
                    raise ConfigurationError(f"{option} is in seconds and above zero, not {stated!r}")
        verifies = ssl_context is None or (ssl_context.check_hostname and ssl_context.verify_mode is ssl.CERT_REQUIRED)
        if not verifies:
            raise ConfigurationError("ssl_context does not verify the server; keys are not sent like that")
        self._timeout = timeout
        self._max_concurrency = max_concurrency
        if contract not in ("strict", "quarantine"):
            raise ConfigurationError(f"contract is 'strict' or 'quarantine', not {contract!r}")
        self._contract: ContractMode = contract
        self._on_failure = on_failure
        self._proxy = None if proxy is None else Secret(proxy)  # URLs may hold a password
        self._ssl_context = ssl_context
        self._transport = transport
        self._drifts = DriftLog(on_drift)
        self._closed = False
        self._http: Http | None = None
        self._retries = retries
        self._deadline = deadline
        self._on_event = on_event
        self._redis = None if redis is None else Secret(redis)
        self._traffic = self._new_traffic()

    @classmethod
    @without_frames
    def from_env(cls, environ: Mapping[str, str] | None = None, **options: Unpack[Options]) -> Self:
        """Return a folio of every provider whose keys are configured.

        Keys come from the environment, else from `onefolio.toml`, else from the system's keyring; options that are not
        stated here from `ONEFOLIO_…` variables, else from the file.

        Args:
            environ: variables to take instead of the process's; nothing else is looked at then but the file that
                `ONEFOLIO_CONFIG` names.
            options: as for the folio itself.

        Raises:
            ConfigurationError: there are no keys, half a key pair is, a value is wrong, or others can read the file.
        """
        settings = Settings(os.environ if environ is None else environ, elsewhere=environ is None)
        return cls(*settings.connections(), **{**settings.options(), **options})

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
        # Where, and not what: the values are account data.
        places = [each.pointer for each in getattr(failure.error, "violations", ())]
        fields = {"connection": failure.connection, "operation": failure.operation, "places": places}
        _log.warning("%(connection)s, %(operation)s: a row was put aside, for %(places)s", fields, extra=fields)
        if self._on_failure is not None:
            self._on_failure(failure)

    async def _take(self, plan: Plan, http: Http, on_progress: OnProgress | None) -> Snapshot:
        """Run the jobs of a plan, as many at a time as may be."""

        async def work(job: Job | None) -> None:
            while job is not None:
                await self._run(job, http)
                plan.ended(job)
                if on_progress is not None:
                    on_progress(plan.done, plan.size)
                ready = plan.take(self._max_concurrency)
                job = ready[0] if ready else None
                for other in ready[1:]:
                    workers.create_task(work(other))

        try:
            async with asyncio.TaskGroup() as workers:
                for job in plan.take(self._max_concurrency):
                    workers.create_task(work(job))
        except BaseExceptionGroup as errors:
            error = errors.exceptions[0]
        else:
            return plan.snapshot()
        raise error

    async def _run(self, job: Job, http: Http) -> None:
        call, client = self._call(job.listing, http)
        try:
            while (request := call.request()) is not None:
                await self._turn_page(call, client, request)
                job.rows += call.rows
        except ProviderError as error:
            job.error = error

    async def _async_rows(self, listing: Listing[R], http: Http) -> AsyncIterator[R]:
        call, client = self._call(listing, http)
        while (request := call.request()) is not None:
            await self._turn_page(call, client, request)
            for row in call.rows:
                yield row

    async def _turn_page(self, call: Call[Any], client: AsyncClient, request: Request[Any, Any]) -> None:
        """Send a request until it is answered or may not be sent again."""
        with call.deadline:
            failed = await self._attempt(call, client, request)
            if failed is not None:
                await self._repeat(call, client, request, failed)

    async def _attempt(self, call: Call[Any], client: AsyncClient, request: Request[Any, Any]) -> ProviderError | None:
        seconds = await asyncio.to_thread(call.turn) if call.turn_blocks else call.turn()
        if seconds:
            await asyncio.sleep(seconds)
        with Exchange() as exchange:
            await call.send(client, request, exchange)
        return call.take(request, exchange)

    async def _repeat(
        self, call: Call[Any], client: AsyncClient, request: Request[Any, Any], failed: ProviderError | None
    ) -> None:
        """Send a request again, as often and as late as may be, whose first attempt has failed."""
        from tenacity import AsyncRetrying

        async for attempt in AsyncRetrying(**call.policy()):
            with attempt:
                error, failed = failed or await self._attempt(call, client, request), None
                if error is not None:
                    raise error

    def _call(self, listing: Listing[R], http: Http) -> tuple[Call[R], AsyncClient]:
        connection = listing.connection
        client = AsyncClient(connection.credentials, connection.base_url, http=http)
        return Call(self._traffic[connection.name], listing), client

    def _new_traffic(self) -> dict[str, Traffic]:
        """Return what the calls to each connection share."""
        rooms = {each.base_url: asyncio.Semaphore(self._max_concurrency) for each in self._connections.values()}
        return {
            name: Traffic(
                connection,
                turnstile=turnstile(connection, self._redis) if self._transport is None else Turnstile(None),
                room=rooms[connection.base_url],
                budget=RetryBudget(),
                retries=self._retries,
                deadline=self._deadline,
                on_event=self._on_event,
                is_closed=lambda: self._closed,
            )
            for name, connection in self._connections.items()
        }

    @without_frames
    def _new_http(self) -> Http:
        try:
            return open_http(
                timeout=self._timeout,
                proxy=None if self._proxy is None else self._proxy.reveal(),
                ssl_context=self._ssl_context,
                transport=self._transport,
            )
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"no connection can be opened ({type(error).__name__}); look at proxy=, HTTPS_PROXY, ALL_PROXY, "
                "SSL_CERT_FILE and SSL_CERT_DIR"
            ) from None

    def _open(self) -> None:
        if self._closed:
            raise ConfigurationError(f"this {type(self).__name__} is closed; make a new one")


class Folio(_Folio):
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

    def _rows(self, listing: Listing[R]) -> Iterator[R]:
        from tenacity import Retrying

        call, client = self._call(listing, self._client())
        while (request := call.request()) is not None:
            with call.deadline:
                for attempt in Retrying(**call.policy()):
                    with attempt:
                        time.sleep(call.turn())
                        with Exchange() as exchange:
                            self._loop.run(partial(call.send, client, request, exchange))
                        if (failed := call.take(request, exchange)) is not None:
                            raise failed
            yield from call.rows

    def _client(self) -> Http:
        with self._lock:
            self._open()
            if self._pid != os.getpid():
                # A forked process has its parent's sockets and not its event loop.
                self._http, self._traffic, self._pid = None, self._new_traffic(), os.getpid()
            if self._http is None:
                self._http = self._new_http()
            return self._http


class AsyncFolio(_Folio):
    """`Folio` for asyncio: the same names, with `await` and `async for`.

    Args:
        connections: as for `Folio`, and so are the options; `transport` may be async alone.

    One folio belongs to one event loop and may be used by several of its tasks.
    """

    _loop: asyncio.AbstractEventLoop | None = None

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
        http, self._http = self._http, None
        if http is not None and self._loop is asyncio.get_running_loop():
            await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _client(self) -> Http:
        self._open()
        loop = asyncio.get_running_loop()
        if self._http is None:
            self._http, self._loop = self._new_http(), loop
        if self._loop is not loop:
            raise ConfigurationError("an AsyncFolio belongs to the event loop that first used it; make a new one here")
        return self._http


def _balances_in(listing: Listing[Any], account: Account, rows: list[Any]) -> list[Balance]:
    """Return an account's balances from what was read for them."""
    if listing.reading.what == "balances":
        return rows
    for fresh in rows:
        if fresh.id == account.id:
            return listing.balances_of(fresh)
    raise listing.not_found(account)
