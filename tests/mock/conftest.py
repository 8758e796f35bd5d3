"""Call the mock in process, with the credentials that `GET /` returns."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from onefolio import mock


class Caller:
    """Calls a mock in process.

    Args:
        app: the mock.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self.served = self.get("/").json()
        self.operations = {
            (name, operation["id"]): operation
            for name, provider in self.served["providers"].items()
            for operation in provider["operations"]
        }

    def get(self, path: str, *, method: str = "GET", headers: Any = None, params: Any = None) -> httpx.Response:
        """Return the response to a request."""

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self._app)
            async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
                return await client.request(method, path, headers=headers, params=params)

        return asyncio.run(send())

    def call(self, provider: str, operation: str, *, headers: Any = None, **params: Any) -> httpx.Response:
        """Return the response of an operation; parameters that are not in its path are sent in the query."""
        described = self.operations[provider, operation]
        path = described["path"].format_map(params)
        query = {name: value for name, value in params.items() if "{" + name + "}" not in described["path"]}
        return self.get(path, headers={**described["credentials"], **(headers or {})}, params=query)


@pytest.fixture(scope="session")
def caller() -> Caller:
    """The mock with the documented data only."""
    return Caller(mock.app())


@pytest.fixture(scope="session")
def large() -> Caller:
    """The mock with 25 accounts of 7 positions."""
    return Caller(mock.app(accounts=25, positions=7))
