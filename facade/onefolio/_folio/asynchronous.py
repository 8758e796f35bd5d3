"""The asyncio folio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from types import TracebackType
from typing import Self, Unpack

from onefolio_runtime import Transports, hide_arguments

from .._connections.connection import Connection
from .._connections.resource import CAPABILITIES, Capability
from .._models.records import Account, Balance, Position
from .._snapshots.snapshot import Snapshot
from .base import BaseFolio, balances_from
from .options import OnProgress, Options


class AsyncFolio(BaseFolio):
    """`Folio` for asyncio: the same names and options, with `await` and `async for`.

    A folio belongs to the event loop of asyncio that first uses it, and can be used by several of its tasks. Use in
    another loop, or outside of a task, raises `ConfigurationError`.
    """

    @hide_arguments
    def __init__(self, *connections: Connection, **options: Unpack[Options]) -> None:
        super().__init__(*connections, **options)

    def accounts(self, name: str | None = None) -> AsyncIterator[Account]:
        """Return the accounts of one connection, or of all, for `async for`; see `Folio.accounts`."""
        paginators = self._account_paginators(name)
        return (account for paginator in paginators async for account in self._call(paginator).rows())

    async def balances(self, account: Account) -> list[Balance]:
        """Return an account's balances from a fresh request; see `Folio.balances`."""
        paginator = self._balance_paginator(account)
        return balances_from(paginator, account, [row async for row in self._call(paginator).rows()])

    def positions(self, account: Account) -> AsyncIterator[Position]:
        """Return an account's positions, for `async for`; see `Folio.positions`."""
        return self._call(self._position_paginator(account)).rows()

    async def snapshot(
        self,
        name: str | None = None,
        *,
        capabilities: Collection[Capability] = CAPABILITIES,
        on_progress: OnProgress | None = None,
    ) -> Snapshot:
        """Read everything concurrently; see `Folio.snapshot`."""
        scheduler = self._scheduler(name, capabilities, on_progress)
        self._open_transports()
        return await self._take_snapshot(scheduler, on_progress)

    async def aclose(self) -> None:
        """Close the connections. May be called twice; the folio cannot be used afterwards.

        Outside of the folio's event loop, the connections are closed in that loop without waiting for it.
        """
        self._calls.is_closed = True
        transports, self._transports = self._transports, None
        loop = self._calls.loop
        if transports is None or loop is None or not loop.is_running():
            return
        if self._calls.is_in_loop():
            await self._end(transports)
        else:
            asyncio.run_coroutine_threadsafe(self._end(transports), loop)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _open_transports(self) -> Transports:
        self._require_open()
        self._calls.bind()
        if self._transports is None:
            self._transports = self._new_transports()
        return self._transports
