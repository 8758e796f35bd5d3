"""Serve accounts, balances and snapshots with one `AsyncFolio`. Start the service with `uvicorn service:app`.

The paths are /accounts, /accounts/{connection}/{account_id}/balances and /snapshot. Decimals are strings, as in all
JSON of onefolio. A failure of a provider is a response with an error status and the reason, never an incomplete list.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from onefolio import (
    AsyncFolio,
    NotFoundError,
    OnefolioError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    to_jsonable,
)


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open one folio for the life of the service, so that requests share connections and rate limits."""
    async with AsyncFolio.from_env(deadline=20, retries=1) as folio:
        app.state.folio = folio
        yield


async def accounts(request: Request) -> Response:
    """Return every account of every connection."""
    return JSONResponse(to_jsonable([account async for account in request.app.state.folio.accounts()]))


async def balances(request: Request) -> Response:
    """Return the balances of one account."""
    folio: AsyncFolio = request.app.state.folio
    wanted = request.path_params["account_id"]
    async for account in folio.accounts(request.path_params["connection"]):
        if account.id == wanted:
            return JSONResponse(to_jsonable(await folio.balances(account)))
    return JSONResponse({"error": f"unknown account {wanted}"}, 404)


async def snapshot(request: Request) -> Response:
    """Return a snapshot, with status 206 if it is incomplete."""
    taken = await request.app.state.folio.snapshot()
    return JSONResponse(to_jsonable(taken), 200 if taken.complete else 206)


async def handle_error(_: Request, error: Exception) -> Response:
    """Convert an error of onefolio to a response."""
    match error:
        case NotFoundError():
            status = 404
        case RateLimitedError() | ProviderUnavailableError():
            status = 503
        case ProviderError():
            status = 502
        case _:
            status = 500
    return JSONResponse({"error": str(error)}, status)


app = Starlette(
    lifespan=lifespan,
    exception_handlers={OnefolioError: handle_error},
    routes=[
        Route("/accounts", accounts),
        Route("/accounts/{connection}/{account_id}/balances", balances),
        Route("/snapshot", snapshot),
    ],
)
