"""The command `drift`: news of a provider's published document, or the comparison of two documents."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, Protocol

import typer

from .._core.errors import ConfigurationError
from .._core.text import pluralize
from ..providers.registry import known
from .output import encode_html
from .program import Verbosity, get_verbosity, print_message
from .reading import complete_provider

if TYPE_CHECKING:
    from ..drift.news import News
    from ..drift.rules import Level


class DriftFormat(StrEnum):
    """The output format of a spec comparison."""

    TEXT = "text"
    JSON = "json"
    HTML = "html"


class FailOn(StrEnum):
    """The minimum severity with which a spec comparison fails."""

    BREAKING = "breaking"
    RISKY = "risky"


class _Report(Protocol):
    def to_text(self) -> str: ...
    def to_json(self) -> str: ...
    def to_html(self) -> str: ...
    def worst(self) -> Level | None: ...


def drift(
    old: Annotated[
        str,
        typer.Argument(
            metavar="PROVIDER|OLD",
            autocompletion=complete_provider,
            help="Name of a provider, for news of its published document; or an OpenAPI document.",
        ),
    ],
    new: Annotated[
        str | None,
        typer.Argument(metavar="NEW", help="OpenAPI document, or a provider for its curated spec."),
    ] = None,
    fetch: Annotated[str | None, typer.Option(metavar="URL", help="Download NEW from this https address.")] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Store NEW as the document to compare with.")] = False,
    all: Annotated[
        bool, typer.Option("--all", help="Compare the provider's curated spec with NEW, instead of printing news.")
    ] = False,
    specs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder of accepted documents, as in the repository (default: the user's folder and the package).",
        ),
    ] = None,
    format: Annotated[DriftFormat, typer.Option("--format", "-f", help="Output format.")] = DriftFormat.TEXT,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(help="Minimum severity that exits with 1 (default: any news; breaking for two documents)."),
    ] = None,
) -> None:
    """Print the news of a provider's document, or compare two documents.

    News are the changes since the document that was accepted last, first
    in the operations that onefolio reads. Each one is already covered by the
    curated spec, or to do.

    Documents are OpenAPI 3.0 or 3.1, in JSON or YAML.

    Exit codes: 0 no news or no breaking change, 1 news that are not accepted
    or a breaking change, 2 not compared.
    """
    if (new is None) == (fetch is None):
        raise ConfigurationError("expected either a document NEW or --fetch URL")
    if all or old not in known() or new in known():
        if accept or specs is not None:
            raise ConfigurationError("--accept and --specs apply to the news of a provider")
        _compare(old, new, fetch, format, fail_on)
    from ..drift.news import accept_document, fetch_published, find_accepted, find_news, read_published

    accepted = find_accepted(old, specs)
    if accepted is None and not accept:
        print_message(f"no document of {old} has been accepted, so this is all; --accept stores NEW for later news")
        _compare(old, new, fetch, format, fail_on)
    published = read_published(old, new) if new is not None else fetch_published(old, str(fetch))
    news = None if accepted is None else find_news(old, published, accepted)
    if news is not None:
        _print_report(news, format)
        if get_verbosity() is not Verbosity.QUIET:
            _print_notes(news, published.source)
    if accept:
        print_message(f"accepted: {accept_document(old, published, specs=specs)}")
        raise typer.Exit(0)
    is_failure = news is not None and (bool(news) if fail_on is None else _reaches(news, fail_on))
    raise typer.Exit(int(is_failure))


def _print_notes(news: News, source: str) -> None:
    """Print to standard error why news may be missing."""
    if news.older:
        print_message(f"{source} is older than the accepted document: {news.older}")
    if news.unknown_operations:
        print_message(
            f"{pluralize(news.unknown_operations, 'other operation')} not compared, because the accepted document does "
            "not list the operations that onefolio does not read. --accept lists them."
        )
    if not news:
        print_message(f"no news: {source} agrees with the accepted document")


def _compare(old: str, new: str | None, address: str | None, format: DriftFormat, fail_on: FailOn | None) -> NoReturn:
    """Compare two documents, and exit."""
    from ..drift import compare
    from ..drift.news import fetch_document

    report = compare(old, fetch_document(str(address)).value if new is None else new)
    _print_report(report, format)
    raise typer.Exit(int(_reaches(report, fail_on or FailOn.BREAKING)))


def _print_report(report: _Report, format: DriftFormat) -> None:
    printers = {DriftFormat.TEXT: report.to_text, DriftFormat.JSON: report.to_json, DriftFormat.HTML: report.to_html}
    if text := printers[format]().rstrip("\n"):
        print(encode_html(text) if format is DriftFormat.HTML else text)


def _reaches(report: _Report, fail_on: FailOn) -> bool:
    """Return True if a report has a change of a level, or of a higher one."""
    from ..drift import Level

    worst = report.worst()
    return worst is not None and worst >= Level[fail_on.name]
