"""Contract runs: no finding on the mock, findings on faults, and one-line errors for servers without an API."""

import base64
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from onefolio import ConfigurationError, Connection
from onefolio.contract import preflight, run, sender
from onefolio.contract.profiles import POLITE, PROFILES
from onefolio.contract.runner import execute
from onefolio.providers.registry import known

from .mutants import BUDGET, Switch, all_mutants, judge

PROVIDERS = list(known())
MUTANTS = all_mutants()
BREAKING = [mutant for mutant in MUTANTS if mutant.is_breaking]
SAMPLE = BREAKING[::13]
CANARY = "CANARY/4f9a+7c21"


def connect(provider: str, url: str, **keys: str) -> Connection:
    kind = known()[provider]
    options: dict[str, Any] = {**(keys or kind.demo_credentials()), "base_url": url}
    return kind(**options)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_mock_conforms(provider: str, seed: int, urls: dict[str, str]) -> None:
    report = execute(connect(provider, urls[provider]), evolve(PROFILES["ci"], followed=3), seed=seed)
    assert (report.findings, report.drifts, report.notes) == ((), (), ())
    assert report.exit_code == 0
    assert "conforms" in report.to_text()


def test_a_seed_repeats_a_run_and_the_mock_is_started() -> None:
    first, second = (run(PROVIDERS[0], seed=5) for _ in range(2))
    assert first.tried == second.tried
    assert first.exit_code == second.exit_code == 0


@pytest.mark.parametrize("mutant", SAMPLE, ids=str)
def test_a_breaking_fault_is_found(mutant: Any, switch: Switch, urls: dict[str, str]) -> None:
    outcome = judge(switch, urls, mutant)
    assert outcome.contract
    assert mutant.kind != "response" or outcome.is_noticed


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if not mutant.is_breaking][::3], ids=str)
def test_an_addition_is_drift_only(mutant: Any, switch: Switch, urls: dict[str, str]) -> None:
    outcome = judge(switch, urls, mutant)
    assert (outcome.contract, outcome.drifts > 0) == ("", True)


def test_there_are_faults_for_every_operation() -> None:
    assert len(BREAKING) >= 60
    operations = {f"{name} {each['operationId']}" for name, kind in known().items() for each in _operations(kind)}
    assert {f"{mutant.provider} {mutant.operation}" for mutant in BREAKING} == operations


def _operations(kind: type[Connection]) -> Iterator[Any]:
    return (item["get"] for item in kind.contract.spec["paths"].values())


def test_the_report_contains_the_failure_a_curl_command_and_advice(switch: Switch, urls: dict[str, str]) -> None:
    mutant = next(mutant for mutant in BREAKING if mutant.name == "money as a float")
    switch.mutant = mutant
    try:
        report = execute(connect(mutant.provider, urls[mutant.provider]), BUDGET, seed=1)
    finally:
        switch.mutant = None
    text = report.to_text()
    assert report.exit_code == 1
    assert "FAILED   Money is not a decimal string [money_is_decimal_string; " in text
    assert "curl -i -H" in text
    assert all(f"${variable}" in text for variable in known()[mutant.provider].variables.values())
    assert "next: run the curl command of the first finding" in text
    assert json.loads(report.to_json())["findings"][0]["curl"].startswith("curl")


# Servers without an API.


@contextmanager
def serving(respond: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            respond(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def hang(handler: BaseHTTPRequestHandler) -> None:
    """Send nothing until the client closes the connection."""
    handler.rfile.read(1)


def drip(handler: BaseHTTPRequestHandler) -> None:
    """Send a byte at a time until the client closes the connection."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    handler.connection.settimeout(0.05)
    is_open = True
    while is_open:
        try:
            handler.wfile.write(b" ")
            is_open = bool(handler.connection.recv(1))
        except TimeoutError:
            continue
        except OSError:
            is_open = False


SILENT: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {"hangs": hang, "drips": drip}

NO_API: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "closes": (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), "cannot be reached"),
    "redirects": (lambda handler: send(handler, 302, b"", Location="https://example.com/"), "redirects to https"),
    "HTML": (lambda handler: send(handler, 200, b"<html>", Content_Type="text/html"), "text/html instead of JSON"),
}


@pytest.mark.parametrize("case", SILENT)
def test_a_server_that_does_not_respond_raises_a_one_line_error(case: str) -> None:
    expected = "does not respond within 0.2 seconds"
    with serving(SILENT[case]) as url, pytest.raises(ConfigurationError, match=expected) as raised:
        run(PROVIDERS[0], base_url=url, timeout=0.2)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("case", NO_API)
def test_a_server_without_an_api_raises_a_one_line_error(case: str) -> None:
    respond, expected = NO_API[case]
    with serving(respond) as url, pytest.raises(ConfigurationError, match=expected) as raised:
        run(PROVIDERS[0], base_url=url)
    assert "\n" not in str(raised.value)


def test_an_unreachable_server_raises_an_error() -> None:
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        run(PROVIDERS[0], base_url="http://127.0.0.1:9")


def test_invalid_arguments_raise_errors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown provider 'nobody'"):
        run("nobody")
    with pytest.raises(ConfigurationError, match="unknown profile 'weekly'"):
        run(PROVIDERS[0], profile="weekly")  # type: ignore[arg-type]
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot write the report"):
        run(PROVIDERS[0], report=tmp_path / "file" / "below")
    for variable in known()[PROVIDERS[0]].variables.values():
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigurationError, match="needs your keys"):
        run(PROVIDERS[0], live=True)


def test_a_missing_package_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "onefolio.contract.schemathesis_adapter", raising=False)
    monkeypatch.setitem(sys.modules, "schemathesis", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[contract\]"'):
        run(PROVIDERS[0])


# Secrets.


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("profile", [BUDGET, evolve(POLITE, interval=0)], ids=["ci", "polite"])
def test_keys_are_in_no_file_text_or_error(provider: str, profile: Any, tmp_path: Path, capfd: Any) -> None:
    """The server returns everything that it receives: in bodies, in headers and in the target of a redirect."""
    keys = {name: f"{CANARY}-{name}" for name in known()[provider].variables}

    def echo(handler: BaseHTTPRequestHandler) -> None:
        received = dict(handler.headers.items())
        send(
            handler,
            200,
            json.dumps({"echo": received, "url": handler.path}).encode(),
            Content_Type="application/json",
            X_Echo=" ".join(received.values()),
        )

    with serving(echo) as url:
        report = execute(connect(provider, url, **keys), profile, seed=1, folder=tmp_path)
    assert report.exit_code == 1
    written = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path.name for path in written} >= {"junit.xml", "calls.har", "index.html", "report.txt", "report.json"}
    texts = [*written.values(), report.to_text().encode(), report.to_json().encode(), repr(report).encode()]
    for form in _forms(CANARY):
        assert not [path for path, text in written.items() if form in text]
        assert not any(form in text for text in texts)
    assert CANARY not in "".join(capfd.readouterr())

    def redirect(handler: BaseHTTPRequestHandler) -> None:
        send(handler, 302, b"", Location="/?" + "&".join(handler.headers.values()))

    with serving(redirect) as url, pytest.raises(ConfigurationError) as raised:
        execute(connect(provider, url, **keys), profile, seed=1)
    assert CANARY not in str(raised.value)


def _forms(secret: str) -> list[bytes]:
    encoded = [base64.b64encode(b" " * shift + secret.encode())[4:-4] for shift in range(3)]
    return [secret.encode(), secret.replace("/", "%2F").encode(), secret.replace("/", "\\/").encode(), *encoded]


# The polite profile.


class Clock:
    """Replaces the module `time` in the sender; time passes only in `sleep`."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.waits: list[float] = []

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(sender, "time", clock)
    monkeypatch.setattr(preflight, "time", clock)
    return clock


class Recording:
    """Records the requests to an application and the statuses of the responses; may reject the first requests."""

    def __init__(self, served: Any, clock: Clock) -> None:
        self._served = served
        self._clock = clock
        self.requests: list[tuple[str, str, str, int]] = []
        self.times: list[float] = []
        self.rejections = 0
        self.headers: tuple[tuple[bytes, bytes], ...] = ()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def record(message: Any) -> None:
            # Recorded before it is sent, because the client may go on as soon as it has the response.
            if message["type"] == "http.response.start":
                query = scope["query_string"].decode()
                self.requests.append((scope["method"], scope["path"], query, message["status"]))
            await send(message)

        self.times.append(self._clock.monotonic())
        if self.rejections:
            self.rejections -= 1
            json_type = (b"content-type", b"application/json")
            length = (b"content-length", b"2")
            await record({"type": "http.response.start", "status": 429, "headers": [json_type, length, *self.headers]})
            await record({"type": "http.response.body", "body": b"{}"})
        else:
            await self._served(scope, receive, record)


@pytest.fixture
def recording(switch: Switch, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Recording:
    recording = Recording(switch.served, clock)
    monkeypatch.setattr(switch, "served", recording)
    return recording


@pytest.fixture
def run_live(urls: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def run_live(provider: str) -> Any:
        kind = known()[provider]
        monkeypatch.setenv(kind.base_url_variable, urls[provider])
        for name, secret in kind.demo_credentials().items():
            monkeypatch.setenv(kind.variables[name], secret)
        return run(provider, live=True)

    return run_live


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_real_server_gets_a_few_valid_requests(
    provider: str, recording: Recording, run_live: Callable[..., Any]
) -> None:
    report = run_live(provider)
    assert report.exit_code == 0
    assert report.profile == "polite"
    assert report.notes == ()
    assert {(method, status) for method, _, _, status in recording.requests} == {("GET", 200)}
    assert 1 <= len(recording.requests) <= 40
    paths = known()[provider].contract.spec["paths"]
    assert len({path for _, path, _, _ in recording.requests}) >= len(paths)
    gaps = [after - before for before, after in zip(recording.times, recording.times[1:], strict=False)]
    assert gaps
    assert all(gap >= POLITE.interval for gap in gaps)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_429_is_waited_for_and_is_no_failure(
    provider: str, recording: Recording, clock: Clock, run_live: Callable[..., Any]
) -> None:
    recording.rejections, recording.headers = 3, ((b"retry-after", b"7"),)
    report = run_live(provider)
    assert report.exit_code == 0
    assert report.notes == ()
    assert clock.waits.count(7.0) == 3


def test_a_server_that_rejects_every_request_ends_the_run(
    recording: Recording, clock: Clock, run_live: Callable[..., Any]
) -> None:
    recording.rejections = 10**6
    with pytest.raises(ConfigurationError, match="rejected every request"):
        run_live(PROVIDERS[0])
    assert 20 < sum(clock.waits) < 600


def test_rejected_keys_raise_a_one_line_error(monkeypatch: pytest.MonkeyPatch, urls: dict[str, str]) -> None:
    kind = known()[PROVIDERS[0]]
    monkeypatch.setenv(kind.base_url_variable, urls[PROVIDERS[0]])
    for variable in kind.variables.values():
        monkeypatch.setenv(variable, CANARY)
    with pytest.raises(ConfigurationError, match=r"rejects the keys \(HTTP 401\)") as raised:
        run(PROVIDERS[0], live=True)
    assert CANARY not in str(raised.value)
