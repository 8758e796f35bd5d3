"""Reports of contract runs: commands that repeat requests, JUnit, drift, and no private value."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from attrs import evolve

from onefolio import Connection, mock
from onefolio.contract import DriftFound, Finding, Report
from onefolio.contract.curl import curl_command
from onefolio.contract.junit import junit_xml
from onefolio.contract.profiles import Profile
from onefolio.contract.runner import execute
from onefolio.contract.scenario import RecordedRequest
from onefolio.contract.secrets import Secrets
from onefolio.mock.asgi_app import AsgiApp, Receive, Scope, Send
from onefolio.providers.registry import known
from onefolio_runtime import BASIC, BasicScheme, Credentials

from .mutants import BUDGET, Mutant, Switch, all_mutants
from .mutants.changes import change_body
from .mutants.server import Request, Response

needs_curl = pytest.mark.skipif(not (shutil.which("bash") and shutil.which("curl")), reason="needs bash and curl")
QUICK = Profile("quick", examples=0, phases=(), followed=1, pages=5)


def connect(provider: str, url: str) -> Connection:
    kind = known()[provider]
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": url}
    return kind(**options)


@pytest.fixture
def broken(switch: Switch, urls: dict[str, str]) -> Iterator[Any]:
    """Return a function that runs the contract tests of a mutant's provider while the mutant is active."""

    def run(mutant: Mutant, profile: Profile = QUICK, folder: Path | None = None) -> Report:
        switch.mutant = mutant
        return execute(connect(mutant.provider, urls[mutant.provider]), profile, seed=1, folder=folder)

    yield run
    switch.mutant = None


# Commands that repeat a request.


class Recorder:
    """Records each request and the status of its response, without the headers in which clients differ."""

    IGNORED = frozenset({b"user-agent", b"accept-encoding", b"connection", b"x-schemathesis-testcaseid", b"host"})

    def __init__(self, served: AsgiApp) -> None:
        self.served = served
        self.seen: list[tuple[Any, ...]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def record(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = tuple(sorted(each for each in scope["headers"] if each[0] not in self.IGNORED))
                request = (scope["method"], scope["path"], scope["query_string"], headers)
                self.seen.append((*request, message["status"]))
            await send(message)

        await self.served(scope, receive, record)


# Faults that appear in different requests: with a wrong key, with a page size and a token, with another method.
SHOWN = (
    "APCA-API-KEY-ID ignored",
    "pages repeat an item",
    "page size ignored",
    "any method accepted",
    "X-API-Secret ig",
)


@needs_curl
@pytest.mark.parametrize("name", SHOWN)
def test_the_commands_of_a_finding_send_its_requests_again(
    name: str, switch: Switch, broken: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = next(each for each in all_mutants() if name in each.name)
    recorder = Recorder(switch)
    with mock.running(recorder) as urls:
        switch.mutant = mutant
        profile = evolve(BUDGET, phases=("examples",))
        report = execute(connect(mutant.provider, urls[mutant.provider]), profile, seed=1)
        sent = set(recorder.seen)
        kind = known()[mutant.provider]
        keys = {kind.variables[each]: key for each, key in kind.demo_credentials().items()}
        assert report.findings
        for finding in report.findings:
            recorder.seen.clear()
            script, environ = finding.curl, os.environ | keys
            done = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, timeout=60, check=True)
            assert len(recorder.seen) == len(script.splitlines())
            assert set(recorder.seen) <= sent
            assert recorder.seen[-1][-1] == finding.status
            assert done.stdout.startswith(b"HTTP/1.1 ")
            if finding.check == "paging_returns_every_item_once":
                assert b"page_size=" in recorder.seen[-1][2]


class BasicCredentials(Credentials):
    SCHEMES = (BasicScheme(),)


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@pytest.mark.parametrize(
    ("method", "url", "headers", "options"),
    [
        ("GET", "https://h/a?x=$HOME&y=`id`!", {"X": "q\" $(id) \\ '!"}, []),
        ("GET", "https://h/a[1]", {"X": "", "Y": "user/1 ${HOME} user/1[0] user/1:h"}, ["--globoff"]),
        ("HEAD", "https://h/%2e%2E/b", {"X": "\xe9\x01'\\"}, ["--head", "--path-as-is"]),
        ("PUT", "https://h/a?key=user/1", {"Content-Length": "0", "Accept": "text/csv"}, ["-X", "PUT"]),
        ("GET", "https://h/", {"Authorization": "KEYx", "Accept": "*/*", "User-Agent": "schemathesis/4"}, []),
    ],
)
def test_the_shell_reads_a_command_as_it_was_written(
    method: str, url: str, headers: dict[str, str], options: list[str]
) -> None:
    keys = dict(zip(BASIC, ("user/1", 'p:a"$s!word'), strict=True))
    variables = dict(zip(BASIC, ("A_USER", "A_PASSWORD"), strict=True))
    connection: Any = SimpleNamespace(credentials=BasicCredentials(**keys), variables=variables)
    header = connection.credentials.headers()["Authorization"]
    headers = {name: value.replace("KEY", header) for name, value in headers.items()}
    secrets = Secrets(connection)
    clean = secrets.clean_headers({name: [value] for name, value in headers.items()})
    command = curl_command(RecordedRequest("", method, secrets.clean(url), clean, 0), secrets.in_shell)
    assert "word" not in command
    assert command.isascii()
    assert command.isprintable()
    script = f"curl() {{ printf '%s\\0' \"$@\"; }}; {command}"
    environ = {variables[name]: key for name, key in keys.items()} | {"PATH": os.environ["PATH"]}
    shown = subprocess.run(["bash", "-c", script], env=environ, capture_output=True, timeout=60, check=True).stdout
    arguments = [each.decode("latin-1") for each in shown.split(b"\0")[:-1]]
    kept = {name: value for name, value in headers.items() if value not in ("*/*", "schemathesis/4")}
    stated = [part for name, value in kept.items() for part in ("-H", f"{name}: {value}" if value else f"{name};")]
    assert arguments == ["-i", *options, *stated, url]


# Methods that are not used, and faults that occur from time to time.


def fault(provider: str, name: str, change: Any) -> Mutant:
    return Mutant(provider, "", r".*", name, "response", change)


def test_an_error_without_a_form_for_a_method_that_is_not_used_is_no_finding(broken: Any) -> None:
    async def refuse(request: Request) -> Response:
        response: Response = await request.forward(request.scope)
        if request.scope["method"] in ("GET", "HEAD"):
            return response
        status = {"TRACE": 501, "DELETE": 500}.get(request.scope["method"], 405)
        return Response(status, {"content-type": "text/html"}, b"<html>")

    report = broken(fault("conduit", "errors of a proxy", refuse), BUDGET)
    assert (report.findings, report.drifts) == ((), ())


@pytest.mark.parametrize("repeats", [1, 8])
def test_a_fault_that_occurs_from_time_to_time_is_found_by_repeats(repeats: int, broken: Any) -> None:
    calls: list[int] = []

    def break_some(body: Any) -> Any:
        calls.append(len(calls))
        return {} if len(calls) == 8 else body

    profile = Profile("more", examples=0, phases=(), repeats=repeats)
    report = broken(fault("alpaca", "an intermittent fault", change_body(break_some)), profile)
    assert report.tried["GET /v2/account"]["walk"] == repeats
    assert bool(report.findings) == (repeats > 1)


# Drift and private values.


def test_no_report_contains_the_value_of_an_undocumented_field(broken: Any, tmp_path: Path) -> None:
    canary = "1957-03-04-canary"

    def extend(value: Any) -> Any:
        for below in value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []:
            extend(below)
        if isinstance(value, dict):
            value |= {f"new_{number}": canary for number in range(25)} | {"date_of_birth": {"value": [canary]}}
            if "status" in value:
                value |= {"status": f"WORD_{len(str(value)) % 3}", "equity": 1.5}
        return value

    for provider in known():
        report = broken(fault(provider, "new fields", change_body(extend)), QUICK, tmp_path / provider)
        texts = {path: path.read_bytes() for path in (tmp_path / provider).rglob("*") if path.is_file()}
        assert len(texts) == 5
        assert not [path for path, text in texts.items() if canary.encode() in text]
        assert canary not in repr(report)
        variables = [f"${{{each}}}" for each in known()[provider].variables.values()]
        calls = (tmp_path / provider / "calls.har").read_text()
        assert all(each in calls for each in variables)
        assert "Filtered" not in calls
    words = [each.first for each in report.drifts if each.kind == "unknown value"]
    assert len(words) == len(set(words))


def test_drift_is_capped_and_in_junit(tmp_path: Path) -> None:
    finding = Finding(
        "GET /a", "money_is_decimal_string", "Money\x1b", "/0:\x07 got\n1.5", "walk", 3, "curl 1\ncurl 2", 200
    )
    drifts = [DriftFound("GET /a", f"/{number}", "undocumented field", "null", 2) for number in range(23)]
    report = Report(
        "p", "http://h", "ci", 1, 2.5, {"GET /a": {"walk": 3}, "GET /a/{b}": {}},
        findings=(finding, finding), drifts=tuple(drifts), further_drifts=7, notes=("GET /a/{b} was not tested",),
        untested={"GET /a/{b}": "was not tested"}, checks=("body_matches_contract", "money_is_decimal_string"),
    )  # fmt: skip
    text = report.to_text()
    assert text.count("  drifted  ") == 21
    assert "drifted  and 3 more kinds, 6 times; report.json lists them" in text
    assert "drift of further kinds, 7 times" in text
    assert json.loads(report.to_json())["drifts"][22]["pointer"] == "/22"

    (suite,) = ElementTree.fromstring(junit_xml(report, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)))
    # The order and the attributes that Ant's schema requires.
    assert [each.tag for each in suite] == ["properties", *["testcase"] * 4, "system-out", "system-err"]
    assert {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"} <= set(
        suite.keys()
    )
    assert (suite.get("timestamp"), suite.get("time")) == ("2026-01-02T03:04:05", "2.500")
    assert [suite.get(each) for each in ("tests", "failures", "errors", "skipped")] == ["4", "1", "0", "2"]
    cases = suite.findall("testcase")
    assert [each.get("classname") for each in cases] == ["p.GET /a"] * 2 + ["p.GET /a/{b}"] * 2
    assert [[below.tag for below in each] for each in cases] == [[], ["failure"], ["skipped"], ["skipped"]]
    (failure,) = cases[1]
    assert failure.get("message") == "Money\\x1b: /0:\\x07 got 1.5 (walk, 3 cases) (and 1 more finding)"
    assert "\nReproduce:\ncurl 1\ncurl 2" in (failure.text or "")
    assert (suite.findtext("system-out") or "").count("drift: GET /a: ") == 21
