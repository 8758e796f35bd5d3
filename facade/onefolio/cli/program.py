"""Options and messages that all commands share. Messages go to standard error, results to standard output."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from onefolio_runtime import escape_controls

from .. import __version__
from .._core.errors import ConfigurationError
from .._settings.file import FILE_VARIABLE
from .._start import INTERRUPTED
from ..providers.registry import own

_FLAGS = ("--quiet", "-q", "--verbose", "-v")

_CONFIG = "--config"


class Verbosity(Enum):
    """The amount of messages on standard error. Failures are always printed."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


_current = Verbosity.NORMAL


def get_verbosity() -> Verbosity:
    """Return the verbosity of this process."""
    return _current


def print_message(text: str) -> None:
    """Print a message for people to standard error, in one line."""
    print(f"onefolio: {escape_controls(text)}", file=sys.stderr)


class Interrupted(BaseException):
    """Ctrl-C was pressed. typer knows KeyboardInterrupt and ends the process without a message."""


@contextmanager
def exit_on_interrupt() -> Iterator[None]:
    """Exit without a message on Ctrl-C, which is the usual end of a command that runs until then."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


class RootGroup(TyperGroup):
    """The root command. It accepts its own options after a command as well."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command.

        Raises:
            Interrupted: Ctrl-C was pressed.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Interrupted from None

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the options of the root command moved to the front."""
        own_options: list[str] = []
        rest: list[str] = []
        remaining = iter(args)
        for argument in remaining:
            if argument == "--":
                rest.append(argument)
                break
            if argument in _FLAGS or argument.startswith(f"{_CONFIG}="):
                own_options.append(argument)
            elif argument == _CONFIG:
                own_options += [argument, *[value for value in [next(remaining, None)] if value is not None]]
            else:
                rest.append(argument)
        parsed: list[str] = super().parse_args(ctx, [*own_options, *rest, *remaining])
        return parsed


def format_examples(*commands: str) -> str:
    """Format commands as the epilog of a help text; `{provider}` is replaced by the name of a provider."""
    provider = next(iter(own()))  # a search for the providers of other packages would slow down every start
    lines = (f"[dim]$[/dim] onefolio {command.format(provider=provider)}" for command in commands)
    return "\n".join(["[bold]Examples[/bold]", *lines])


def print_version(is_requested: bool) -> None:
    """Print the version and exit if `--version` was given."""
    if is_requested:
        print(f"onefolio {__version__}")
        raise typer.Exit


def configure(*, quiet: bool, verbose: bool, config: Path | None) -> None:
    """Apply the options of the root command.

    Raises:
        ConfigurationError: Both quiet and verbose are true.
    """
    global _current  # noqa: PLW0603  # a process runs one command
    if quiet and verbose:
        raise ConfigurationError("--quiet and --verbose exclude each other. Pass one of them")
    if config is not None:
        os.environ[FILE_VARIABLE] = str(config)
    _current = Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    if verbose:
        _log_requests()


def _log_requests() -> None:
    handler = _StderrHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    log = logging.getLogger("onefolio.requests")
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)


class _StderrHandler(logging.Handler):
    """Print log records to the current standard error, which a live table replaces while it is displayed."""

    def emit(self, record: logging.LogRecord) -> None:
        print_message(self.format(record))
