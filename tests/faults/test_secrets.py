"""Keys appear in nothing that is printed, logged, raised or written, however a server responds."""

import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import pytest

from onefolio import ConfigurationError, Folio, mock
from onefolio.providers.registry import known

MARK = "c4n4ry-7f3a"
ROOT = Path(__file__).resolve().parents[2]


def environ(**more: str) -> dict[str, str]:
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "HOME": "/nowhere", "CANARY": MARK, **more}


def test_a_run_through_every_fault_shows_no_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.canary"],
        cwd=tmp_path,
        env=environ(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    finished = [line.split() for line in done.stdout.splitlines() if line.startswith("done ")]
    assert [(each[1], each[2]) for each in finished] == [
        *(("aiohttp", name) for name in known()), ("httpx", "clear_street"), ("httpx2", "clear_street")
    ]  # fmt: skip
    assert all(int(each[3]) > 200 and int(each[4]) > 400 for each in finished), "responses, and requests with keys"
    frames = str(Path("onefolio", "_folio"))
    for word in ("ContractViolation", "AuthenticationError", "RateLimitedError", frames, "undocumented field"):
        assert word in done.stdout, "errors, drift and frames are printed"
    everything = done.stdout + done.stderr + _written(tmp_path)
    places = [line[max(0, (at := line.find(MARK)) - 300) : at + 60] for line in everything.splitlines() if MARK in line]
    assert not places, f"{len(places)} lines, the first: {places[0]}"


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running() as running:
        yield running


@pytest.mark.parametrize(
    "command",
    [
        ["doctor"], ["doctor", "--format", "json"], ["snapshot"], ["snapshot", "--format", "json"], ["accounts"],
        *(["contract", name, "--live", "--report", "report"] for name in known()),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_command_that_fails_shows_and_writes_no_key(command: list[str], urls: dict[str, str], tmp_path: Path) -> None:
    keys = {name: f"{MARK}-{name}" for kind in known().values() for name in kind.variables.values()}
    servers = {kind.base_url_variable: urls[name] for name, kind in known().items()}
    done = subprocess.run(
        [sys.executable, "-m", "onefolio", *command],
        cwd=tmp_path, env=environ(**keys, **servers), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode in (1, 2)
    assert MARK not in done.stdout + done.stderr.replace(quote(MARK), MARK) + _written(tmp_path)


def _written(folder: Path) -> str:
    return "".join(file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file())


# Servers and proxies that receive keys


class Recorder(HTTPServer):
    """Records the requests that it receives."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        received: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                received.append(f"{self.requestline}\n{self.headers}")
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_CONNECT = do_GET  # noqa: N815  # the name that http.server requires

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.received = received
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


READ_ALL = """
import json, os, sys, onefolio
from onefolio.providers import known
kind = known()[sys.argv[1]]
keys = {name: os.environ["CANARY"] + name for name in kind.variables}
with onefolio.Folio(kind(**keys, base_url=sys.argv[2]), retries=0, timeout=2, **json.loads(sys.argv[3])) as folio:
    print(*(type(each.error).__name__ for each in folio.snapshot().failures))
"""


def read(name: str, url: str, options: Any = None, **variables: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, name, url, json.dumps(options or {})],
        env=environ(**variables), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert not done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", known())
def test_no_redirect_is_followed_with_keys(name: str) -> None:
    with Recorder(200, {}) as other, Recorder(302, {"Location": other.url}) as server:
        assert read(name, server.url) == "UnexpectedStatusError"
        assert MARK in "".join(server.received), "the keys are sent to the provider"
        assert other.received == []


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "proxy="])
def test_plain_http_is_sent_through_no_proxy(name: str, variable: str) -> None:
    with Recorder(200, {}) as proxy, Recorder(503, {}) as server:
        given: Any = ({"proxy": proxy.url}, {}) if variable == "proxy=" else ({}, {variable: proxy.url})
        assert read(name, server.url, given[0], **given[1]) == "ProviderUnavailableError"
        assert len(server.received) == 1
        assert proxy.received == []


@pytest.mark.parametrize("name", known())
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY", "proxy="])
def test_a_proxy_opens_a_tunnel_and_receives_no_key(name: str, variable: str) -> None:
    with Recorder(403, {}) as proxy:
        given: Any = ({"proxy": proxy.url}, {}) if variable == "proxy=" else ({}, {variable: proxy.url})
        assert read(name, "https://provider.invalid", given[0], **given[1]) == "ProviderUnavailableError"
        assert proxy.received
        assert all(each.startswith("CONNECT provider.invalid:443 ") for each in proxy.received)
        assert MARK not in "".join(proxy.received)


def test_a_host_in_no_proxy_has_a_direct_connection() -> None:
    with Recorder(403, {}) as proxy:
        variables = {"HTTPS_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"}
        assert read("alpaca", "https://127.0.0.1:1", **variables) == "ProviderUnavailableError"
        assert proxy.received == []


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTPS_PROXY": f"nonsense://{MARK}"},
        {"HTTPS_PROXY": f"http://user:{MARK}@[::1"},
        {"ALL_PROXY": f"socks9://user:{MARK}@x"},
        {"SSL_CERT_FILE": f"/nowhere/{MARK}"},
        {"SSL_CERT_FILE": __file__},
    ],
)
def test_an_error_names_the_invalid_variable_but_not_its_value(variables: dict[str, str]) -> None:
    keys = dict.fromkeys(known()["alpaca"].variables.values(), "a-key-of-mine")
    done = subprocess.run(
        [sys.executable, "-m", "onefolio", "accounts"],
        env=environ(**keys, **variables), capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert next(iter(variables)) in done.stderr
    assert MARK not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_context_without_verification_is_refused() -> None:
    trusting = ssl.create_default_context()
    trusting.check_hostname = False
    kind: Any = known()["alpaca"]
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="does not verify"):
            Folio(kind(**kind.demo_credentials()), ssl_context=trusting)
        trusting.verify_mode = ssl.CERT_NONE


def test_an_interrupted_contract_run_leaves_no_file(urls: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "onefolio", "contract", "alpaca", "--report", "report"],
        cwd=tmp_path, env=environ(), capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    names = {file.name for file in (tmp_path / "report").iterdir()}
    assert {"junit.xml", "calls.har", "html", "report.txt", "report.json"} <= names
    assert not [name for name in names if name.startswith(".")]

    process = subprocess.Popen(
        [sys.executable, "-m", "onefolio", "contract", "clear_street", "--profile", "nightly", "--report", "other"],
        cwd=tmp_path, env=environ(), stdout=-1, stderr=-1, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 300
        while not list(tmp_path.glob("other/.unfinished-*/calls.har")) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=300)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in errors
    assert list((tmp_path / "other").iterdir()) == []
