"""The commands of the command line."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .._connections.rate_limit import RateLimit
from .._connections.resource import CAPABILITIES, Capability
from .._core.addresses import show_address
from .._core.errors import ConfigurationError, PrecisionError, StoreError
from .._tables.text_only import TextOnlyFigure, describe_text_only
from ..stores.base import Store
from ..stores.opening import open_store
from .diff import diff
from .drift import drift
from .output import Format, Table, format_summary, print_rows, print_snapshot
from .program import RootGroup, configure, exit_on_interrupt, format_examples, print_message, print_version
from .provider import app as provider
from .reading import (
    ConnectionOption,
    FormatOption,
    complete_provider,
    exit_with_failures,
    read_snapshot,
)
from .spec import app as spec
from .totals import print_exposure, print_totals
from .traffic import app as traffic
from .watch import WatchCommand, WatchOption, watch

app = typer.Typer(
    cls=RootGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
    epilog="Connections are read from environment variables, [bold]onefolio.toml[/bold] and the system's keyring. "
    "[bold]onefolio doctor[/bold] checks them. --quiet, --verbose and --config can be given after a command as well."
    "\n\n"
    "Exit codes: 0 success, 1 a provider failed or there are findings, 2 wrong use or configuration, 130 interrupted, "
    "141 the reader of the output has ended."
    "\n\n"
    + format_examples("snapshot", "positions --connection {provider} --watch", "totals --rate EUR=1.08 --into USD"),
)

app.add_typer(provider, name="provider")
app.add_typer(traffic, name="watch")
app.add_typer(spec, name="spec")


class Profile(StrEnum):
    """The extent of a contract test."""

    CI = "ci"
    NIGHTLY = "nightly"


class ReportFormat(StrEnum):
    """The output format of a contract test."""

    TEXT = "text"
    JSON = "json"


@app.callback()
def common(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", envvar="ONEFOLIO_QUIET", help="Print only results and errors.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", envvar="ONEFOLIO_VERBOSE", help="Print every request and wait to standard error."
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="ONEFOLIO_CONFIG", help="Configuration file (default: onefolio.toml)."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Read accounts, balances and positions from several brokers and custodians."""
    configure(quiet=quiet, verbose=verbose, config=config)


@app.command(cls=WatchCommand, epilog=format_examples("accounts", "accounts --format csv > accounts.csv"))
def accounts(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """List the accounts."""
    _print_capability("accounts", connection, format, seconds)


@app.command(cls=WatchCommand, epilog=format_examples("balances --connection {provider}", "balances --watch 30"))
def balances(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """List the balances of all accounts."""
    _print_capability("balances", connection, format, seconds)


@app.command(cls=WatchCommand, epilog=format_examples("positions --format json", "positions --watch"))
def positions(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """List the positions of all accounts."""
    _print_capability("positions", connection, format, seconds)


@app.command(
    epilog=format_examples("snapshot --out snapshots", "snapshot --format csv --table positions > positions.csv")
)
def snapshot(
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
    table: Annotated[
        Table | None,
        typer.Option(
            "--table", metavar="TABLE", help=f"Print only one table: {', '.join(Table)}. Required for CSV output."
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="DIR", help="Save the snapshot to this folder, as Parquet files.")
    ] = None,
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="DATABASE", help="Save the snapshot to FILE.duckdb or a postgresql:// database."),
    ] = None,
) -> None:
    """Read accounts, balances and positions, and print them with totals and failures.

    With --out or --db, the snapshot is saved beside earlier ones.
    JSON and CSV output is printed as well.
    """
    if format is Format.CSV and table is None:
        raise ConfigurationError(f"CSV output contains one table. Select it with --table: {', '.join(Table)}")
    stores = _open_stores(out, db)
    for store in stores:
        store.check()
    result = read_snapshot(connection, CAPABILITIES)
    text_only: tuple[TextOnlyFigure, ...] = ()
    try:
        for store in stores:
            text_only = store.write(result)
            output = sys.stdout if format is Format.TABLE else sys.stderr
            print(f"{format_summary(result)} Saved to {store.name}.", file=output)
    except (StoreError, PrecisionError):
        print_snapshot(result, format)  # the records would be lost otherwise
        raise
    finally:
        for line in describe_text_only(text_only):
            print_message(line)
    if table is not None:
        print_rows(result, table, format)
    elif not stores or format is not Format.TABLE:
        print_snapshot(result, format)
    exit_with_failures(result.failures)


app.command("totals", epilog=format_examples("totals --by provider", "totals --rate EUR=1.08 --into USD"))(print_totals)

app.command(
    "exposure", epilog=format_examples("exposure --currency {provider}=USD", "exposure --by account --format csv")
)(print_exposure)

app.command(
    epilog=format_examples(
        "diff books.csv snapshots --tolerance market_value=0.01", "diff snapshots@2026-11-20 snapshots"
    )
)(diff)


@app.command(epilog=format_examples("doctor", "doctor --config other.toml"))
def doctor(format: FormatOption = Format.TABLE) -> None:
    """Check the variables and the server of each provider, and make a test call."""
    from .doctor import check_connections, print_findings

    findings = list(check_connections(os.environ))
    print_findings(findings, format)
    raise typer.Exit(max((finding.exit_code for finding in findings if finding.configured), default=2))


@app.command(epilog=format_examples("contract {provider}", "contract {provider} --live --report out"))
def contract(
    provider: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER",
            autocompletion=complete_provider,
            help="Name of the provider; `onefolio doctor` lists the names.",
        ),
    ],
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Server to test (default: a new mock).")] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Test the provider itself with your keys: few, valid requests.")
    ] = False,
    profile: Annotated[Profile, typer.Option(help="Number of requests; with --live always small.")] = Profile.CI,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write JUnit, HAR and HTML reports to this folder.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="N", help="Reuse a seed to repeat a run.")] = None,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="Output format.")] = ReportFormat.TEXT,
) -> None:
    """Test a server against a provider's spec.

    Exit codes: 0 the server conforms, 1 it does not, 2 the test could not run.
    """
    from ..contract import run

    result = run(provider, base_url=base_url, live=live, profile=profile.value, report=report, seed=seed)
    print(result.to_text() if format is ReportFormat.TEXT else result.to_json())
    raise typer.Exit(result.exit_code)


app.command(
    epilog=format_examples(
        "drift {provider} NEW.json", "drift {provider} --fetch URL --accept", "drift OLD.yaml NEW.yaml --format html"
    )
)(drift)


@app.command(epilog=format_examples("mock", "mock --port 0 --accounts 1000 --positions 50 --rate-limit 200"))
def mock(
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port to listen on; 0 selects a free port.")
    ] = 8400,
    accounts: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Accounts of each provider (default: the examples of its spec)."),
    ] = None,
    positions: Annotated[
        int, typer.Option(metavar="N", min=0, help="Positions of each account beyond the examples.")
    ] = 3,
    latency_ms: Annotated[
        float, typer.Option(metavar="N", min=0, help="Milliseconds to wait before each response.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="Reuse a seed to get the same data.")] = 0,
    rate_limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Requests per minute and provider; more receive HTTP 429."),
    ] = None,
) -> None:
    """Serve the APIs of all providers on this machine, with generated data.

    The first line of output is JSON with the base URL of each provider.
    """
    from ..mock import serve

    limit = None if rate_limit is None else RateLimit(rate_limit)
    with exit_on_interrupt():
        serve(port=port, accounts=accounts, positions=positions, latency_ms=latency_ms, seed=seed, rate_limit=limit)


def _open_stores(out: str | None, db: str | None) -> list[Store]:
    """Return the stores in which to save a snapshot.

    Raises:
        ConfigurationError: The folder is a database, or the database is a folder.
    """
    from ..stores.database import Database

    stores = [open_store(place) for place in (out, db) if place is not None]
    if out is not None and isinstance(stores[0], Database):
        raise ConfigurationError(f"--out {stores[0].name} is a database. Save to a database with --db")
    if db is not None and not isinstance(stores[-1], Database):
        place = show_address(db)
        raise ConfigurationError(f"--db {place} is neither FILE.duckdb nor postgresql://…. Save to a folder with --out")
    return stores


def _print_capability(
    capability: Capability, connection: list[str] | None, format: Format, seconds: float | None
) -> None:
    if seconds is not None:
        with exit_on_interrupt():
            watch(capability, connection, format, seconds)
    result = read_snapshot(connection, (capability,))
    print_rows(result, Table(capability), format)
    exit_with_failures(result.failures)
