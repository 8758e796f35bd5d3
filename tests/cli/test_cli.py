"""The output of commands, for people and for programs, and their exit codes."""

import csv
import io
import json
import re
import signal
import socket
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
import typer

from onefolio.cli.commands import app
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import BARE, COMMAND, run, run_process


@pytest.mark.parametrize("table", ["accounts", "balances", "positions"])
def test_json_and_csv_contain_the_same_rows_as_strings(table: str, servers: dict[str, str]) -> None:
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


def test_a_snapshot_is_one_object_of_its_state_and_four_arrays(servers: dict[str, str]) -> None:
    found = json.loads(run("snapshot", "--format", "json", environ=servers).stdout)
    assert datetime.fromisoformat(found.pop("taken_at")).tzinfo
    assert found.pop("complete") is True
    assert {name: type(rows) for name, rows in found.items()} == dict.fromkeys(
        ("accounts", "balances", "positions", "failures"), list
    )
    assert found["failures"] == []


def test_a_snapshot_as_csv_requires_a_table(servers: dict[str, str]) -> None:
    rejected = run("snapshot", "--format", "csv", environ=servers)
    assert (rejected.returncode, rejected.stdout) == (2, "")
    assert "--table" in rejected.stderr
    chosen = run("snapshot", "--format", "csv", "--table", "positions", environ=servers)
    assert chosen.stdout == run("positions", "--format", "csv", environ=servers).stdout


def test_the_tables_contain_every_provider_and_the_totals_of_the_examples(servers: dict[str, str]) -> None:
    done = run("snapshot", environ=servers)
    assert done.returncode == 0, done.stderr
    for provider in known():
        assert provider in done.stdout
    totals = next(line for line in done.stdout.splitlines() if line.split()[:2] == ["USD", "3"])
    # 122086.5 + 70000.00 + 60000.00, 123346.11 + 2 * 100000.00, 1259.61 + 40000.00 + 30000.00, 0 - 10000.00 + 0
    for figure in ("252,086.50", "323,346.11", "71,259.61", "-10,000.00"):
        assert figure in totals
    excluded = done.stdout.partition("Unit or asset unknown")[2]
    assert "1,400.00" in excluded
    assert "1,400.00" not in totals


def test_a_name_is_printed_without_markup_and_control_characters(onefolio_mock: RunningMock) -> None:
    def rename(body: dict[str, list[dict[str, str]]]) -> object:
        body["data"][0]["full_name"] = "Fund [bold]A[/bold] :smile: \x1b[31mred"
        return body

    onefolio_mock.answers.change("getAccounts", rename)
    shown = run("accounts", environ=onefolio_mock.environ).stdout
    assert "Fund [bold]A[/bold] :smile: \ufffd[31mred" in shown
    assert "\x1b" not in shown


def test_one_connection_can_be_selected(servers: dict[str, str]) -> None:
    for provider in known():
        rows = json.loads(run("accounts", "-c", provider, "-f", "json", environ=servers).stdout)
        assert {row["connection"] for row in rows} == {provider}


def test_the_option_connection_is_repeatable_for_every_command_that_has_it(
    servers: dict[str, str], tmp_path: Path
) -> None:
    first, second, *_ = [name for name, kind in known().items() if "positions" in kind.capabilities]
    both = ["-c", second, "--connection", first, "-f", "json"]
    for command in ("accounts", "balances", "positions"):
        rows = json.loads(run(command, *both, environ=servers).stdout)
        assert {row["connection"] for row in rows} == {first, second}
        again = run(command, "-f", "json", environ={**servers, "ONEFOLIO_CONNECTION": f"{first} {second}"})
        assert json.loads(again.stdout) == rows
    for command in ("totals", "exposure"):
        rows = json.loads(run(command, "--by", "connection", *both, environ=servers).stdout)
        assert {row["connection"] for row in rows} == {first, second}
    file = tmp_path / "s.json"
    file.write_text(run("snapshot", *both, environ=servers).stdout)
    assert {row["connection"] for row in json.loads(file.read_text())["accounts"]} == {first, second}
    (compared,) = {
        sum(
            json.loads(run("diff", str(file), str(file), "-f", "json", *options, environ={}).stdout)[
                "compared"
            ].values()
        )
        for options in ([], ["-c", first, "-c", second])
    }
    assert compared > 0
    for each in typer.main.get_group(app).commands.values():
        assert [option.multiple for option in each.params if "--connection" in option.opts] in ([], [True]), each.name
    lacking = next(name for name, kind in known().items() if "positions" not in kind.capabilities)
    for wrong in (["-c", first, "-c", lacking], ["-c", first, "-c", "unknown"]):
        done = run("positions", *wrong, environ=servers)
        assert (done.returncode, done.stdout) == (2, "")
        assert wrong[-1] in done.stderr


def test_a_connection_that_is_not_configured_is_named_with_its_variables(servers: dict[str, str]) -> None:
    for name, kind in known().items():
        others = {variable: url for variable, url in servers.items() if variable != kind.base_url_variable}
        done = run("accounts", "-c", name, environ=others)
        assert (done.returncode, done.stdout) == (2, "")
        assert [each for each in (name, *kind.variables.values(), f"[{name}]") if each not in done.stderr] == []


@pytest.mark.parametrize("format", ["table", "json", "csv"])
@pytest.mark.parametrize("command", ["accounts", "positions", "totals", "exposure", "snapshot --table balances"])
def test_rows_that_could_not_be_read_are_not_printed_as_an_empty_list(
    command: str, format: str, onefolio_mock: RunningMock
) -> None:
    onefolio_mock.answers.answer("getAccounts", status=403)
    name = next(name for name, kind in known().items() if kind.base_url_variable == "CLEAR_STREET_BASE_URL")
    done = run(*command.split(), "-c", name, "-f", format, environ=onefolio_mock.environ)
    assert done.returncode == 1
    if format == "json":
        found = json.loads(done.stdout)
        assert (found["complete"], [each["connection"] for each in found["failures"]]) == (False, [name])
    elif format == "csv":
        (row,) = csv.DictReader(io.StringIO(done.stdout))
        assert (row["connection"], row["operation"], "403" in row["error"]) == (name, "accounts", True)
    else:
        assert "not read: 1 failure" in done.stdout
        assert "INCOMPLETE: 1 failure" in done.stdout
        assert "none" not in done.stdout


def test_doctor_prints_servers_and_the_results_of_test_calls(servers: dict[str, str]) -> None:
    done = run("doctor", environ=servers)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("works") == len(known())
    findings = json.loads(run("doctor", "--format", "json", environ=servers).stdout)
    assert [finding["server"] for finding in findings] == [
        servers[known()[each["provider"]].base_url_variable] for each in findings
    ]


def test_doctor_prints_the_same_findings_as_csv(servers: dict[str, str]) -> None:
    lines = list(csv.DictReader(io.StringIO(run("doctor", "--format", "csv", environ=servers).stdout)))
    findings = json.loads(run("doctor", "--format", "json", environ=servers).stdout)
    assert [line["result"] for line in lines] == [finding["result"] for finding in findings]
    assert [json.loads(line["variables"]) for line in lines] == [finding["variables"] for finding in findings]


def test_doctor_never_prints_a_secret(servers: dict[str, str]) -> None:
    secrets = {name: f"s3cr3t-{name}" for kind in known().values() for name in kind.variables.values()}
    done = run("doctor", environ={**servers, **secrets})
    assert done.returncode == 1, "the mock rejects these keys"
    assert "AuthenticationError" in done.stdout
    assert "s3cr3t" not in done.stdout + done.stderr


def test_without_variables_the_error_names_them() -> None:
    done = run("accounts", environ={})
    assert (done.returncode, done.stdout) == (2, "")
    for kind in known().values():
        assert all(name in done.stderr for name in kind.variables.values())
    assert run("doctor", environ={}).returncode == 2


def test_the_missing_key_of_a_pair_is_named() -> None:
    kind = next(kind for kind in known().values() if len(kind.variables) > 1)
    present, missing = list(kind.variables.values())[:2]
    for command in ("accounts", "doctor"):
        done = run(command, environ={present: "s3cr3t-half"})
        assert done.returncode == 2
        assert missing in done.stdout + done.stderr
        assert "s3cr3t" not in done.stdout + done.stderr


@pytest.mark.parametrize("url", ["http://example.com", "ftp://x", "nonsense", "https://", "http://127.0.0.1:99999"])
def test_an_invalid_base_url_is_rejected_before_a_request_is_sent(url: str) -> None:
    kind = next(iter(known().values()))
    keys = dict.fromkeys(kind.variables.values(), "key")
    done = run("accounts", environ={**keys, kind.base_url_variable: url})
    assert done.returncode == 2
    assert kind.base_url_variable in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["accounts", "--connection", "unknown"],
        ["accounts", "--format", "xml"],
        ["unknown"],
        ["mock", "--port", "70000"],
    ],
)
def test_wrong_use_exits_with_2_and_without_a_traceback(arguments: list[str], servers: dict[str, str]) -> None:
    done = run(*arguments, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_an_unsupported_capability_is_rejected(servers: dict[str, str]) -> None:
    lacking = next(name for name, kind in known().items() if "positions" not in kind.capabilities)
    done = run("positions", "--connection", lacking, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")
    assert "positions" in done.stderr


def test_a_failing_provider_is_reported_on_standard_error_and_the_others_are_printed(servers: dict[str, str]) -> None:
    failing, *working = known()
    with socket.socket() as closed:  # bound, but not listening
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
        environ = {**servers, known()[failing].base_url_variable: url, "ONEFOLIO_RETRIES": "0"}
        done = run("accounts", "-f", "json", environ=environ)
    assert done.returncode == 1
    assert {row["connection"] for row in json.loads(done.stdout)} == set(working)
    assert failing in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_port_in_use_is_reported_in_one_line() -> None:
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        done = run("mock", "--port", str(used.getsockname()[1]), environ={})
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["snapshot", "-f", "json"], 0), (["accounts"], 1), (["positions", "-c", "unknown"], 2), (["--version"], 0)],
)
def test_a_process_exits_and_prints_as_in_this_process(
    arguments: list[str], code: int, onefolio_mock: RunningMock
) -> None:
    if code == 1:
        onefolio_mock.answers.answer("getAccounts", status=403)
    done = run_process(*arguments, environ=onefolio_mock.environ)
    assert done.returncode == code
    expected = run(*arguments, environ=onefolio_mock.environ)
    assert [_mask_times(text) for text in done[1:]] == [_mask_times(text) for text in expected[1:]]


def _mask_times(text: str) -> str:
    """Replace the time of a snapshot and the ids of requests, which differ from run to run."""
    text = re.sub(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)?", "TIME", text)
    return re.sub(r"request [^),]+", "request ID", text)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_the_mock_prints_its_urls_and_stops_on_a_signal(sent: signal.Signals, code: int) -> None:
    process = subprocess.Popen(
        [*COMMAND, "mock", "--port", "0"], env=BARE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert set(json.loads(process.stdout.readline())) == set(known())
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (code, "")


def test_ctrl_c_during_a_request_exits_with_130() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it never responds
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        servers = {kind.base_url_variable: url for kind in known().values()}
        process = subprocess.Popen(
            [*COMMAND, "snapshot"], env={**BARE, **servers}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        request, _ = silent.accept()
        with request:
            assert request.recv(1)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert output == ""
    assert "Traceback" not in errors
