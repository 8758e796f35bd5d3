"""Options, progress and failure reports of all commands that read providers."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from .._connections.resource import Capability
from .._core.errors import ConfigurationError, NotSupportedError
from .._folio.options import OnProgress
from .._folio.sync import Folio
from .._models.records import Failure
from .._reading.drift_log import DriftReport
from .._settings.settings import Settings
from .._snapshots.snapshot import Snapshot
from ..providers.registry import known
from .output import Format
from .program import Verbosity, get_verbosity, print_message


def complete_provider() -> list[str]:
    """Return the completions of a provider's name."""
    return list(known())


def complete_connection() -> list[str]:
    """Return the completions of a connection's name; only the providers if the file cannot be read."""
    try:
        return read_settings().connection_names()
    except ConfigurationError:
        return complete_provider()


ConnectionOption = Annotated[
    list[str] | None,
    typer.Option(
        "--connection",
        "-c",
        metavar="NAME",
        envvar="ONEFOLIO_CONNECTION",
        autocompletion=complete_connection,
        help="Read only this connection. Repeatable.",
    ),
]

FormatOption = Annotated[Format, typer.Option("--format", "-f", envvar="ONEFOLIO_FORMAT", help="Output format.")]


def read_settings() -> Settings:
    """Read the settings of the command line.

    Raises:
        ConfigurationError: The configuration file cannot be read or is invalid as a whole.
    """
    return Settings(os.environ, demo=True)


@contextmanager
def open_folio(
    names: Collection[str] | None, capabilities: tuple[Capability, ...], settings: Settings | None = None
) -> Iterator[Folio]:
    """Open a folio of configured connections.

    Args:
        names: the names of the connections; all connections if there are none.
        capabilities: the records to read.
        settings: the settings that contain the connections; by default they are read.

    Raises:
        ConfigurationError: A connection is not configured, or configured wrongly.
        NotSupportedError: A connection was named and does not support the only capability.
    """
    settings = settings or read_settings()
    connections = settings.select(names or ())
    for connection in connections if names and len(capabilities) == 1 else ():
        for capability in capabilities:
            if capability not in connection.capabilities:
                raise NotSupportedError(f"{connection.name} has no {capability}")
    on_drift = None if get_verbosity() is Verbosity.QUIET else _report_drift
    with Folio(*connections, on_drift=on_drift, **settings.options()) as folio:
        yield folio


def read_snapshot(
    names: Collection[str] | None, capabilities: tuple[Capability, ...], settings: Settings | None = None
) -> Snapshot:
    """Read a snapshot and display the progress. The arguments and errors are those of `open_folio`."""
    with open_folio(names, capabilities, settings) as folio, _show_progress() as on_progress:
        return folio.snapshot(capabilities=capabilities, on_progress=on_progress)


def report_failures(failures: list[Failure]) -> None:
    """Print failures to standard error."""
    for failure in failures:
        print_message(format_failure(failure))


def format_failure(failure: Failure) -> str:
    """Format a failure as one line."""
    account = f", account {failure.account_id}" if failure.account_id else ""
    return f"{failure.operation}{account}: {failure.error}"


def exit_with_failures(failures: list[Failure]) -> None:
    """Print failures to standard error, and exit with 1 if there are any."""
    report_failures(failures)
    if failures:
        raise typer.Exit(1)


def _report_drift(report: DriftReport) -> None:
    place = f"{report.connection}, {report.operation}: {report.kind} at {report.pointer}"
    print_message(f"drift: {place}; the response was parsed")


@contextmanager
def _show_progress() -> Iterator[OnProgress | None]:
    """Display the progress of a snapshot if both outputs are a terminal."""
    if get_verbosity() is not Verbosity.NORMAL or not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), "listings", TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
