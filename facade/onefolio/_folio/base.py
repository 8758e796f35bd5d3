"""State and logic that Folio and AsyncFolio share. Everything asynchronous is here; the folios only drive it."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, NoReturn, Self, TypeVar, Unpack

from onefolio_runtime import (
    HttpChoice,
    HttpChoiceError,
    Secret,
    Timeout,
    Transports,
    escape_controls,
    hide_arguments,
)

from .._connections.connection import Connection
from .._connections.resource import CAPABILITIES, Capability
from .._core.checks import check_function
from .._core.errors import ConfigurationError, NotSupportedError, ProviderError
from .._core.text import format_value
from .._models.records import Account, Balance, Failure, Position
from .._reading.drift_log import DriftLog, DriftReport, OnDrift
from .._reading.paginator import ContractMode, Paginator
from .._requests.call import Call, ConnectionState
from .._requests.events import OnEvent
from .._requests.rate_limiter import limiter_for
from .._requests.retry import RetryBudget
from .._requests.running_calls import RunningCalls
from .._settings.settings import Settings
from .._snapshots.scheduler import Job, SnapshotScheduler
from .._snapshots.snapshot import Snapshot
from ..providers.registry import known
from .options import OnFailure, OnProgress, Options, check_names, check_options

_log = logging.getLogger("onefolio")

R = TypeVar("R")

_CLOSING = 5.0
"""Seconds for closing the network connections."""


class BaseFolio:
    """Connections, options and the path of a call; `Folio` documents the arguments."""

    @hide_arguments
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
        http: HttpChoice = "aiohttp",
        proxy: str | None = None,
        ssl_context: ssl.SSLContext | None = None,
        **unknown: object,
    ) -> None:
        check_names(type(self).__name__, unknown)
        if not connections:
            raise ConfigurationError("a folio needs at least one connection")
        self._connections: dict[str, Connection] = {}
        for connection in connections:
            if not isinstance(connection, Connection):
                raise ConfigurationError(_explain_type(type(self).__name__, connection))
            if connection.name in self._connections:
                raise ConfigurationError(f"two connections are named {connection.name!r}; give one another name=")
            self._connections[connection.name] = connection
        check_options(
            timeout=timeout,
            deadline=deadline,
            retries=retries,
            max_concurrency=max_concurrency,
            contract=contract,
            http=http,
            redis=redis,
            proxy=proxy,
            ssl_context=ssl_context,
            callbacks={"on_drift": on_drift, "on_failure": on_failure, "on_event": on_event},
        )
        self._timeout = timeout
        self._max_concurrency = max_concurrency
        self._contract: ContractMode = contract
        self._on_failure = on_failure
        self._http: HttpChoice = http
        self._proxy = None if proxy is None else Secret(proxy)  # the URL may contain a password
        self._ssl_context = ssl_context
        self._drifts = DriftLog(on_drift)
        self._transports: Transports | None = None
        self._retries = retries
        self._deadline = deadline
        self._on_event = on_event
        self._redis = None if redis is None else Secret(redis)
        self._states = self._new_states()

    @classmethod
    @hide_arguments
    def from_env(cls, environ: Mapping[str, str] | None = None, **options: Unpack[Options]) -> Self:
        """Return a folio of every provider whose keys are configured.

        Keys are read from the environment, otherwise from `onefolio.toml`, otherwise from the system's keyring. Options
        that are not passed are read from `ONEFOLIO_…` variables, otherwise from the file.

        Args:
            environ: variables to use instead of the process's. Only the file that `ONEFOLIO_CONFIG` names is read
                then, and no keyring.
            options: the options of the folio.

        Raises:
            ConfigurationError: no keys are set, a key pair is incomplete, a value is wrong, or other users can read
                the file.
        """
        settings = Settings(os.environ if environ is None else environ, search=environ is None)
        return cls(*settings.connections(), **{**settings.options(), **options})

    @property
    def connections(self) -> tuple[str, ...]:
        """The names of the connections, in the order they were given."""
        return tuple(self._connections)

    @property
    def drifts(self) -> tuple[DriftReport, ...]:
        """Every kind of drift so far, with its count."""
        return self._drifts.reports()

    def supports(self, name: str, capability: Capability) -> bool:
        """Return True if a connection's provider has accounts, balances or positions.

        Raises:
            ConfigurationError: no connection has this name, or the capability is unknown.
        """
        self._check_capability(capability)
        return capability in self._connection(name).capabilities

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(repr, self._connections.values()))})"

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            f"{type(self).__name__} cannot be copied or pickled, because its connections hold keys. "
            "Create one in the process that uses it, for example with from_env()"
        )

    def _connection(self, name: str) -> Connection:
        if isinstance(name, str) and name in self._connections:
            return self._connections[name]
        available = ", ".join(map(repr, self._connections))
        if not isinstance(name, str):
            raise ConfigurationError(
                f"pass the name of a connection, not an object of type {type(name).__name__}; available: {available}"
            )
        raise ConfigurationError(f"no connection is named {name!r}; available: {available}")

    def _connection_of(self, account: Account) -> Connection:
        """Return the connection of an account.

        Raises:
            ConfigurationError: it is not an `Account`, or the folio does not have its connection.
        """
        if not isinstance(account, Account):
            raise ConfigurationError(
                f"pass an Account, not an object of type {type(account).__name__}: one that accounts() returned, or "
                "Account(provider=…, connection=…, id=…)"
            )
        return self._connection(account.connection)

    def _selected(self, name: str | None) -> list[Connection]:
        return list(self._connections.values()) if name is None else [self._connection(name)]

    def _check_capability(self, capability: str) -> None:
        if capability not in CAPABILITIES:
            raise ConfigurationError(
                f"unknown capability {format_value(capability)}; available: {', '.join(CAPABILITIES)}"
            )

    def _account_paginators(self, name: str | None) -> list[Paginator[Account]]:
        self._require_open()
        return [
            Paginator(each, each.accounts(), self._drifts, self._contract, on_quarantine=self._report_failure)
            for each in self._selected(name)
        ]

    def _balance_paginator(self, account: Account) -> Paginator[Any]:
        """Return the paginator of an account's balances, or of the accounts that contain them."""
        self._require_open()
        connection = self._connection_of(account)
        if connection.balances_with_accounts:
            # A violating row of another account does not affect this one.
            return Paginator(connection, connection.accounts(), self._drifts, "quarantine")
        return Paginator(connection, connection.balances(account), self._drifts, "strict", account.id)

    def _position_paginator(self, account: Account) -> Paginator[Position]:
        self._require_open()
        connection = self._connection_of(account)
        if "positions" not in connection.capabilities:
            raise NotSupportedError(
                f"{connection.title} has no positions; check supports({connection.name!r}, 'positions') first"
            )
        return Paginator(
            connection,
            connection.positions(account),
            self._drifts,
            self._contract,
            account.id,
            on_quarantine=self._report_failure,
        )

    def _scheduler(
        self, name: str | None, capabilities: Collection[Capability], on_progress: OnProgress | None
    ) -> SnapshotScheduler:
        self._require_open()
        check_function("on_progress", on_progress)
        if isinstance(capabilities, str) or not isinstance(capabilities, Collection):
            raise ConfigurationError(
                f"capabilities must be a list, such as ['positions'], not of type {type(capabilities).__name__}"
            )
        for capability in capabilities:
            self._check_capability(capability)
        return SnapshotScheduler(self._selected(name), self._drifts, capabilities)

    async def _take_snapshot(self, scheduler: SnapshotScheduler, on_progress: OnProgress | None) -> Snapshot:
        """Run the jobs of a snapshot, `max_concurrency` at a time for each server."""

        async def work(job: Job | None) -> None:
            while job is not None:
                await self._run_job(job)
                scheduler.finish(job)
                if on_progress is not None:
                    on_progress(scheduler.done, scheduler.size)
                ready = scheduler.next_jobs(self._max_concurrency)
                job = ready[0] if ready else None
                for other in ready[1:]:
                    workers.create_task(work(other))

        try:
            async with asyncio.TaskGroup() as workers:
                for job in scheduler.next_jobs(self._max_concurrency):
                    workers.create_task(work(job))
        except BaseExceptionGroup as errors:
            error = errors.exceptions[0]
        else:
            return scheduler.snapshot()
        raise error

    async def _run_job(self, job: Job) -> None:
        call = self._call(job.paginator)
        try:
            while (page := await call.next_page()) is not None:
                job.rows += page
        except ProviderError as error:
            job.error = error

    def _call(self, paginator: Paginator[R]) -> Call[R]:
        transports = self._open_transports()
        state = self._states[paginator.connection.name]
        try:
            transport = transports.transport_for(state.fingerprint)
        except RuntimeError:
            self._require_open()
            raise
        return Call(state, paginator, transport)

    def _open_transports(self) -> Transports:
        """Return the transports, opened by the first call.

        Raises:
            ConfigurationError: the folio is closed, or no transport can be opened.
        """
        raise NotImplementedError

    async def _end(self, transports: Transports) -> None:
        """End the calls in progress and close the network connections."""
        await self._calls.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING):
                await transports.aclose()

    def _new_states(self) -> dict[str, ConnectionState]:
        connections = self._connections
        turn = asyncio.Lock()
        self._calls = RunningCalls()
        semaphores = {each.base_url: asyncio.Semaphore(self._max_concurrency) for each in connections.values()}
        fingerprints = {name: connection.fingerprint() for name, connection in connections.items()}
        return {
            name: ConnectionState(
                connection,
                fingerprint=fingerprints[name],
                limiter=limiter_for(fingerprints[name], connection.rate_limit, self._redis),
                semaphore=semaphores[connection.base_url],
                budget=RetryBudget(),
                retries=self._retries,
                deadline=self._deadline,
                on_event=self._on_event,
                turn=turn,
                calls=self._calls,
            )
            for name, connection in connections.items()
        }

    @hide_arguments
    def _new_transports(self) -> Transports:
        try:
            return Transports(
                self._http,
                timeout=self._timeout,
                proxy=None if self._proxy is None else self._proxy.reveal(),
                ssl_context=self._ssl_context,
            )
        except (ModuleNotFoundError, HttpChoiceError) as error:
            raise ConfigurationError(str(error)) from None
        except (OSError, ValueError) as error:
            # The text of these errors may contain a proxy's password.
            raise ConfigurationError(
                f"no transport can be opened ({type(error).__name__}). Check proxy=, HTTPS_PROXY, ALL_PROXY, "
                "SSL_CERT_FILE and SSL_CERT_DIR."
            ) from None

    def _report_failure(self, failure: Failure) -> None:
        """Log a row that a call has quarantined, and pass it to the listener."""
        # Pointers only: the values are account data.
        pointers = [escape_controls(each.pointer) for each in getattr(failure.error, "violations", ())]
        fields = {"connection": failure.connection, "operation": failure.operation, "pointers": pointers}
        _log.warning("%(connection)s, %(operation)s: quarantined a row, see %(pointers)s", fields, extra=fields)
        if self._on_failure is not None:
            self._on_failure(failure)

    def _require_open(self) -> None:
        if self._calls.is_closed:
            raise ConfigurationError(f"this {type(self).__name__} is closed; create a new one")


def _explain_type(folio: str, value: object) -> str:
    """Return the message for an argument that is not a connection. It does not contain the value: it may be a key."""
    if isinstance(value, type) and issubclass(value, Connection):
        return f"{value.__name__} is a class. Pass a connection: {folio}({value.__name__}(…))"
    remedy = f"Pass a connection, or use {folio}.from_env()"
    if isinstance(value, str) and value in known():
        kind = known()[value]
        remedy = f"Pass {kind.__name__}({', '.join(f'{key}=…' for key in kind.variables)}), or use {folio}.from_env()"
    elif isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        remedy = f"Pass each connection as an argument of its own: {folio}(*connections)"
    return f"{folio} needs connections, not an object of type {type(value).__name__}. {remedy}"


def balances_from(paginator: Paginator[Any], account: Account, rows: list[Any]) -> list[Balance]:
    """Return an account's balances from the rows that were read for them.

    Raises:
        ProviderError: the rows are accounts, and the account is not among them.
    """
    if paginator.resource.capability == "balances":
        return rows
    for fresh in rows:
        if fresh.id == account.id:
            return paginator.balances_of(fresh)
    raise paginator.not_found(account)
