"""Standard streams that fail, encodings without the characters of an account's name, and Ctrl-C at any time."""

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from onefolio.pytest_plugin import RunningMock

from .running import BARE, COMMAND, run_process

COMMANDS = [["--help"], ["accounts"], ["accounts", "-f", "csv"], ["snapshot", "-f", "json"]]


@contextmanager
def full() -> Iterator[int]:
    """Return a descriptor without space."""
    descriptor = os.open("/dev/full", os.O_WRONLY)
    yield descriptor
    os.close(descriptor)


@contextmanager
def without_reader() -> Iterator[int]:
    """Return the end of a pipe whose other end is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def run_on(stdout: Any, *arguments: str, environ: dict[str, str], **options: Any) -> tuple[int, str]:
    """Return the exit code and the messages of a command."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        env={**BARE, **environ},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=60,
        **options,
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_output_that_cannot_be_written_is_one_line_and_code_2(command: list[str], servers: dict[str, str]) -> None:
    with full() as descriptor:
        code, messages = run_on(descriptor, *command, environ=servers)
    assert (code, messages) == (2, f"onefolio: cannot write to standard output: {os.strerror(errno.ENOSPC)}\n")


def test_closed_output_is_one_line_and_code_2(servers: dict[str, str]) -> None:
    command = ["sh", "-c", 'exec "$@" >&-', "sh", *COMMAND, "accounts"]
    done = subprocess.run(command, env={**BARE, **servers}, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == f"onefolio: cannot write to standard output: {os.strerror(errno.EBADF)}\n"


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_closed_pipe_is_no_failure_of_a_provider(command: list[str], servers: dict[str, str]) -> None:
    with without_reader() as descriptor:
        assert run_on(descriptor, *command, environ=servers) == (128 + signal.SIGPIPE, "")


@pytest.mark.parametrize("fault", [full, without_reader])
def test_messages_that_cannot_be_written_change_nothing(fault: Any, servers: dict[str, str]) -> None:
    with fault() as descriptor:
        done = subprocess.run(
            [*COMMAND, "--verbose", "accounts", "-f", "json"],
            env={**BARE, **servers},
            stdout=subprocess.PIPE,
            stderr=descriptor,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0
    assert json.loads(done.stdout)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_all_output_reaches_a_pipe_that_does_not_block(unbuffered: str, servers: dict[str, str]) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    environ = {**BARE, **servers, "PYTHONUNBUFFERED": unbuffered}
    with subprocess.Popen([*COMMAND, "snapshot", "-f", "json"], env=environ, stdout=writing) as process:
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as output:
            received = output.read()
    assert process.returncode == 0
    assert len(received) > 4096
    assert [*json.loads(received)] == ["taken_at", "complete", "accounts", "balances", "positions", "failures"]


NAME = "Žluťoučký 口座 😀"
ENCODINGS = {
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "utf-16": {"PYTHONIOENCODING": "utf-16"},
    "C": {"LC_ALL": "C"},
    "C without UTF-8": {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
}


@pytest.mark.parametrize("format", ["table", "csv"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_encoding_loses_a_row(encoding: str, format: str, onefolio_mock: RunningMock) -> None:
    def rename(body: Any) -> Any:
        for row in body["data"]:
            row["full_name"] = NAME
        return body

    onefolio_mock.answers.change("getAccounts", rename)
    environ = {**onefolio_mock.environ, **ENCODINGS[encoding]}
    done = subprocess.run(
        [*COMMAND, "accounts", "-f", format], env={**BARE, **environ}, capture_output=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, b"")
    used = {"cp1252": "cp1252", "utf-16": "utf-16", "C": "utf-8"}.get(encoding, "ascii")
    text = done.stdout.decode(used)
    assert text.count(NAME.encode(used, "backslashreplace").decode(used)) == 2
    assert "\\u2500" not in text, "the lines of tables have a plain form"


INTERRUPT = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            {action}

sys.meta_path.insert(0, Finder())
"""
ACTIONS = {"an exception": "raise KeyboardInterrupt", "a signal": "os.kill(os.getpid(), signal.SIGINT)"}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "module",
    ["onefolio.cli.process", "onefolio.cli.commands", "msgspec", "onefolio_runtime"],
)
def test_ctrl_c_while_importing_is_one_line(module: str, action: str, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPT.format(module=module, action=ACTIONS[action]))
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run_process("--version", environ={"PYTHONPATH": path})
    assert done == (130, "", "onefolio: interrupted\n")


def test_ctrl_c_while_the_installed_command_imports_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(INTERRUPT.format(module="msgspec", action=ACTIONS["an exception"]))
    script = tmp_path / "onefolio"
    script.write_text("from onefolio.cli import main\nmain()\n")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, str(script), "--version"],
        env={**BARE, "PYTHONPATH": path}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "onefolio: interrupted\n")


def test_a_program_that_uses_the_library_handles_ctrl_c_itself() -> None:
    program = "import signal, sys, onefolio\n"
    program += (
        "print(signal.getsignal(signal.SIGINT) is signal.default_int_handler, sys.excepthook is sys.__excepthook__)"
    )
    assert run_process(environ={}, program=program) == (0, "True True\n", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_message_is_written_at_once(unbuffered: str) -> None:
    program = "import os; from onefolio.cli.streams import Streams; from onefolio.cli.program import print_message\n"
    program += "Streams(); print_message('a'); os._exit(0)"
    assert run_process(environ={"PYTHONUNBUFFERED": unbuffered}, program=program) == (0, "", "onefolio: a\n")


TWICE = """
import os, signal, sys
from onefolio._folio.sync import Folio
from onefolio.cli import main

close = Folio.close

def interrupt(*args, **options):
    os.kill(os.getpid(), signal.SIGINT)

def close_and_interrupt(folio):
    Folio.close = close
    try:
        interrupt()
    finally:
        close(folio)

Folio.snapshot, Folio.close = interrupt, close_and_interrupt
sys.argv[0] = "onefolio"
main()
"""


def test_ctrl_c_twice_is_one_line(servers: dict[str, str]) -> None:
    done = run_process("accounts", environ=servers, program=TWICE)
    assert done == (130, "", "onefolio: interrupted\n")


def test_a_missing_folder_is_one_line(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = ["sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", *COMMAND, "accounts"]
    environ = {name: text for name, text in BARE.items() if name not in {"HOME", "XDG_CONFIG_HOME"}}
    done = subprocess.run(command, cwd=gone, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("onefolio: ")
