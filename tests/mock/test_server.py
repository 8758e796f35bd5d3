"""The mock on a port, and its own pages."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from types import SimpleNamespace

import httpx
import pytest

from onefolio import ConfigurationError, mock
from onefolio.mock import asgi_app
from onefolio.providers.registry import known

from .conftest import Caller

SERVE = """
import sys
from onefolio import mock
try:
    mock.serve(port=0)
except KeyboardInterrupt:
    sys.exit(130)
"""


def test_the_running_mock_serves_every_provider() -> None:
    with mock.running(accounts=3) as urls:
        assert urls.keys() == known().keys()
        root = next(iter(urls.values())).rpartition("/")[0]
        served = httpx.get(root).json()["providers"]
        assert {name: root + provider["base_path"] for name, provider in served.items()} == urls
        for provider in served.values():
            operation = provider["operations"][0]
            response = httpx.get(root + operation["path"], headers=operation["credentials"])
            assert response.status_code == 200
            assert "date" in response.headers
    with pytest.raises(httpx.ConnectError):
        httpx.get(root)


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 0)])
def test_serve_stops_cleanly(name: str, code: int) -> None:
    with subprocess.Popen([sys.executable, "-c", SERVE], stdout=-1, stderr=-1, text=True) as process:
        try:
            assert process.stdout is not None
            urls = json.loads(process.stdout.readline())
            assert httpx.get(next(iter(urls.values()))).status_code == 404
            process.send_signal(getattr(signal, name))
            assert process.communicate(timeout=20) == ("", "")
            assert process.returncode == code
        finally:
            process.kill()


def test_a_taken_port_raises_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(mock.PortTakenError, match=f"^port {port} is taken") as raised:
            mock.serve(port=port)
    assert isinstance(raised.value, ConfigurationError)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "arguments",
    [{"port": 65536}, {"port": -1}, {"accounts": -1}, {"positions": -1}, {"latency_ms": -1}, {"host": "::x"}],
)
def test_invalid_arguments_raise_errors(arguments: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=str(*arguments) if "latency" in str(arguments) else None):
        mock.serve(**{"port": 0, **arguments})  # type: ignore[arg-type]  # invalid on purpose


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[mock\]"'):
        mock.serve(port=0)


def test_responses_are_delayed_by_the_latency(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []

    async def record(seconds: float) -> None:
        delays.append(seconds)

    monkeypatch.setattr(asgi_app, "asyncio", SimpleNamespace(sleep=record))
    monkeypatch.setattr(asgi_app, "time", SimpleNamespace(monotonic=lambda: 7.0))
    Caller(mock.app(latency_ms=50)).get("/calls")
    assert delays == [pytest.approx(0.05)] * 2


def test_calls_are_counted() -> None:
    caller = Caller(mock.app())
    provider, operation = next(iter(caller.operations))
    caller.call(provider, operation)
    caller.get(caller.operations[provider, operation]["path"])
    calls = caller.get("/calls").json()
    assert calls[provider][operation] == {"calls": 2, "statuses": {"200": 1, "401": 1}}
    assert {(name, each) for name in calls for each in calls[name]} == set(caller.operations)
    assert sum(each["calls"] for provider in calls.values() for each in provider.values()) == 2


def test_unknown_pages_and_methods_of_the_mock_itself(caller: Caller) -> None:
    assert caller.served["positions"] == 3
    assert caller.get("/nothing").status_code == 404
    response = caller.get("/calls", method="POST")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_request_ids_are_unique_and_in_the_body(caller: Caller) -> None:
    found = [caller.call("clear_street", "getAccounts") for _ in range(2)]
    ids = [response.json()["metadata"]["request_id"] for response in found]
    assert ids == [response.headers["x-request-id"] for response in found]
    assert ids[0] != ids[1]
