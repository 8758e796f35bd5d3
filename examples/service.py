"""A web service over one `AsyncFolio`. Start it with `uvicorn service:app`.

GET /accounts, GET /accounts/{connection}/{account_id}/balances, GET /snapshot. Decimals are texts, as in all JSON of
onefolio. What a provider does wrong is an answer with a status and the reason, never a page of figures that lack some.
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
    """One folio for the life of the service: its connections are kept open, its rate limits are shared."""
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
    return JSONResponse({"error": f"there is no account {wanted}"}, 404)


async def snapshot(request: Request) -> Response:
    """Return everything that could be read, with 206 where that is not everything."""
    taken = await request.app.state.folio.snapshot()
    return JSONResponse(to_jsonable(taken), 200 if taken.complete else 206)


async def failed(_: Request, error: Exception) -> Response:
    """Return what a provider's failure is for a caller of this service."""
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
    exception_handlers={OnefolioError: failed},
    routes=[
        Route("/accounts", accounts),
        Route("/accounts/{connection}/{account_id}/balances", balances),
        Route("/snapshot", snapshot),
    ],
)
