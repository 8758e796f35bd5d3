"""`onefolio spec`: work on curated specs."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from .._core.errors import ConfigurationError
from .program import format_examples, print_message
from .reading import complete_provider
from .traffic import DEFAULT_LEDGER

app = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Work on curated specs.")


@app.callback()
def group() -> None:
    """Work on curated specs."""


@app.command(
    epilog=format_examples("spec propose {provider} > change.diff", "spec propose {provider} --har traffic.har")
)
def propose(
    provider: Annotated[
        str, typer.Argument(metavar="PROVIDER", autocompletion=complete_provider, help="Name of the provider.")
    ],
    ledger: Annotated[
        Path,
        typer.Option("--ledger", metavar="FILE", envvar="ONEFOLIO_WATCH_LEDGER", help="Ledger of `onefolio watch`."),
    ] = DEFAULT_LEDGER,
    har: Annotated[
        Path | None, typer.Option(metavar="FILE", help="HAR file with recorded traffic, instead of a ledger.")
    ] = None,
    repository: Annotated[
        Path, typer.Option(metavar="DIR", help="Checkout with the folder specs.", show_default="current directory")
    ] = Path(),
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the changed files to this folder, instead of a diff.")
    ] = None,
) -> None:
    """Propose changes of a curated spec from observed traffic.

    The diff changes the spec, an example, the list of departures and
    a golden vector. Its values are made up; its counts are evidence.
    """
    from ..watch.har import read_har
    from ..watch.ledger import Ledger
    from ..watch.proposal.propose import propose as make_proposal
    from ..watch.recorder import Recorder

    with TemporaryDirectory() as folder:
        opened = Ledger(ledger if har is None else Path(folder) / "ledger.sqlite")
        if har is not None:
            recorder = Recorder(provider, opened.path)
            for exchange in read_har(har, provider, recorder.routes):
                recorder.record(exchange)
            recorder.write()
        opened.require()
        proposal = make_proposal(provider, opened, repository)
    for note in proposal.notes:
        print_message(note)
    if out is None:
        sys.stdout.write(proposal.diff())
        return
    if out.resolve() == repository.resolve():
        raise ConfigurationError("--out is the checkout itself. Pass another folder, and review the files first.")
    proposal.write(out)
    for path in proposal.files:
        print(f"wrote {out / path}")
