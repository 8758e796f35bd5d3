"""The commands and what each of them reads."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from .._connections.rate_limit import RateLimit
from .._connections.resource import CAPABILITIES, Capability
from .._core.errors import ConfigurationError, PrecisionError, StoreError
from ..stores.base import Store
from ..stores.opening import open_store
from .diff import diff
from .output import Format, Table, format_summary, print_rows, print_snapshot
from .program import RootGroup, configure, format_examples, print_version
from .provider import app as provider
from .reading import ConnectionOption, FormatOption, complete_provider, exit_with_failures, take_snapshot
from .totals import print_exposure, print_totals
from .watch import WatchCommand, WatchOption, watch

app = typer.Typer(
    cls=RootGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    pretty_exceptions_enable=False,
    epilog="Providers are found by their environment variables and in [bold]onefolio.toml[/bold]; "
    "[bold]onefolio doctor[/bold] shows which. --quiet, --verbose and --config may also stand after the command.\n\n"
    "Exit codes: 0 done, 1 a provider failed, 2 wrong use or configuration, 130 interrupted.\n\n"
    + format_examples("snapshot", "positions --connection {provider} --watch", "totals --rate EUR=1.08 --into USD"),
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


@app.callback()
def common(
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", envvar="ONEFOLIO_QUIET", help="Print results and errors only.")
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option(
            "--verbose", "-v", envvar="ONEFOLIO_VERBOSE", help="Tell of every request and wait on standard error."
        ),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(metavar="FILE", envvar="ONEFOLIO_CONFIG", help="Read this onefolio.toml and look for no other."),
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Accounts, balances and positions of several brokers and custodians, with exact money."""
    configure(quiet=quiet, verbose=verbose, config=config)


@app.command(cls=WatchCommand, epilog=format_examples("accounts", "accounts --format csv > accounts.csv"))
def accounts(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """Print the accounts."""
    _print_capability("accounts", connection, format, seconds)


@app.command(cls=WatchCommand, epilog=format_examples("balances --connection {provider}", "balances --watch 30"))
def balances(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """Print the balances of every account."""
    _print_capability("balances", connection, format, seconds)


@app.command(cls=WatchCommand, epilog=format_examples("positions --format json", "positions --watch"))
def positions(
    connection: ConnectionOption = None, format: FormatOption = Format.TABLE, seconds: WatchOption = None
) -> None:
    """Print the positions of every account."""
    _print_capability("positions", connection, format, seconds)


@app.command(
    epilog=format_examples("snapshot --out snapshots", "snapshot --format csv --table positions > positions.csv")
)
def snapshot(
    connection: ConnectionOption = None,
    format: FormatOption = Format.TABLE,
    table: Annotated[Table | None, typer.Option("--table", help="Which table; CSV holds one.")] = None,
    out: Annotated[str | None, typer.Option("--out", metavar="DIR", help="Keep it there, as Parquet files.")] = None,
    db: Annotated[
        str | None, typer.Option("--db", metavar="DATABASE", help="Keep it in FILE.duckdb or at postgresql://….")
    ] = None,
) -> None:
    """Print everything: accounts, balances, positions, the totals by asset, and what could not be read.

    With --out or --db it is kept, beside those that are there, and told in a line; JSON and CSV are printed as well.
    """
    if format is Format.CSV and table is None:
        raise ConfigurationError(f"a CSV holds one table: add --table, one of {', '.join(Table)}")
    stores = _open_stores(out, db)
    for store in stores:
        store.check()
    taken = take_snapshot(connection, CAPABILITIES)
    try:
        for store in stores:
            store.write(taken)
            told = sys.stdout if format is Format.TABLE else sys.stderr
            print(f"{format_summary(taken)} Kept in {store.name}.", file=told)
    except (StoreError, PrecisionError):
        print_snapshot(taken, format)  # what was read is not lost with what could not be written
        raise
    if table is not None:
        print_rows(getattr(taken, table), table, format)
    elif not stores or format is not Format.TABLE:
        print_snapshot(taken, format)
    exit_with_failures(taken.failures)


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
    """Tell for each provider which variables are set, which server they lead to, and whether a call works."""
    from .doctor import check_connections, print_findings

    findings = list(check_connections(os.environ))
    print_findings(findings, format)
    raise typer.Exit(max((finding.exit_code for finding in findings if finding.configured), default=2))


@app.command(epilog=format_examples("contract {provider}", "contract {provider} --live --report out"))
def contract(
    provider: Annotated[
        str, typer.Argument(autocompletion=complete_provider, help="Whose spec; `onefolio doctor` lists the providers.")
    ],
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


@app.command(epilog=format_examples("drift {provider} NEW.json", "drift OLD.yaml NEW.yaml --format html > drift.html"))
def drift(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A provider's name, for its curated spec, or a file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same: OpenAPI 3.0 or 3.1, JSON or YAML.")],
    format: Annotated[DriftFormat, typer.Option("--format", "-f", help="How to print.")] = DriftFormat.TEXT,
    fail_on: Annotated[FailOn, typer.Option(help="The least change to exit with 1 for.")] = FailOn.BREAKING,
) -> None:
    """Compare two OpenAPI documents for who reads the answers: 0 nothing breaks, 1 something does, 2 not compared.

    Over the operations of OLD, each change is breaking, risky, additive or editorial; what onefolio itself reads or
    sends comes first.
    """
    from ..drift import Level, compare

    found = compare(old, new)
    printers = {DriftFormat.TEXT: found.to_text, DriftFormat.JSON: found.to_json, DriftFormat.HTML: found.to_html}
    print(printers[format]().rstrip("\n"))
    worst = found.worst()
    raise typer.Exit(1 if worst is not None and worst >= Level[fail_on.name] else 0)


@app.command(epilog=format_examples("mock", "mock --port 0 --accounts 1000 --positions 50 --rate-limit 200"))
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


def _open_stores(out: str | None, db: str | None) -> list[Store]:
    """Return where a snapshot is to be kept.

    Raises:
        ConfigurationError: the two options were mixed up.
    """
    from ..stores.database import Database

    stores = [open_store(place) for place in (out, db) if place is not None]
    if out is not None and isinstance(stores[0], Database):
        raise ConfigurationError(f"--out {stores[0].name}: this is a database; keep a snapshot there with --db")
    if db is not None and not isinstance(stores[-1], Database):
        raise ConfigurationError(f"--db {db}: a database is FILE.duckdb or postgresql://…; a folder goes with --out")
    return stores


def _print_capability(what: Capability, connection: str | None, format: Format, seconds: float | None) -> None:
    if seconds is not None:
        watch(what, connection, format, seconds)
    taken = take_snapshot(connection, (what,))
    print_rows(getattr(taken, what), Table(what), format)
    exit_with_failures(taken.failures)
