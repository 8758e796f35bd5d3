"""The mock behind a port, and what it says of itself."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from onefolio import ConfigurationError, mock
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


def test_running_mock_serves_every_provider() -> None:
    with mock.running(accounts=3) as urls:
        assert urls.keys() == known().keys()
        root = next(iter(urls.values())).rpartition("/")[0]
        served = httpx.get(root).json()["providers"]
        assert {name: root + provider["base_path"] for name, provider in served.items()} == urls
        for provider in served.values():
            operation = provider["operations"][0]
            answer = httpx.get(root + operation["path"], headers=operation["credentials"])
            assert answer.status_code == 200
            assert "date" in answer.headers
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


def test_taken_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(mock.PortTakenError, match=f"^port {port} is taken") as raised:
            mock.serve(port=port)
    assert isinstance(raised.value, ConfigurationError)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "wrong", [{"port": 65536}, {"port": -1}, {"accounts": -1}, {"positions": -1}, {"latency_ms": -1}, {"host": "::x"}]
)
def test_wrong_arguments(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigurationError, match=str(*wrong) if "latency" in str(wrong) else None):
        mock.serve(**{"port": 0, **wrong})  # type: ignore[arg-type]  # wrong on purpose


def test_missing_uvicorn_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[mock\]"'):
        mock.serve(port=0)


def test_latency() -> None:
    app = mock.app(latency_ms=50)
    started = time.perf_counter()
    Caller(app).get("/calls")
    assert time.perf_counter() - started >= 0.1


def test_calls_are_counted(caller: Caller) -> None:
    provider, operation = next(iter(caller.operations))
    caller.call(provider, operation)
    caller.get(caller.operations[provider, operation]["path"])
    calls = caller.get("/calls").json()
    assert calls[provider][operation] == {"calls": 2, "statuses": {"200": 1, "401": 1}}
    assert {(name, each) for name in calls for each in calls[name]} == set(caller.operations)
    assert sum(each["calls"] for provider in calls.values() for each in provider.values()) == 2


def test_own_pages(caller: Caller) -> None:
    assert caller.served["positions"] == 3
    assert caller.get("/nothing").status_code == 404
    answer = caller.get("/calls", method="POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_request_ids_are_new_and_in_the_body(caller: Caller) -> None:
    found = [caller.call("clear_street", "getAccounts") for _ in range(2)]
    ids = [answer.json()["metadata"]["request_id"] for answer in found]
    assert ids == [answer.headers["x-request-id"] for answer in found]
    assert ids[0] != ids[1]
