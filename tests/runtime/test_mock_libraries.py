"""Mock libraries for HTTP work in users' tests."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import respx
import vcr  # type: ignore[import-untyped]
from pytest_httpx import HTTPXMock

from onefolio.providers.registry import known
from onefolio_runtime import AsyncClient, open_transport

from .servers import Reply, serving

URL = "https://paper-api.alpaca.example"
ACCOUNT = "/v2/account"
KIND: Any = known()["alpaca"]
EXAMPLES = KIND.contract.spec["paths"][ACCOUNT]["get"]["responses"]["200"]["content"]["application/json"]["examples"]
EXAMPLE: dict[str, Any] = next(iter(EXAMPLES.values()))["value"]
KEYS = {"key_id": "the-key", "secret_key": "the-secret"}


def read_account(http: Any, url: str = URL) -> Any:
    """Return the body of an account, read through a client of the runtime."""

    async def read() -> Any:
        transport = open_transport(http)
        connection = KIND(**KEYS, base_url=url)
        request = connection.accounts().request(None)
        try:
            response = await AsyncClient(connection.credentials, url, transport=transport).send(request)
            return response.parsed().to_dict()
        finally:
            await transport.aclose()

    return asyncio.run(read())


@pytest.mark.parametrize("http", ["httpx", httpx.AsyncClient])
@respx.mock(base_url=URL)
def test_respx(respx_mock: respx.MockRouter, http: Any) -> None:
    route = respx_mock.get(ACCOUNT, headers={"APCA-API-KEY-ID": "the-key"}).respond(json=EXAMPLE)
    assert read_account(http() if callable(http) else http) == EXAMPLE
    assert route.call_count == 1


def test_pytest_httpx(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=URL + ACCOUNT, match_headers={"APCA-API-KEY-ID": "the-key"}, json=EXAMPLE)
    assert read_account("httpx") == EXAMPLE


@pytest.mark.parametrize("http", ["aiohttp", "httpx", "httpx2"])
def test_vcrpy(http: Any, tmp_path: Path) -> None:
    """vcrpy records the first run; the second run needs no server."""
    cassette = tmp_path / "account.yaml"
    recorder = vcr.VCR(filter_headers=["APCA-API-KEY-ID", "APCA-API-SECRET-KEY"], record_mode=vcr.mode.ONCE)
    with serving(lambda _: Reply(body=json.dumps(EXAMPLE).encode())) as server:
        for _ in range(2):
            with recorder.use_cassette(str(cassette)):
                assert read_account(http, server.url) == EXAMPLE
        assert len(server.received) == 1
    assert "the-secret" not in cassette.read_text()


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_mock_transport(library: Any) -> None:
    assert read_account(library.MockTransport(lambda _: library.Response(200, json=EXAMPLE))) == EXAMPLE
