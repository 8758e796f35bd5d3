"""What goes for every command: how much is said, and which file is read. Results go to standard output alone."""

from __future__ import annotations

import logging
import os
import sys
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup

from .. import __version__
from .._core.errors import ConfigurationError
from .._settings.file import FILE_VARIABLE
from ..providers.registry import own

_QUIET = ("--quiet", "-q")

_VERBOSE = ("--verbose", "-v")

_CONFIG = "--config"


class Verbosity(Enum):
    """How much is said on standard error besides failures."""

    QUIET = "quiet"
    NORMAL = "normal"
    VERBOSE = "verbose"


_current = Verbosity.NORMAL


def get_verbosity() -> Verbosity:
    """Return how much this program says."""
    return _current


def print_message(text: str) -> None:
    """Say something of this program's on standard error, which is for people."""
    print(f"onefolio: {text}", file=sys.stderr)


class RootGroup(TyperGroup):
    """The program: its own options may also stand after the command, where people add them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the program's own options in front."""
        ours: list[str] = []
        rest: list[str] = []
        words = iter(args)
        for word in words:
            if word == "--":
                rest.append(word)
                break
            if word in _QUIET + _VERBOSE or word.startswith(f"{_CONFIG}="):
                ours.append(word)
            elif word == _CONFIG:
                ours += [word, *[value for value in [next(words, None)] if value is not None]]
            else:
                rest.append(word)
        parsed: list[str] = super().parse_args(ctx, [*ours, *rest, *words])
        return parsed


def format_examples(*commands: str) -> str:
    """Return an epilog of commands to copy; `{provider}` in them becomes one that there is."""
    provider = next(iter(own()))  # to look for those of other packages takes 20 ms
    lines = (f"[dim]$[/dim] onefolio {command.format(provider=provider)}" for command in commands)
    return "\n".join(["[bold]Examples[/bold]", *lines])


def print_version(wanted: bool) -> None:
    """Print the version and end, if that is wanted."""
    if wanted:
        print(f"onefolio {__version__}")
        raise typer.Exit


def configure(*, quiet: bool, verbose: bool, config: Path | None) -> None:
    """Note what was asked for, before a command runs.

    Raises:
        ConfigurationError: both less and more is to be said.
    """
    global _current  # noqa: PLW0603  # one process is one program
    if quiet and verbose:
        raise ConfigurationError("--quiet and --verbose are opposites; ask for one of them")
    if config is not None:
        os.environ[FILE_VARIABLE] = str(config)
    _current = Verbosity.QUIET if quiet else Verbosity.VERBOSE if verbose else Verbosity.NORMAL
    if verbose:
        handler = _StderrHandler()
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
        traffic = logging.getLogger("onefolio.requests")
        traffic.addHandler(handler)
        traffic.setLevel(logging.DEBUG)


class _StderrHandler(logging.Handler):
    """Says what is logged, wherever standard error leads at that time: a table that is redrawn moves it above."""

    def emit(self, record: logging.LogRecord) -> None:
        print_message(self.format(record))
