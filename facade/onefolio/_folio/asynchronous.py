"""The asyncio folio."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from types import TracebackType
from typing import Self

from onefolio_runtime import Transport

from .._connections.resource import CAPABILITIES, Capability
from .._core.errors import ConfigurationError
from .._models.records import Account, Balance, Position
from .._snapshots.snapshot import Snapshot
from .base import BaseFolio, balances_of_account
from .options import OnProgress


class AsyncFolio(BaseFolio):
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
        return balances_of_account(listing, account, [row async for row in self._async_rows(listing, self._client())])

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

    def _client(self) -> Transport:
        self._open()
        loop = asyncio.get_running_loop()
        if self._http is None:
            self._http, self._loop = self._new_http(), loop
        if self._loop is not loop:
            raise ConfigurationError("an AsyncFolio belongs to the event loop that first used it; make a new one here")
        return self._http
