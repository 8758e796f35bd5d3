"""The command line: what it prints, for people and for programs, and how it ends."""

import csv
import io
import json
import signal
import socket
import subprocess

import pytest

from onefolio import mock
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import BARE, COMMAND, run


@pytest.mark.parametrize("table", ["accounts", "balances", "positions"])
def test_json_and_csv_hold_the_same_rows_as_text(table: str, servers: dict[str, str]) -> None:
    done = run(table, "--format", "json", environ=servers)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    rows = json.loads(done.stdout, parse_float=lambda text: pytest.fail(f"a float: {text}"))
    flat = list(csv.DictReader(io.StringIO(run(table, "--format", "csv", environ=servers).stdout)))
    assert len(rows) == len(flat) > 0
    for row, text in zip(rows, flat, strict=True):
        assert "raw" not in row
        for name, value in row.items():
            if name != "option" and (isinstance(value, str) or value is None):
                assert text[name] == (value or "")


def test_a_snapshot_is_one_object_of_four_arrays(servers: dict[str, str]) -> None:
    found = json.loads(run("snapshot", "--format", "json", environ=servers).stdout)
    assert {name: type(rows) for name, rows in found.items()} == dict.fromkeys(
        ("accounts", "balances", "positions", "failures"), list
    )
    assert found["failures"] == []


def test_a_snapshot_as_csv_wants_to_know_which_table(servers: dict[str, str]) -> None:
    refused = run("snapshot", "--format", "csv", environ=servers)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--table" in refused.stderr
    chosen = run("snapshot", "--format", "csv", "--table", "positions", environ=servers)
    assert chosen.stdout == run("positions", "--format", "csv", environ=servers).stdout


def test_the_tables_hold_every_provider_and_the_totals_of_the_documents(servers: dict[str, str]) -> None:
    done = run("snapshot", environ=servers)
    assert done.returncode == 0, done.stderr
    for provider in known():
        assert provider in done.stdout
    totals = next(line for line in done.stdout.splitlines() if line.split()[:2] == ["USD", "3"])
    # 122086.5 + 70000.00 + 60000.00, 123346.11 + 2 * 100000.00, 1259.61 + 40000.00 + 30000.00, 0 - 10000.00 + 0
    for figure in ("252,086.50", "323,346.11", "71,259.61", "-10,000.00"):
        assert figure in totals
    apart = done.stdout.partition("Unit or asset unknown")[2]
    assert "1,400.00" in apart
    assert "1,400.00" not in totals


def test_a_name_is_shown_as_it_is_and_commands_nothing(onefolio_mock: RunningMock) -> None:
    def rename(body: dict[str, list[dict[str, str]]]) -> object:
        body["data"][0]["full_name"] = "Fund [bold]A[/bold] :smile: \x1b[31mred"
        return body

    onefolio_mock.answers.change("getAccounts", rename)
    shown = run("accounts", environ=onefolio_mock.environ).stdout
    assert "Fund [bold]A[/bold] :smile: \ufffd[31mred" in shown
    assert "\x1b" not in shown


def test_one_connection_can_be_chosen(servers: dict[str, str]) -> None:
    for provider in known():
        rows = json.loads(run("accounts", "-c", provider, "-f", "json", environ=servers).stdout)
        assert {row["connection"] for row in rows} == {provider}


def test_doctor_tells_what_is_set_and_whether_it_works(servers: dict[str, str]) -> None:
    done = run("doctor", environ=servers)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("works") == len(known())
    findings = json.loads(run("doctor", "--format", "json", environ=servers).stdout)
    assert [finding["server"] for finding in findings] == [
        servers[known()[each["provider"]].base_url_variable] for each in findings
    ]


def test_doctor_has_its_findings_as_csv(servers: dict[str, str]) -> None:
    lines = list(csv.DictReader(io.StringIO(run("doctor", "--format", "csv", environ=servers).stdout)))
    findings = json.loads(run("doctor", "--format", "json", environ=servers).stdout)
    assert [line["result"] for line in lines] == [finding["result"] for finding in findings]
    assert [json.loads(line["variables"]) for line in lines] == [finding["variables"] for finding in findings]


def test_doctor_never_prints_a_secret(servers: dict[str, str]) -> None:
    secrets = {name: f"s3cr3t-{name}" for kind in known().values() for name in kind.variables.values()}
    done = run("doctor", environ={**servers, **secrets})
    assert done.returncode == 1, "the mock refuses these keys"
    assert "AuthenticationError" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr


def test_without_variables_it_says_which_to_set() -> None:
    done = run("accounts", environ={})
    assert (done.returncode, done.stdout) == (2, "")
    for kind in known().values():
        assert all(name in done.stderr for name in kind.variables.values())
    assert run("doctor", environ={}).returncode == 2


def test_half_a_key_pair_is_named() -> None:
    kind = next(kind for kind in known().values() if len(kind.variables) > 1)
    present, missing = list(kind.variables.values())[:2]
    for command in ("accounts", "doctor"):
        done = run(command, environ={present: "s3cr3t-half"})
        assert done.returncode == 2
        assert missing in done.stdout + done.stderr
        assert "s3cr3t" not in done.stdout + done.stderr


@pytest.mark.parametrize("url", ["http://example.com", "ftp://x", "nonsense", "https://", "http://127.0.0.1:99999"])
def test_a_base_url_that_cannot_be_used_is_refused_before_anything_is_sent(url: str) -> None:
    kind = next(iter(known().values()))
    keys = dict.fromkeys(kind.variables.values(), "key")
    done = run("accounts", environ={**keys, kind.base_url_variable: url})
    assert done.returncode == 2
    assert kind.base_url_variable in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["accounts", "--connection", "nobody"], ["accounts", "--format", "xml"], ["nothing"], ["mock", "--port", "70000"]],
)
def test_wrong_use_ends_with_2_and_no_traceback(arguments: list[str], servers: dict[str, str]) -> None:
    done = run(*arguments, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_provider_has_not_is_refused(servers: dict[str, str]) -> None:
    lacking = next(name for name, kind in known().items() if "positions" not in kind.capabilities)
    done = run("positions", "--connection", lacking, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")
    assert "positions" in done.stderr


def test_a_failing_provider_is_told_on_standard_error_and_the_rest_is_printed(servers: dict[str, str]) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        gone = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        failing, *working = known()
        done = run("accounts", "-f", "json", environ={**servers, known()[failing].base_url_variable: gone})
    assert done.returncode == 1
    assert {row["connection"] for row in json.loads(done.stdout)} == set(working)
    assert failing in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("mock", "--port", str(taken.getsockname()[1]), environ={})
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_mock_starts_with_its_urls_and_stops_cleanly(sent: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "mock", "--port", "0"], env=BARE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert set(json.loads(process.stdout.readline())) == set(known())
    process.send_signal(sent)
    _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (code, "")


def test_ctrl_c_while_reading_stops_with_130() -> None:
    with mock.running(latency_ms=60_000) as urls:
        servers = {known()[provider].base_url_variable: url for provider, url in urls.items()}
        process = subprocess.Popen(
            [*COMMAND, "snapshot"], env={**BARE, **servers}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
