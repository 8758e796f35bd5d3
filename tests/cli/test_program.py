"""Features that all commands share: help, colors, verbosity, the configuration file, environment, completion."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from onefolio.cli.commands import app
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import run, run_process

COMMANDS = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]
ANY = next(iter(known()))
ESCAPE = "\x1b["


@pytest.mark.parametrize(("command", "columns"), [("", 80), ("", 120), *((each, 80) for each in COMMANDS)])
def test_help_fits_the_terminal_and_ends_with_examples(command: str, columns: int) -> None:
    done = run(*command.split(), "--help", environ={"COLUMNS": str(columns)})
    assert (done.returncode, done.stderr) == (0, "")
    assert all(len(line) <= columns for line in done.stdout.splitlines())
    assert ESCAPE not in done.stdout
    before, _, examples = done.stdout.partition("Examples")
    assert f"Usage: onefolio {command}".strip() in before
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    assert [line for line in lines if line.startswith(f"$ onefolio {command}".strip())] == lines


@pytest.fixture(scope="module")
def displayed(servers: dict[str, str]) -> Callable[..., list[str]]:
    """Run commands with variables for colors, which typer reads once per process; return the output of each."""
    commands = [["--help"], ["accounts", "--help"], ["unknown"], ["accounts"]]
    program = f"""
import sys
from onefolio.cli import main
sys.stderr = sys.stdout
for arguments in {commands}:
    sys.argv[1:] = arguments
    try:
        main()
    except SystemExit:
        print("END OF COMMAND")
"""

    def run_all(**environ: str) -> list[str]:
        done = run_process(environ={**servers, **environ}, program=program)
        *outputs, rest = done.stdout.split("END OF COMMAND\n")
        assert (len(outputs), rest) == (len(commands), ""), done
        assert all(outputs)
        return outputs

    return run_all


def test_there_is_no_color_in_a_pipe(displayed: Callable[..., list[str]]) -> None:
    assert not [text for text in displayed() if ESCAPE in text]
    assert not [text for text in displayed(FORCE_COLOR="1", TERM="dumb") if ESCAPE in text]


def test_the_environment_can_force_color(displayed: Callable[..., list[str]]) -> None:
    assert not [text for text in displayed(FORCE_COLOR="1", TERM="xterm-256color") if ESCAPE not in text]


def test_the_environment_can_forbid_color(displayed: Callable[..., list[str]]) -> None:
    colors = [f"{ESCAPE}{code}m" for code in (*range(30, 38), *range(90, 98))]
    for text in displayed(FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color"):
        assert not [color for color in colors if color in text]


def test_forced_color_in_a_pipe_drops_no_column(servers: dict[str, str]) -> None:
    heading = run("positions", environ={**servers, "FORCE_COLOR": "1", "TERM": "xterm"}).stdout
    assert "unrealized pnl" in heading


def test_drift_is_reported_except_with_quiet(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.change("getAccounts", lambda body: body | {"brand_new": 1})
    environ = onefolio_mock.environ
    assert "brand_new" in run("accounts", environ=environ).stderr
    for arguments in (["--quiet", "accounts"], ["accounts", "-q"]):
        done = run(*arguments, environ=environ)
        assert (done.returncode, done.stderr) == (0, "")
    assert run("accounts", environ=environ | {"ONEFOLIO_QUIET": "1"}).stderr == ""


def test_quiet_does_not_suppress_failures(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getAccounts", status=403)
    done = run("-q", "accounts", environ=onefolio_mock.environ)
    assert done.returncode == 1
    assert "403" in done.stderr


def test_verbose_prints_every_request_and_wait_and_no_key(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getAccounts", status=503, times=1)
    secrets = {value for name, value in onefolio_mock.environ.items() if "BASE_URL" not in name}
    for arguments in (["--verbose", "accounts", "-f", "json"], ["accounts", "-f", "json", "-v"]):
        done = run(*arguments, environ=onefolio_mock.environ)
        assert done.returncode == 0
        json.loads(done.stdout)
        lines = [line for line in done.stderr.splitlines() if "getAccounts: " in line]
        assert lines[-1].endswith(" s")
        assert not [secret for secret in secrets if secret in done.stderr]
        if arguments[0] == "--verbose":
            assert ["503" in lines[0], "waiting" in lines[1], "200" in lines[2]] == [True] * 3
    both = run("accounts", "-v", "-q", environ=onefolio_mock.environ)
    assert (both.returncode, both.stdout) == (2, "")


def test_a_file_can_define_two_connections_of_one_provider(onefolio_mock: RunningMock, tmp_path: Path) -> None:
    kind = known()[ANY]
    keys = "".join(f'{name} = "{value}"\n' for name, value in kind.demo_credentials().items())
    table = f'provider = "{ANY}"\nbase_url = "{onefolio_mock.urls[ANY]}"\n{keys}'
    file = tmp_path / "mine.toml"
    file.write_text(f"[first]\n{table}\n[second]\n{table}")
    file.chmod(0o600)
    for arguments, environ in (
        (["--config", str(file), "accounts"], {}),
        (["accounts", f"--config={file}"], {}),
        (["accounts"], {"ONEFOLIO_CONFIG": str(file)}),
    ):
        rows = json.loads(run(*arguments, "-f", "json", environ=environ).stdout)
        assert [row["connection"] for row in rows] == ["first", "second"]
    selected = run(
        "accounts", environ={"ONEFOLIO_CONFIG": str(file), "ONEFOLIO_CONNECTION": "second", "ONEFOLIO_FORMAT": "json"}
    )
    assert [row["connection"] for row in json.loads(selected.stdout)] == ["second"]
    found = json.loads(run("doctor", "-f", "json", "--config", str(file), environ={}).stdout)
    assert [each["result"] for each in found[-2:]] == ["works", "works"]
    missing = run("accounts", "--config", str(tmp_path / "none.toml"), environ={})
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "none.toml" in missing.stderr


def complete(line: str, environ: dict[str, str]) -> list[str]:
    """Return the completions of the last word of a line."""
    words = {"_ONEFOLIO_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    return run(environ={**environ, **words}).stdout.split()


def test_names_and_values_are_completed(tmp_path: Path) -> None:
    file = tmp_path / "onefolio.toml"
    file.write_text('deadline = 5\n[second]\nprovider = "x"\n')
    file.chmod(0o600)
    environ = {"ONEFOLIO_CONFIG": str(file)}
    assert complete("onefolio accounts --connection ", environ) == [*known(), "second"]
    assert complete("onefolio exposure --currency sec", environ) == ["second="]
    assert complete("onefolio accounts --connection ", {"ONEFOLIO_CONFIG": "/none"}) == [*known()]
    assert complete("onefolio contract ", {}) == [*known()]
    assert complete("onefolio snapshot --table p", {}) == ["positions"]
    assert complete("onefolio totals --by a", {}) == ["asset", "account"]
    assert complete("onefolio tot", {}) == ["totals"]


def test_completion_can_be_installed(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert run("--install-completion", "bash", environ=home).returncode == 0
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert "_ONEFOLIO_COMPLETE=complete_bash" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()
