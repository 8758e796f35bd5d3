"""The contract run: quiet on the clean mock, loud on faults, one line on what is no API at all."""

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from onefolio import ConfigurationError, Connection
from onefolio.contract import run
from onefolio.contract import runner as run_module
from onefolio.contract.profiles import POLITE
from onefolio.contract.runner import execute
from onefolio.mock import app, running
from onefolio.providers.registry import known

from .mutants import BUDGET, Switch, all_mutants, judge

PROVIDERS = list(known())
MUTANTS = all_mutants()
BREAKING = [each for each in MUTANTS if each.is_breaking]
SAMPLE = BREAKING[::12]
CANARY = "CANARY/4f9a+7c21"


def connection_to(provider: str, url: str, **keys: str) -> Connection:
    kind = known()[provider]
    options: dict[str, Any] = {**(keys or kind.demo_credentials()), "base_url": url}
    return kind(**options)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_clean_mock_conforms(provider: str, seed: int, urls: dict[str, str]) -> None:
    report = execute(connection_to(provider, urls[provider]), evolve(BUDGET, examples=20), seed=seed)
    assert (report.findings, report.drifts, report.notes) == ((), (), ())
    assert report.exit_code == 0
    assert "conforms" in report.to_text()


def test_the_mock_is_started_and_a_seed_tries_the_same_again() -> None:
    first, second = (run(PROVIDERS[0], seed=5) for _ in range(2))
    assert first.tried == second.tried
    assert first.exit_code == second.exit_code == 0


@pytest.mark.parametrize("mutant", SAMPLE, ids=str)
def test_a_breaking_fault_is_found(mutant: Any, switch: Switch, urls: dict[str, str]) -> None:
    outcome = judge(switch, urls, mutant)
    assert outcome.contract
    assert mutant.kind != "response" or outcome.run_time not in ("", "drift")


@pytest.mark.parametrize("mutant", [each for each in MUTANTS if not each.is_breaking][::2], ids=str)
def test_an_addition_only_drifts(mutant: Any, switch: Switch, urls: dict[str, str]) -> None:
    outcome = judge(switch, urls, mutant)
    assert (outcome.contract, outcome.drifts > 0) == ("", True)


def test_there_are_enough_faults_for_every_operation() -> None:
    assert len(BREAKING) >= 60
    operations = {f"{name} {each['operationId']}" for name, kind in known().items() for each in _operations(kind)}
    assert {f"{each.provider} {each.operation}" for each in BREAKING} == operations


def _operations(kind: type[Connection]) -> Iterator[Any]:
    return (item["get"] for item in kind.contract.spec["paths"].values())


def test_the_report_says_what_failed_how_to_see_it_again_and_what_to_do(switch: Switch, urls: dict[str, str]) -> None:
    mutant = next(each for each in BREAKING if each.name == "money as a float")
    switch.mutant = mutant
    try:
        report = execute(connection_to(mutant.provider, urls[mutant.provider]), BUDGET, seed=1)
    finally:
        switch.mutant = None
    text = report.to_text()
    assert report.exit_code == 1
    assert "FAILED   Money is not a decimal text" in text
    assert "curl -i -H" in text
    assert all(f"${variable}" in text for variable in known()[mutant.provider].variables.values())
    assert "next: " in text
    assert json.loads(report.to_json())["findings"][0]["curl"].startswith("curl")


# What is no API.


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
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


def drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(30):
        try:
            handler.wfile.write(b" ")
        except OSError:
            return
        time.sleep(0.1)


NO_API: dict[str, tuple[Callable[[BaseHTTPRequestHandler], None], str]] = {
    "hangs": (lambda _: time.sleep(3), "does not answer within 0.5 seconds"),
    "drips": (drip, "does not answer within 0.5 seconds"),
    "closes": (lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), "cannot be reached"),
    "redirects": (lambda handler: send(handler, 302, b"", Location="https://example.com/"), "redirects to https"),
    "HTML": (lambda handler: send(handler, 200, b"<html>", Content_Type="text/html"), "text/html and not with JSON"),
}


@pytest.mark.parametrize("case", NO_API)
def test_a_server_that_is_no_api_is_told_in_one_line(case: str) -> None:
    answer, expected = NO_API[case]
    with serving(answer) as url, pytest.raises(ConfigurationError, match=expected) as raised:
        run(PROVIDERS[0], base_url=url, timeout=0.5)
    assert "\n" not in str(raised.value)


def test_nobody_listens() -> None:
    with pytest.raises(ConfigurationError, match="cannot be reached"):
        run(PROVIDERS[0], base_url="http://127.0.0.1:9")


def test_what_is_asked_for_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="unknown provider 'nobody'"):
        run("nobody")
    with pytest.raises(ConfigurationError, match="unknown profile 'weekly'"):
        run(PROVIDERS[0], profile="weekly")  # type: ignore[arg-type]
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot write the report"):
        run(PROVIDERS[0], report=tmp_path / "file" / "below")
    for variable in known()[PROVIDERS[0]].variables.values():
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(ConfigurationError, match="wants your keys"):
        run(PROVIDERS[0], live=True)
    monkeypatch.setitem(__import__("sys").modules, "schemathesis", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[contract\]"'):
        run(PROVIDERS[0])


# Secrets.


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("profile", [BUDGET, evolve(POLITE, interval=0)], ids=["ci", "polite"])
def test_keys_are_in_no_file_text_or_error(provider: str, profile: Any, tmp_path: Path, capfd: Any) -> None:
    """The server sends back everything it gets: in bodies, in headers, and in the place it redirects to."""
    keys = {name: f"{CANARY}-{name}" for name in known()[provider].variables}

    def echo(handler: BaseHTTPRequestHandler) -> None:
        got = dict(handler.headers.items())
        send(
            handler,
            200,
            json.dumps({"echo": got, "url": handler.path}).encode(),
            Content_Type="application/json",
            X_Echo=" ".join(got.values()),
        )

    with serving(echo) as url:
        report = execute(connection_to(provider, url, **keys), profile, seed=1, folder=tmp_path)
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
        execute(connection_to(provider, url, **keys), profile, seed=1)
    assert CANARY not in str(raised.value)


def _forms(secret: str) -> list[bytes]:
    encoded = [base64.b64encode(b" " * shift + secret.encode())[4:-4] for shift in range(3)]
    return [secret.encode(), secret.replace("/", "%2F").encode(), secret.replace("/", "\\/").encode(), *encoded]


# The polite profile.


class Recording:
    """The mock, with what it was asked and answered kept; it may refuse the first requests."""

    def __init__(self, refusals: int = 0, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        self.served = app(accounts=25, positions=7)
        self.asked: list[tuple[str, str, str, int]] = []
        self.times: list[float] = []
        self.refusals = refusals
        self.headers = headers

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        statuses: list[int] = []

        async def record(message: Any) -> None:
            statuses.append(message.get("status", 0))
            await send(message)

        self.times.append(time.monotonic())
        if self.refusals:
            self.refusals -= 1
            body = b"{}"
            json_type = (b"content-type", b"application/json")
            length = (b"content-length", b"2")
            await record({"type": "http.response.start", "status": 429, "headers": [json_type, length, *self.headers]})
            await record({"type": "http.response.body", "body": body})
        else:
            await self.served(scope, receive, record)
        self.asked.append((scope["method"], scope["path"], scope["query_string"].decode(), statuses[0]))


def live(provider: str, url: str, monkeypatch: pytest.MonkeyPatch, **options: Any) -> Any:
    kind = known()[provider]
    monkeypatch.setenv(kind.base_url_variable, url)
    for name, secret in kind.demo_credentials().items():
        monkeypatch.setenv(kind.variables[name], secret)
    return run(provider, live=True, **options)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_real_server_gets_a_few_valid_gets(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "POLITE", evolve(POLITE, interval=0.02))
    recording = Recording()
    with running(recording) as urls:
        report = live(provider, urls[provider], monkeypatch)
    assert report.exit_code == 0
    assert report.profile == "polite"
    assert report.notes == ()
    assert {(method, status) for method, _, _, status in recording.asked} == {("GET", 200)}
    assert 1 <= len(recording.asked) <= 40
    paths = known()[provider].contract.spec["paths"]
    assert len({path for _, path, _, _ in recording.asked}) >= len(paths)
    # The first one only looks whether the server is there.
    gaps = [after - before for before, after in zip(recording.times[1:], recording.times[2:], strict=False)]
    assert all(gap > 0.015 for gap in gaps)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_too_many_requests_is_waited_for_and_no_failure(provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    recording = Recording(3, ((b"retry-after", b"7"),))
    with running(recording) as urls:
        report = live(provider, urls[provider], monkeypatch)
    assert report.exit_code == 0
    assert report.notes == ()
    assert waits.count(7.0) == 3


def test_a_server_that_goes_on_refusing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("time.sleep", waits.append)
    with running(Recording(10**6)) as urls, pytest.raises(ConfigurationError, match="nothing, or not now"):
        live(PROVIDERS[0], urls[PROVIDERS[0]], monkeypatch)
    assert 20 < sum(waits) < 600


def test_refused_keys_are_told_in_one_line(monkeypatch: pytest.MonkeyPatch, urls: dict[str, str]) -> None:
    kind = known()[PROVIDERS[0]]
    monkeypatch.setenv(kind.base_url_variable, urls[PROVIDERS[0]])
    for variable in kind.variables.values():
        monkeypatch.setenv(variable, CANARY)
    with pytest.raises(ConfigurationError, match=r"refuses the keys \(401\)") as raised:
        run(PROVIDERS[0], live=True)
    assert CANARY not in str(raised.value)
