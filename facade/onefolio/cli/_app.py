"""The commands and what each of them reads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .. import __version__
from .._connection import CAPABILITIES, Capability
from .._drift import DriftReport
from .._errors import ConfigurationError, NotSupportedError
from .._folio import Folio, OnProgress
from .._models import Failure, Snapshot
from .._rate import RateLimit
from .._settings import Settings
from ._output import Format, Table, print_rows, print_snapshot
from ._provider import app as provider

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Accounts, balances and positions of several brokers and custodians, with exact money.",
    epilog="Providers are found by their environment variables; `onefolio doctor` shows which.",
)


app.add_typer(provider, name="provider")


class Profile(StrEnum):
    """How much a contract test tries."""

    CI = "ci"
    NIGHTLY = "nightly"


class ReportFormat(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"


class DriftFormat(StrEnum):
    """How a comparison is printed."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class FailOn(StrEnum):
    """The least change that makes a comparison fail."""

    BREAKING = "breaking"
    RISKY = "risky"


ConnectionOption = Annotated[
    str | None, typer.Option("--connection", "-c", metavar="NAME", help="Read one connection only.")
]
FormatOption = Annotated[Format, typer.Option("--format", "-f", help="How to print.")]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"onefolio {__version__}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Accounts, balances and positions of several brokers and custodians, with exact money."""


@app.command()
def accounts(connection: ConnectionOption = None, format: FormatOption = Format.TABLE) -> None:
    """Print the accounts."""
    _print_one("accounts", connection, format)


@app.command()
def balances(connection: ConnectionOption = None, format: FormatOption = Format.TABLE) -> None:
    """Print the balances of every account."""
    _print_one("balances", connection, format)


@app.command()
def positions(connection: ConnectionOption = None, format: FormatOption = Format.TABLE) -> None:
    """Print the positions of every account."""
    _print_one("positions", connection, format)


@app.command()
def snapshot(
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
    table: Annotated[Table | None, typer.Option("--table", help="Which table; CSV holds one.")] = None,
) -> None:
    """Print everything: accounts, balances, positions, the totals by asset, and what could not be read."""
    if format is Format.CSV and table is None:
        raise ConfigurationError(f"a CSV holds one table: add --table, one of {', '.join(Table)}")
    taken = _take(connection, CAPABILITIES)
    if table is None:
        print_snapshot(taken, format)
    else:
        print_rows(getattr(taken, table), table, format)
    _end(taken.failures)


@app.command()
def doctor(format: Annotated[Format, typer.Option("--format", "-f", help="How to print.")] = Format.TABLE) -> None:
    """Tell for each provider which variables are set, which server they lead to, and whether a call works."""
    from ._doctor import examine, print_findings

    findings = list(examine(os.environ))
    print_findings(findings, format)
    raise typer.Exit(max((finding.exit_code for finding in findings if finding.configured), default=2))


@app.command()
def contract(
    provider: Annotated[str, typer.Argument(help="Whose spec; `onefolio doctor` lists the providers.")],
    base_url: Annotated[str | None, typer.Option(help="The server; by default a mock is started.")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="The provider itself, with your keys: few, valid requests.")
    ] = False,
    profile: Annotated[
        Profile, typer.Option(help="How much is tried; a real server is always treated gently.")
    ] = Profile.CI,
    report: Annotated[Path | None, typer.Option(metavar="DIR", help="Write JUnit, HAR and HTML there.")] = None,
    seed: Annotated[int | None, typer.Option(help="The same one tries the same again.")] = None,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="How to print.")] = ReportFormat.TEXT,
) -> None:
    """Hold a server against a provider's spec: 0 it conforms, 1 it does not, 2 it could not be tried."""
    from ..contract import run

    found = run(provider, base_url=base_url, live=live, profile=profile.value, report=report, seed=seed)
    print(found.to_text() if format is ReportFormat.TEXT else found.to_json())
    raise typer.Exit(found.exit_code)


@app.command()
def drift(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A provider's name, for its curated spec, or a file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same: OpenAPI 3.0 or 3.1, JSON or YAML.")],
    format: Annotated[DriftFormat, typer.Option("--format", "-f", help="How to print.")] = DriftFormat.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="The least change to exit with 1 for.")] = FailOn.BREAKING,
) -> None:
    """Compare two OpenAPI documents for who reads the answers: 0 nothing breaks, 1 something does, 2 not compared.

    Over the operations of OLD, each change is breaking, risky, additive or editorial; what onefolio itself reads or
    sends comes first. For example: onefolio drift alpaca NEW.json --format html > drift.html
    """
    from ..drift import Level, compare

    found = compare(old, new)
    printers = {DriftFormat.TEXT: found.to_text, DriftFormat.JSON: found.to_json, DriftFormat.HTML: found.to_html}
    print(printers[format]().rstrip("\n"))
    worst = found.worst()
    raise typer.Exit(1 if worst is not None and worst >= Level[fail_on.name] else 0)


@app.command()
def mock(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 takes a free port.")] = 8400,
    accounts: Annotated[
        int | None, typer.Option(min=0, help="Accounts of a provider, the first ones included.")
    ] = None,
    positions: Annotated[int, typer.Option(min=0, help="Positions of each further account.")] = 3,
    latency_ms: Annotated[float, typer.Option(min=0, help="Milliseconds to wait before each answer.")] = 0,
    seed: Annotated[int, typer.Option(help="Which data; the same seed gives the same.")] = 0,
    rate_limit: Annotated[
        int | None, typer.Option(min=1, help="Requests a minute of a provider, beyond which it answers 429.")
    ] = None,
) -> None:
    """Serve all providers on this machine, as their specs say, with made-up accounts.

    The first line printed is JSON with the base URLs by provider.
    """
    from ..mock import serve

    limit = None if rate_limit is None else RateLimit(rate_limit)
    serve(port=port, accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=limit)


def _print_one(what: Capability, connection: str | None, format: Format) -> None:
    taken = _take(connection, (what,))
    print_rows(getattr(taken, what), Table(what), format)
    _end(taken.failures)


def _take(connection: str | None, what: tuple[Capability, ...]) -> Snapshot:
    settings = Settings(os.environ, demo=True)
    with Folio(*settings.connections(), on_drift=_tell_drift, **settings.options()) as folio:
        if connection is not None and len(what) == 1 and not folio.supports(connection, what[0]):
            raise NotSupportedError(f"{connection} has no {what[0]}")
        with _progress() as on_progress:
            return folio.snapshot(connection, what=what, on_progress=on_progress)


def _tell_drift(report: DriftReport) -> None:
    place = f"{report.connection}, {report.operation}: {report.kind} at {report.pointer}"
    print(f"onefolio: drift: {place}; the figures are read all the same", file=sys.stderr)


@contextmanager
def _progress() -> Iterator[OnProgress | None]:
    """Show how far a snapshot is, to a person and to nobody else."""
    if not (sys.stdout.isatty() and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

    columns = (BarColumn(), MofNCompleteColumn(), "listings", TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None)
        yield lambda done, known: progress.update(task, completed=done, total=known)


def _end(failures: list[Failure]) -> None:
    for failure in failures:
        where = f", account {failure.account_id}" if failure.account_id else ""
        print(f"onefolio: {failure.operation}{where}: {failure.error}", file=sys.stderr)
    if failures:
        raise typer.Exit(1)
