"""What goes for every command: help, colour, how much is said, the file, options by environment, completion."""

import json
from pathlib import Path

import pytest

from onefolio.cli.commands import app
from onefolio.providers.registry import known
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import run

COMMANDS = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]
ANY = next(iter(known()))
ESCAPE = "\x1b["


@pytest.mark.parametrize(("command", "columns"), [("", 80), ("", 120), *((each, 80) for each in COMMANDS)])
def test_help_says_what_a_command_does_and_how_to_use_it(command: str, columns: int) -> None:
    done = run(*command.split(), "--help", environ={"COLUMNS": str(columns)})
    assert (done.returncode, done.stderr) == (0, "")
    assert all(len(line) <= columns for line in done.stdout.splitlines())
    assert ESCAPE not in done.stdout
    before, _, examples = done.stdout.partition("Examples")
    assert f"Usage: onefolio {command}".strip() in before
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    assert lines
    assert [line for line in lines if line.startswith(f"$ onefolio {command}".strip())] == lines


@pytest.mark.parametrize("arguments", [["--help"], ["accounts", "--help"], ["nothing"], ["accounts"]])
def test_colour_is_forced_and_forbidden_by_the_environment(arguments: list[str], servers: dict[str, str]) -> None:
    def shown(**environ: str) -> str:
        done = run(*arguments, environ={**servers, **environ})
        return done.stdout + done.stderr

    assert ESCAPE not in shown()
    assert ESCAPE not in shown(FORCE_COLOR="1", TERM="dumb")
    assert ESCAPE in shown(FORCE_COLOR="1", TERM="xterm-256color")
    colours = [f"{ESCAPE}{code}m" for code in (*range(30, 38), *range(90, 98))]
    without = shown(FORCE_COLOR="1", NO_COLOR="1", TERM="xterm-256color")
    assert not [colour for colour in colours if colour in without]


def test_forced_colour_in_a_pipe_costs_no_column(servers: dict[str, str]) -> None:
    heading = run("positions", environ={**servers, "FORCE_COLOR": "1", "TERM": "xterm"}).stdout
    assert "unrealized pnl" in heading


def test_drift_is_told_unless_quiet_is_wanted(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.change("getAccounts", lambda body: body | {"brand_new": 1})
    environ = onefolio_mock.environ
    assert "brand_new" in run("accounts", environ=environ).stderr
    for arguments in (["--quiet", "accounts"], ["accounts", "-q"]):
        done = run(*arguments, environ=environ)
        assert (done.returncode, done.stderr) == (0, "")
    assert run("accounts", environ=environ | {"ONEFOLIO_QUIET": "1"}).stderr == ""


def test_quiet_does_not_keep_a_failure_back(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getAccounts", status=403)
    done = run("-q", "accounts", environ=onefolio_mock.environ)
    assert done.returncode == 1
    assert "403" in done.stderr


def test_verbose_tells_of_every_request_and_wait_and_of_no_key(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.answer("getAccounts", status=503, times=1)
    secrets = {value for name, value in onefolio_mock.environ.items() if "BASE_URL" not in name}
    for arguments in (["--verbose", "accounts", "-f", "json"], ["accounts", "-f", "json", "-v"]):
        done = run(*arguments, environ=onefolio_mock.environ)
        assert done.returncode == 0
        json.loads(done.stdout)
        told = [line for line in done.stderr.splitlines() if "getAccounts: " in line]
        assert told[-1].endswith(" s")
        assert not [secret for secret in secrets if secret in done.stderr]
        if arguments[0] == "--verbose":
            assert ["503" in told[0], "waiting" in told[1], "200" in told[2]] == [True] * 3
    both = run("accounts", "-v", "-q", environ=onefolio_mock.environ)
    assert (both.returncode, both.stdout) == (2, "")


def test_a_config_file_has_two_connections_of_one_provider(onefolio_mock: RunningMock, tmp_path: Path) -> None:
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
    chosen = run(
        "accounts", environ={"ONEFOLIO_CONFIG": str(file), "ONEFOLIO_CONNECTION": "second", "ONEFOLIO_FORMAT": "json"}
    )
    assert [row["connection"] for row in json.loads(chosen.stdout)] == ["second"]
    found = json.loads(run("doctor", "-f", "json", "--config", str(file), environ={}).stdout)
    assert [each["result"] for each in found[-2:]] == ["works", "works"]
    missing = run("accounts", "--config", str(tmp_path / "none.toml"), environ={})
    assert (missing.returncode, missing.stdout) == (2, "")
    assert "none.toml" in missing.stderr


def complete(line: str, environ: dict[str, str]) -> list[str]:
    """What a shell is offered for the last word of a line."""
    words = {"_ONEFOLIO_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    return run(environ={**environ, **words}, program="from onefolio.cli import main; main()").stdout.split()


def test_names_and_words_are_completed(tmp_path: Path) -> None:
    file = tmp_path / "onefolio.toml"
    file.write_text('deadline = 5\n[second]\nprovider = "x"\n')
    file.chmod(0o600)
    there = {"ONEFOLIO_CONFIG": str(file)}
    assert complete("onefolio accounts --connection ", there) == [*known(), "second"]
    assert complete("onefolio exposure --currency sec", there) == ["second="]
    assert complete("onefolio accounts --connection ", {"ONEFOLIO_CONFIG": "/none"}) == [*known()]
    assert complete("onefolio contract ", {}) == [*known()]
    assert complete("onefolio snapshot --table p", {}) == ["positions"]
    assert complete("onefolio totals --by a", {}) == ["asset", "account"]
    assert complete("onefolio tot", {}) == ["totals"]


def test_completion_installs_itself(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    assert run("--install-completion", "bash", environ=home).returncode == 0
    (script,) = (tmp_path / ".bash_completions").iterdir()
    assert "_ONEFOLIO_COMPLETE=complete_bash" in script.read_text()
    assert str(script) in (tmp_path / ".bashrc").read_text()
