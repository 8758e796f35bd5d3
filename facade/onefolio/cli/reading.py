"""What every command that reads has in common: its options, the folio, what is told besides the rows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
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
    """Return what may be completed to a provider."""
    return list(known())


def complete_connection() -> list[str]:
    """Return what may be completed to a connection; a file that cannot be read adds nothing to the providers."""
    try:
        return Settings(os.environ, demo=True).names()
    except ConfigurationError:
        return complete_provider()


ConnectionOption = Annotated[
    str | None,
    typer.Option(
        "--connection",
        "-c",
        metavar="NAME",
        envvar="ONEFOLIO_CONNECTION",
        autocompletion=complete_connection,
        help="Read one connection only.",
    ),
]

FormatOption = Annotated[Format, typer.Option("--format", "-f", envvar="ONEFOLIO_FORMAT", help="How to print.")]


@contextmanager
def open_folio() -> Iterator[Folio]:
    """Open a folio of everything that is configured."""
    settings = Settings(os.environ, demo=True)
    on_drift = None if get_verbosity() is Verbosity.QUIET else _report_drift
    with Folio(*settings.connections(), on_drift=on_drift, **settings.options()) as folio:
        yield folio


def take_snapshot(connection: str | None, what: tuple[Capability, ...]) -> Snapshot:
    """Read what a command prints, and show how far it is."""
    with open_folio() as folio:
        return read_snapshot(folio, connection, what)


def read_snapshot(folio: Folio, connection: str | None, what: tuple[Capability, ...]) -> Snapshot:
    """Read what a command prints with a folio, and show how far it is."""
    check_supported(folio, connection, what)
    with _show_progress() as on_progress:
        return folio.snapshot(connection, what=what, on_progress=on_progress)


def check_supported(folio: Folio, connection: str | None, what: tuple[Capability, ...]) -> None:
    """Refuse to ask a connection for the one thing that its provider does not have.

    Raises:
        NotSupportedError: it does not have it.
    """
    if connection is not None and len(what) == 1 and not folio.supports(connection, what[0]):
        raise NotSupportedError(f"{connection} has no {what[0]}")


def report_failures(failures: list[Failure]) -> None:
    """Tell what could not be read."""
    for failure in failures:
        print_message(format_failure(failure))


def format_failure(failure: Failure) -> str:
    """Return a failure as one line."""
    where = f", account {failure.account_id}" if failure.account_id else ""
    return f"{failure.operation}{where}: {failure.error}"


def exit_with_failures(failures: list[Failure]) -> None:
    """Tell what could not be read, and end with 1 if anything could not."""
    report_failures(failures)
    if failures:
        raise typer.Exit(1)


def _report_drift(report: DriftReport) -> None:
    place = f"{report.connection}, {report.operation}: {report.kind} at {report.pointer}"
    print_message(f"drift: {place}; the figures are read all the same")


@contextmanager
def _show_progress() -> Iterator[OnProgress | None]:
    """Show how far a snapshot is, to a person and to nobody else."""
    if get_verbosity() is not Verbosity.NORMAL or not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), "listings", TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, known: progress.update(task, completed=done, total=known)
