"""The proxy, the middleware and the hooks between clients and a mock with faults."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import warnings
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import aiohttp
import clearstreet
import httpx
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from onefolio import mock
from onefolio.watch import Ledger, Watcher, WatchMiddleware, make_report, trace_config, watch_transport
from onefolio.watch.notices import Metrics, Webhook
from onefolio.watch.server import running
from tests.cli.running import BARE, COMMAND

with warnings.catch_warnings():
    # alpaca-py imports a deprecated part of websockets.
    warnings.simplefilter("ignore", DeprecationWarning)
    from alpaca.common.exceptions import APIError
    from alpaca.trading.client import TradingClient

SECOND_KEY = "second-key-of-a-person"
HEADERS = {"APCA-API-KEY-ID": "demo-key", "APCA-API-SECRET-KEY": "demo-secret"}
GONE = [("undocumented status", "GET /v2/positions", "410")]


class SecondKey:
    """Accepts a second key for Alpaca, whose positions respond with 410."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_second = (b"apca-api-key-id", SECOND_KEY.encode()) in scope["headers"]
        if is_second and scope["path"].endswith("/v2/positions"):
            await send({"type": "http.response.start", "status": 410, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"{}"})
            return
        headers = [(name, b"demo-key" if value == SECOND_KEY.encode() else value) for name, value in scope["headers"]]
        await self._app({**scope, "headers": headers}, receive, send)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[mock.ChosenAnswers, dict[str, str]]]:
    chosen = mock.ChosenAnswers(mock.app())
    with mock.running(SecondKey(chosen)) as urls:
        yield chosen, urls


@pytest.fixture
def chosen(served: tuple[mock.ChosenAnswers, dict[str, str]]) -> Iterator[mock.ChosenAnswers]:
    yield served[0]
    served[0].reset()


@pytest.fixture
def urls(served: tuple[mock.ChosenAnswers, dict[str, str]]) -> dict[str, str]:
    return served[1]


def findings(ledger: Path) -> list[tuple[str, ...]]:
    return [(each.kind, each.operation, each.status) for each in make_report(Ledger(ledger)).findings]


def test_positions_that_are_gone_for_one_key_are_one_finding(urls: dict[str, str], tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    with running("alpaca", urls["alpaca"], ledger=ledger) as url:
        works, fails = (TradingClient(key, "demo-secret", url_override=url) for key in ("demo-key", SECOND_KEY))
        direct = TradingClient("demo-key", "demo-secret", url_override=urls["alpaca"])
        for _ in range(3):
            assert works.get_all_positions() == direct.get_all_positions()
            assert works.get_account() == fails.get_account() == direct.get_account()
            with pytest.raises(APIError) as raised:
                fails.get_all_positions()
            assert raised.value.status_code == 410
    report = make_report(Ledger(ledger))
    (finding,) = report.findings
    assert (finding.kind, finding.operation, finding.status) == GONE[0]
    assert (finding.count, finding.responses, finding.share) == (3, 6, "50.0 %")
    assert [(each.count, each.responses) for each in finding.keys] == [(3, 3)]
    assert finding.note == "only 1 of 2 keys; 1 without it; the same keys work for GET /v2/account"
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    for private in (b"demo-key", b"demo-secret", SECOND_KEY.encode(), b"PALPACA", b"AAPL", b"122086"):
        assert private not in content


def test_the_sdk_of_clear_street_receives_the_same(
    chosen: mock.ChosenAnswers, urls: dict[str, str], tmp_path: Path
) -> None:
    chosen.change("getAccountPositions", lambda body: body | {"trace": "19816"}, provider="clear_street")
    with running("clear_street", urls["clear_street"], ledger=tmp_path / "ledger", name="mine") as url:
        received = []
        for base in (url, urls["clear_street"]):
            with clearstreet.ClearStreet(api_key="demo-key", base_url=base, max_retries=0) as client:
                received.append(client.v1.accounts.get_accounts(page_size=1).data)
                client.get("/v1/accounts/19816/positions", cast_to=object)
        assert received[0] == received[1]
    (finding,) = make_report(Ledger(tmp_path / "ledger")).findings
    assert (finding.connection, finding.kind, finding.place, finding.shapes) == (
        "mine",
        "undocumented field",
        "/trace",
        ("string, integer",),
    )
    assert b"19816" not in (tmp_path / "ledger").read_bytes()


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_the_command_checks_in_a_process_of_its_own(
    sent: signal.Signals, code: int, chosen: mock.ChosenAnswers, urls: dict[str, str], tmp_path: Path
) -> None:
    chosen.answer("getPositions", status=410, body={}, provider="alpaca")
    command = [*COMMAND, "watch", "alpaca", "--port", "0", "--base-url", urls["alpaca"], "--ledger", "ledger"]
    with subprocess.Popen(command, env=BARE, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["alpaca"]
        with httpx.Client(base_url=url, headers=HEADERS) as client:
            assert [client.get(path).status_code for path in ("/v2/account", "/v2/positions")] == [200, 410]
        process.send_signal(sent)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.decode().splitlines()) == (
        code,
        ["onefolio: alpaca: undocumented status at GET /v2/positions 410"],
    )
    assert findings(tmp_path / "ledger") == GONE


def read_httpx(url: str, watcher: Watcher) -> list[int]:
    with httpx.Client(
        base_url=url, headers=HEADERS, transport=watch_transport(httpx.HTTPTransport(), watcher, base_path="/alpaca")
    ) as client:
        assert client.get("/v2/account").json()["currency"] == "USD"
        with client.stream("GET", "/v2/positions") as response:
            return [response.status_code]


def read_httpx_async(url: str, watcher: Watcher) -> list[int]:
    async def read() -> list[int]:
        transport = watch_transport(httpx.AsyncHTTPTransport(), watcher, base_path="/alpaca")
        async with httpx.AsyncClient(base_url=url, headers=HEADERS, transport=transport) as client:
            assert (await client.get("/v2/account")).json()["currency"] == "USD"
            return [(await client.get("/v2/positions")).status_code]

    return asyncio.run(read())


def read_aiohttp(url: str, watcher: Watcher) -> list[int]:
    async def read() -> list[int]:
        traces = [trace_config(watcher, base_path="/alpaca")]
        async with aiohttp.ClientSession(headers=HEADERS, trace_configs=traces) as session:
            async with session.get(f"{url}/v2/account") as account:
                assert (await account.json())["currency"] == "USD"
            async with session.get(f"{url}/v2/positions") as positions:
                return [positions.status]

    return asyncio.run(read())


@pytest.mark.parametrize("read", [read_httpx, read_httpx_async, read_aiohttp])
def test_hooks_find_the_same_as_the_proxy(
    read: Callable[[str, Watcher], list[int]], chosen: mock.ChosenAnswers, urls: dict[str, str], tmp_path: Path
) -> None:
    chosen.change("getAccount", lambda body: body | {"born": "1980-02-03"}, provider="alpaca")
    chosen.answer("getPositions", status=410, body={}, provider="alpaca")
    with Watcher("alpaca", tmp_path / "ledger") as watcher:
        assert read(urls["alpaca"], watcher) == [410]
    assert findings(tmp_path / "ledger") == [*GONE, ("undocumented field", "GET /v2/account", "200")]
    assert len(make_report(Ledger(tmp_path / "ledger")).findings[0].keys[0].key) == 10


def test_the_middleware_passes_messages_on_and_finds_the_same(tmp_path: Path) -> None:
    chosen = mock.ChosenAnswers(mock.app())
    chosen.answer("getPositions", status=410, body={}, provider="alpaca")

    async def read(app: Any) -> list[tuple[int, bytes, Any]]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://x", headers=HEADERS
        ) as client:
            found = [await client.get(f"/alpaca{path}") for path in ("/v2/account", "/v2/positions")]
            found.append(await client.get("/calls"))
        # The mock counts requests in fields of its own.
        fields = [[field for field in each.headers.raw if not field[0].startswith(b"x-")] for each in found]
        return [(each.status_code, each.content, some) for each, some in zip(found[:2], fields, strict=False)]

    with Watcher("alpaca", tmp_path / "ledger") as watcher:
        assert asyncio.run(read(WatchMiddleware(chosen, watcher, base_path="/alpaca"))) == asyncio.run(read(chosen))
    assert findings(tmp_path / "ledger") == GONE


def test_the_first_of_a_kind_is_posted_and_all_are_metrics(
    chosen: mock.ChosenAnswers, urls: dict[str, str], tmp_path: Path
) -> None:
    chosen.answer("getPositions", status=410, body={}, provider="alpaca")
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    reader = InMemoryMetricReader()
    with HTTPServer(("127.0.0.1", 0), Handler) as receiver:
        Thread(target=receiver.serve_forever, daemon=True).start()
        webhook = Webhook(f"http://127.0.0.1:{receiver.server_port}/hook")
        listeners = (webhook, Metrics(meter_provider=MeterProvider([reader])))
        for _ in range(2):
            with running("alpaca", urls["alpaca"], ledger=tmp_path / "ledger", listeners=listeners) as url:
                httpx.get(f"{url}/v2/positions", headers=HEADERS)
        webhook.close()
        receiver.shutdown()
    assert [(each["kind"], each["operation"], each["provider"]) for each in posted] == [
        ("undocumented status", "GET /v2/positions", "alpaca")
    ]
    data: Any = reader.get_metrics_data()
    metrics = {metric.name: metric.data.data_points for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    assert {name: [point.value for point in points] for name, points in metrics.items()} == {
        "onefolio.watch.responses": [2],
        "onefolio.watch.findings": [2],
    }
    assert metrics["onefolio.watch.findings"][0].attributes["http.route"] == "GET /v2/positions"
