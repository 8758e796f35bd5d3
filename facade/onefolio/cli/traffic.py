"""`onefolio watch`: a proxy that holds traffic to the contract, and the reports of its ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from .._core.errors import ConfigurationError
from .output import encode_html
from .program import exit_on_interrupt, format_examples
from .reading import complete_provider

_DEFAULT_COMMAND = "proxy"


class _WatchGroup(TyperGroup):
    """Runs the proxy if the first argument is not a command: `onefolio watch PROVIDER`."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command of the arguments."""
        if args and self.get_command(ctx, args[0]) is None:
            args = [_DEFAULT_COMMAND, *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=_WatchGroup,
    no_args_is_help=True,
    rich_markup_mode="rich",
    help="Hold the real traffic of any client to a provider's contract. "
    "[bold]onefolio watch PROVIDER[/bold] is short for [bold]onefolio watch proxy PROVIDER[/bold].",
)


class ReportFormat(StrEnum):
    """The output format of a report."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


LedgerOption = Annotated[
    Path, typer.Option("--ledger", metavar="FILE", envvar="ONEFOLIO_WATCH_LEDGER", help="Ledger of the counts.")
]
DEFAULT_LEDGER = Path("onefolio-watch.sqlite")


@app.command(_DEFAULT_COMMAND, epilog=format_examples("watch {provider} --port 8500", "watch {provider} --port 0"))
def proxy(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", autocompletion=complete_provider, help="Name of the provider.")
    ],
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="Port to listen on; 0 selects a free port.")
    ] = 8500,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="The provider's server (default: that of --environment).")
    ] = None,
    environment: Annotated[
        str | None, typer.Option(metavar="NAME", help="Environment of the provider (default: its first).")
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", help="Connection in the ledger (default: the provider).")
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    webhook: Annotated[
        str | None,
        typer.Option(
            metavar="URL", envvar="ONEFOLIO_WATCH_WEBHOOK", help="Post the first of each kind of finding to this URL."
        ),
    ] = None,
    metrics: Annotated[bool, typer.Option("--metrics", help="Count with OpenTelemetry.")] = False,
) -> None:
    """Pass requests on to a provider, and check the responses.

    Set the base URL of any client to the printed URL. Traffic passes
    unaltered; the ledger contains no values and no keys.
    """
    from ..watch.server import serve

    with exit_on_interrupt():
        serve(
            provider,
            host=host,
            port=port,
            base_url=base_url,
            environment=environment,
            name=name,
            ledger=ledger,
            webhook=webhook,
            metrics=metrics,
        )


@app.command(epilog=format_examples("watch report --since 24h", "watch report --format html > traffic.html"))
def report(
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Count from this time: 30m, 24h, 7d, or a date.")
    ] = None,
    ledger: LedgerOption = DEFAULT_LEDGER,
    format: Annotated[ReportFormat, typer.Option("--format", "-f", help="Output format.")] = ReportFormat.TEXT,
) -> None:
    """Print the drift and the defects in a ledger.

    Exit codes: 0 no new finding, 1 new findings, 2 the ledger was not read.
    """
    from ..watch.ledger import Ledger
    from ..watch.report import make_report, parse_since

    opened = Ledger(ledger)
    opened.require()
    made = make_report(opened, since=0.0 if since is None else parse_since(since, datetime.now(UTC)))
    printers = {ReportFormat.TEXT: made.to_text, ReportFormat.JSON: made.to_json, ReportFormat.HTML: made.to_html}
    text = printers[format]().rstrip("\n")
    print(encode_html(text) if format is ReportFormat.HTML else text)
    raise typer.Exit(1 if made.news else 0)


@app.command(epilog=format_examples("watch ack 3f21ab90 --note 'asked the provider'", "watch ack --all"))
def ack(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="Ids of findings in the report.")] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="The reason.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All findings.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Withdraw acknowledgements.")] = False,
    ledger: LedgerOption = DEFAULT_LEDGER,
) -> None:
    """Acknowledge findings, so that they are no longer new."""
    from ..watch.ledger import Ledger
    from ..watch.report import make_report

    opened = Ledger(ledger)
    opened.require()
    if bool(ids) == every:
        raise ConfigurationError("pass the ids of findings, or --all")
    named = [each.id for each in make_report(opened).findings] if every else ids or []
    if undo:
        opened.withdraw(named)
    else:
        opened.acknowledge(named, note)
    print(f"{'withdrawn' if undo else 'acknowledged'}: {len(named)}")
