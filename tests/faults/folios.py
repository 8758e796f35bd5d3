"""Folios on each transport."""

import asyncio
from typing import Any, TypeVar

from onefolio import Account, AsyncFolio, Folio, Snapshot

F = TypeVar("F", Folio, AsyncFolio)

TRANSPORTS: tuple[Any, ...] = ("aiohttp", "httpx", "httpx2")

MODES: dict[str, tuple[type[Any], Any]] = {
    "sync": (Folio, "aiohttp"),
    "async": (AsyncFolio, "aiohttp"),
    "httpx": (AsyncFolio, "httpx"),
    "httpx2": (AsyncFolio, "httpx2"),
}
"""Class of the folio and its transport; the transports share the code of both classes above them."""


def folio_on(http: Any, *connections: Any, kind: type[F], **options: Any) -> F:
    """Return a folio on a transport."""
    return kind(*connections, http=http, **options)


def read_accounts(mode: str, *connections: Any, **options: Any) -> list[Account]:
    """Return the accounts of connections, read in one of the `MODES`."""
    kind, http = MODES[mode]

    async def read() -> list[Account]:
        async with folio_on(http, *connections, kind=AsyncFolio, **options) as folio:
            return [account async for account in folio.accounts()]

    if kind is AsyncFolio:
        return asyncio.run(read())
    with folio_on(http, *connections, kind=Folio, **options) as folio:
        return list(folio.accounts())


def take_snapshot(mode: str, *connections: Any, **options: Any) -> Snapshot:
    """Return a snapshot of connections, taken in one of the `MODES`."""
    kind, http = MODES[mode]

    async def take() -> Snapshot:
        async with folio_on(http, *connections, kind=AsyncFolio, **options) as folio:
            return await folio.snapshot()

    if kind is AsyncFolio:
        return asyncio.run(take())
    with folio_on(http, *connections, kind=Folio, **options) as folio:
        return folio.snapshot()
