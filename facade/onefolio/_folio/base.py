"""State and logic that Folio and AsyncFolio share."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import AsyncIterator, Collection, Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, Unpack

from onefolio_runtime import AsyncClient, Request, Secret, Timeout, Transport, open_transport

from .._connections.connection import Connection
from .._connections.resource import CAPABILITIES, Capability
from .._core.errors import ConfigurationError, NotSupportedError, ProviderError
from .._core.tracebacks import strip_traceback
from .._models.records import Account, Balance, Failure, Position
from .._reading.drift_log import DriftLog, DriftReport, OnDrift
from .._reading.paginator import ContractMode, Paginator
from .._requests.call import Attempt, Call, ConnectionState
from .._requests.events import OnEvent
from .._requests.rate_limiter import RateLimiter, limiter_for
from .._requests.retry import RetryBudget
from .._settings.settings import Settings
from .._snapshots.scheduler import Job, SnapshotScheduler
from .._snapshots.snapshot import Snapshot
from .options import OnFailure, OnProgress, Options

if TYPE_CHECKING:
    import httpx

_log = logging.getLogger("onefolio")

R = TypeVar("R")


class BaseFolio:
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
        self._http: Transport | None = None
        self._retries = retries
        self._deadline = deadline
        self._on_event = on_event
        self._redis = None if redis is None else Secret(redis)
        self._traffic = self._new_traffic()

    @classmethod
    @strip_traceback
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
        settings = Settings(os.environ if environ is None else environ, search=environ is None)
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

    def _accounts(self, name: str | None) -> list[Paginator[Account]]:
        self._open()
        return [
            Paginator(each, each.accounts(), self._drifts, self._contract, put_aside=self._put_aside)
            for each in self._chosen(name)
        ]

    def _balances(self, account: Account) -> Paginator[Any]:
        """Return what to read for the balances: those of their own, or the accounts that they come with."""
        self._open()
        connection = self._connection(account.connection)
        if connection.balances_with_accounts:
            # Another account's broken row is no reason to withhold this one's balances.
            return Paginator(connection, connection.accounts(), self._drifts, "quarantine")
        return Paginator(connection, connection.balances(account), self._drifts, "strict", account.id)

    def _positions(self, account: Account) -> Paginator[Position]:
        self._open()
        connection = self._connection(account.connection)
        if "positions" not in connection.capabilities:
            raise NotSupportedError(f"{connection.title} has no positions; ask supports({connection.name!r}, …) first")
        reading = connection.positions(account)
        return Paginator(connection, reading, self._drifts, self._contract, account.id, put_aside=self._put_aside)

    def _plan(self, name: str | None, what: Collection[Capability]) -> SnapshotScheduler:
        self._open()
        for word in what:
            self._known(word)
        return SnapshotScheduler(self._chosen(name), self._drifts, what)

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

    async def _take(self, plan: SnapshotScheduler, http: Transport, on_progress: OnProgress | None) -> Snapshot:
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

    async def _run(self, job: Job, http: Transport) -> None:
        call, client = self._call(job.listing, http)
        try:
            while (request := call.request()) is not None:
                await self._turn_page(call, client, request)
                job.rows += call.rows
        except ProviderError as error:
            job.error = error

    async def _async_rows(self, listing: Paginator[R], http: Transport) -> AsyncIterator[R]:
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
        with Attempt() as exchange:
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

    def _call(self, listing: Paginator[R], http: Transport) -> tuple[Call[R], AsyncClient]:
        connection = listing.connection
        client = AsyncClient(connection.credentials, connection.base_url, http=http)
        return Call(self._traffic[connection.name], listing), client

    def _new_traffic(self) -> dict[str, ConnectionState]:
        """Return what the calls to each connection share."""
        rooms = {each.base_url: asyncio.Semaphore(self._max_concurrency) for each in self._connections.values()}
        return {
            name: ConnectionState(
                connection,
                turnstile=limiter_for(connection, self._redis) if self._transport is None else RateLimiter(None),
                room=rooms[connection.base_url],
                budget=RetryBudget(),
                retries=self._retries,
                deadline=self._deadline,
                on_event=self._on_event,
                is_closed=lambda: self._closed,
            )
            for name, connection in self._connections.items()
        }

    @strip_traceback
    def _new_http(self) -> Transport:
        try:
            return open_transport(
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


def balances_of_account(listing: Paginator[Any], account: Account, rows: list[Any]) -> list[Balance]:
    """Return an account's balances from what was read for them."""
    if listing.reading.what == "balances":
        return rows
    for fresh in rows:
        if fresh.id == account.id:
            return listing.balances_of(fresh)
    raise listing.not_found(account)
