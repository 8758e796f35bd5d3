"""Run the command line, in this process or in one of its own, in an environment without keys and options."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import NamedTuple
from unittest.mock import patch

import typer.rich_utils

from onefolio.cli import main, program
from onefolio.providers.registry import known

COMMAND = [sys.executable, "-m", "onefolio"]
_KEYS = {name for kind in known().values() for name in (*kind.variables.values(), kind.base_url_variable)}
_DISPLAY = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS")
BARE = {
    name: value
    for name, value in os.environ.items()
    if name not in _KEYS and name not in _DISPLAY and not name.startswith("ONEFOLIO_")
}


class Result(NamedTuple):
    """The exit code and the output of a command."""

    returncode: int
    stdout: str
    stderr: str


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def terminal_variables(width: int) -> dict[str, str]:
    """Return the variables of a terminal of a width that has no control sequences."""
    return {"TERM": "dumb", "COLUMNS": str(width), "LINES": "40"}


def run(*arguments: str, environ: Mapping[str, str], width: int | None = None) -> Result:
    """Run a command in this process, which is much faster than to start one.

    Args:
        arguments: the arguments of the command.
        environ: the environment variables in addition to the usual ones.
        width: the characters per line of a terminal as standard output; None for a pipe.
    """
    if width is not None:
        environ = {**environ, **terminal_variables(width)}
    with (
        _restored_state(),
        patch.dict(os.environ, {**BARE, **environ}, clear=True),
        patch.object(sys, "argv", ["onefolio", *arguments]),
        redirect_stdout(io.StringIO() if width is None else Terminal()) as stdout,
        redirect_stderr(io.StringIO()) as stderr,
    ):
        try:
            main()
        except SystemExit as end:
            return Result(int(end.code or 0), stdout.getvalue(), stderr.getvalue())
    raise AssertionError("main() returned; it has to exit")


def run_process(*arguments: str, environ: Mapping[str, str], program: str | None = None) -> Result:
    """Run a command, or a Python program that runs it, in a process."""
    command = COMMAND if program is None else [sys.executable, "-c", program]
    done = subprocess.run(
        [*command, *arguments], env={**BARE, **environ}, capture_output=True, text=True, check=False, timeout=60
    )
    return Result(done.returncode, done.stdout, done.stderr)


@contextmanager
def _restored_state() -> Iterator[None]:
    """Restore the state that a command changes because it usually has a process to itself."""
    log = logging.getLogger("onefolio.requests")
    handlers, level, verbosity = [*log.handlers], log.level, program.get_verbosity()
    # typer reads the variables for colors when it is imported.
    with warnings.catch_warnings(), patch.object(typer.rich_utils, "FORCE_TERMINAL", None):
        try:
            yield
        finally:
            log.handlers[:] = handlers
            log.setLevel(level)
            program._current = verbosity
