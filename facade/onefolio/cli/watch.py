"""`--watch`: refresh a table every N seconds and highlight changes."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Collection, Iterator
from typing import Annotated, Any

import typer
from rich.console import Group
from rich.live import Live
from rich.text import Text
from typer.core import TyperCommand

from onefolio_runtime import replace_controls

from .._connections.resource import Capability
from .._core.csv_writer import csv_writer
from .._core.errors import ConfigurationError
from .._core.text import pluralize
from .._folio.sync import Folio
from .._models.jsonable import to_jsonable
from .._models.records import TABLES
from .._snapshots.snapshot import Snapshot
from .change_tracker import ChangeTracker
from .output import Format, Table, describe_snapshot, format_summary, list_csv_columns, to_csv_row
from .reading import format_failure, open_folio, report_failures
from .tables import TableLayout, TableSpec, create_console, print_tables

DEFAULT_SECONDS = 5.0

_MAX_SECONDS = 86_400

_MAX_FAILURES = 5
"""Failures below a table; each of a thousand accounts may have one."""

_TABLE_LINES = 6
"""Lines of the screen besides rows and messages: title, heading, rule, an empty line, hidden columns, hidden rows."""

WatchOption = Annotated[
    float | None,
    typer.Option(
        "--watch",
        "-w",
        metavar="[SECONDS]",
        help=f"Refresh every N seconds (default: {DEFAULT_SECONDS:g}, at least 1) until Ctrl-C.",
    ),
]


class WatchCommand(TyperCommand):
    """A command whose option `--watch` has an optional value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the default added to `--watch` where the value is missing."""
        full: list[str] = []
        for index, argument in enumerate(args):
            full.append(argument)
            if argument in ("--watch", "-w") and (index + 1 == len(args) or args[index + 1].startswith("-")):
                full.append(str(DEFAULT_SECONDS))
        parsed: list[str] = super().parse_args(ctx, full)
        return parsed


def watch(capability: Capability, names: Collection[str] | None, format: Format, seconds: float) -> None:
    """Read and print a table every N seconds until an interrupt. Failures are printed and do not end it.

    Args:
        capability: the records to read.
        names: the names of the connections; all connections if there are none.
        format: the output format.
        seconds: the pause between two snapshots.

    Raises:
        ConfigurationError: The seconds are out of range, or a connection is not configured.
        NotSupportedError: A connection was named and does not support the capability.
    """
    if not 1 <= seconds <= _MAX_SECONDS:
        raise ConfigurationError(f"--watch {seconds:g}: expected a number of seconds from 1 to {_MAX_SECONDS}")
    table = Table(capability)
    with open_folio(names, (capability,)) as folio:
        snapshots = _iter_snapshots(folio, capability, seconds)
        if format is Format.JSON:
            _print_json_lines(snapshots, table)
        elif format is Format.CSV:
            _print_csv_rows(snapshots, table)
        elif sys.stdout.isatty() and not create_console().is_dumb_terminal:
            _refresh_table(snapshots, table)
        else:
            _print_tables(snapshots, table)


def _iter_snapshots(folio: Folio, capability: Capability, seconds: float) -> Iterator[Snapshot]:
    while True:
        snapshot = folio.snapshot(capabilities=(capability,))
        yield snapshot
        time.sleep(seconds)


def _print_json_lines(snapshots: Iterator[Snapshot], table: Table) -> None:
    """Print each snapshot as one line of JSON."""
    for snapshot in snapshots:
        document = describe_snapshot(snapshot, table, Table.FAILURES)
        print(json.dumps(to_jsonable(document), separators=(",", ":")), flush=True)
        report_failures(snapshot.failures)


def _print_csv_rows(snapshots: Iterator[Snapshot], table: Table) -> None:
    """Print the rows of all snapshots as one CSV document, with the time of the snapshot in each row."""
    writer = csv_writer(sys.stdout, ["taken_at", *list_csv_columns(TABLES[table])])
    writer.writeheader()
    for snapshot in snapshots:
        taken_at = {"taken_at": snapshot.taken_at.isoformat()}
        writer.writerows(taken_at | to_csv_row(row) for row in getattr(snapshot, table))
        sys.stdout.flush()
        report_failures(snapshot.failures)


def _print_tables(snapshots: Iterator[Snapshot], table: Table) -> None:
    """Print a table for each snapshot."""
    tracker = ChangeTracker(table)
    for snapshot in snapshots:
        print_tables(tracker.build_table(snapshot))
        print(f"{format_summary(snapshot)}\n", flush=True)
        report_failures(snapshot.failures)


def _refresh_table(snapshots: Iterator[Snapshot], table: Table) -> None:
    """Display a table in one place of the terminal."""
    tracker = ChangeTracker(table)
    console = create_console()
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for snapshot in snapshots:
            spec = tracker.build_table(snapshot)
            live.update(_render_screen(spec, snapshot, console.width, console.height), refresh=True)


def _render_screen(spec: TableSpec, snapshot: Snapshot, width: int, height: int) -> Group:
    """Render the rows that fit the screen, failures and a summary."""
    failures = [replace_controls(format_failure(each)) for each in snapshot.failures[:_MAX_FAILURES]]
    footer = [Text(each, "red", no_wrap=True, overflow="ellipsis") for each in failures]
    footer.append(Text(format_summary(snapshot), no_wrap=True, overflow="ellipsis"))
    max_rows = max(1, height - len(footer) - _TABLE_LINES)
    hidden = len(spec.rows) - max_rows
    if hidden > 0:
        spec = _select_rows(spec, max_rows)
        footer.append(Text(f"{pluralize(hidden, 'more row')}; use --connection to read one connection", "dim"))
    layout = TableLayout.fit(spec, width)
    if not layout.fits:
        # A truncated figure would be misread.
        return Group(Text("The terminal is too narrow for the table.", "bold"), *footer)
    if layout.left_out:
        hidden_columns = f"Not shown at {width} columns: {', '.join(layout.left_out)}"
        footer.insert(0, Text(hidden_columns, "dim", no_wrap=True, overflow="ellipsis"))
    return Group(layout.render(), *footer)


def _select_rows(spec: TableSpec, count: int) -> TableSpec:
    """Return the first rows of a table, those with a change before all others."""
    selected = sorted(range(len(spec.rows)), key=lambda index: not spec.rows[index][0])[:count]
    highlights = {
        position: spec.highlights[index] for position, index in enumerate(selected) if index in spec.highlights
    }
    return spec._replace(rows=[spec.rows[index] for index in selected], highlights=highlights)
