"""`--watch`: reads again and again, in one place on a terminal, and marks what has changed since the last reading."""

from __future__ import annotations

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple

import typer
from attrs import define, field
from rich.console import Group as Stack
from rich.live import Live
from rich.text import Text
from typer.core import TyperCommand

from .._connections.resource import Capability
from .._core.errors import ConfigurationError
from .._core.text import pluralize
from .._folio.sync import Folio
from .._models.jsonable import to_jsonable
from .._models.records import TABLES, Failure
from .._snapshots.snapshot import Snapshot
from .output import TABLE_COLUMNS, Format, Table, build_table, format_summary, list_csv_columns, to_csv_row
from .reading import check_supported, format_failure, open_folio, report_failures
from .tables import TableSpec, create_console, print_tables, render_table, replace_controls

DEFAULT_SECONDS = 5.0
"""Between two readings, where nothing else is asked for."""

_MAX_SECONDS = 86_400

_MAX_FAILURES = 5
"""Failures that are shown under a table; there may be one for each of a thousand accounts."""

_KEY_FIELDS: dict[Table, tuple[str, ...]] = {
    Table.ACCOUNTS: ("connection", "id"),
    Table.BALANCES: ("connection", "account_id", "asset", "network", "country"),
    Table.POSITIONS: ("connection", "account_id", "symbol", "instrument_id"),
}
"""What a row is known by from one reading to the next."""

WatchOption = Annotated[
    float | None,
    typer.Option(
        "--watch",
        "-w",
        metavar="[SECONDS]",
        help=f"Read again every so many seconds ({DEFAULT_SECONDS:g} unless stated, 1 at least) until Ctrl-C.",
    ),
]


class WatchCommand(TyperCommand):
    """A command whose `--watch` may do without its seconds."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments with the seconds put in where they are left out."""
        full: list[str] = []
        for number, word in enumerate(args):
            full.append(word)
            if word in ("--watch", "-w") and (number + 1 == len(args) or args[number + 1].startswith("-")):
                full.append(str(DEFAULT_SECONDS))
        parsed: list[str] = super().parse_args(ctx, full)
        return parsed


def watch(what: Capability, connection: str | None, format: Format, seconds: float) -> None:
    """Print what is read every so many seconds. Failures are told and end nothing; Ctrl-C does.

    Raises:
        ConfigurationError: the seconds are too few or too many.
        NotSupportedError: the connection's provider has no such thing.
    """
    if not 1 <= seconds <= _MAX_SECONDS:
        raise ConfigurationError(f"--watch reads every so many seconds, from 1 to {_MAX_SECONDS}, not {seconds:g}")
    table = Table(what)
    with open_folio() as folio:
        check_supported(folio, connection, (what,))
        readings = _iter_snapshots(folio, connection, what, seconds)
        if format is not Format.TABLE:
            _print_records(readings, table, format)
        elif sys.stdout.isatty() and not create_console().is_dumb_terminal:
            _refresh_table(readings, table)
        else:
            seen = ChangeTracker(table)
            for taken in readings:
                print_tables(seen.build_table(taken))
                print(f"{format_summary(taken)}\n", flush=True)
                report_failures(taken.failures)


def _iter_snapshots(folio: Folio, connection: str | None, what: Capability, seconds: float) -> Iterator[Snapshot]:
    while True:
        yield folio.snapshot(connection, what=(what,))
        time.sleep(seconds)


def _print_records(readings: Iterator[Snapshot], table: Table, format: Format) -> None:
    """Print readings for programs: a line of JSON for each, or lines of CSV that say when they were read."""
    writer = csv.DictWriter(sys.stdout, ["taken_at", *list_csv_columns(TABLES[table])], lineterminator="\n")
    if format is Format.CSV:
        writer.writeheader()
    for taken in readings:
        rows = getattr(taken, table)
        if format is Format.CSV:
            writer.writerows({"taken_at": taken.taken_at.isoformat(), **to_csv_row(row)} for row in rows)
        else:
            found = {"taken_at": taken.taken_at, table.value: rows, "failures": taken.failures}
            print(json.dumps(to_jsonable(found), separators=(",", ":")))
        sys.stdout.flush()
        report_failures(taken.failures)


def _refresh_table(readings: Iterator[Snapshot], table: Table) -> None:
    seen = ChangeTracker(table)
    console = create_console()
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for taken in readings:
            live.update(_render_view(seen.build_table(taken), taken, console.width, console.height), refresh=True)


def _render_view(spec: TableSpec, taken: Snapshot, width: int, height: int) -> Stack:
    """Return what fits on the screen of a reading."""
    told = [
        Text(replace_controls(format_failure(each)), "red", no_wrap=True, overflow="ellipsis")
        for each in taken.failures
    ]
    under = [*told[:_MAX_FAILURES], Text(format_summary(taken), no_wrap=True, overflow="ellipsis")]
    # The title, the heading and its line, an empty line, a line for what is left out.
    room = max(1, height - len(under) - 5)
    more = len(spec.rows) - room
    if more > 0:
        spec = _move_changes_first(spec, room)
        under.append(Text(f"{pluralize(more, 'more row')}; --connection shows one connection", "dim"))
    shown = render_table(spec, width)
    if max(line.cell_len for line in shown.split()) > width:
        # A figure that is cut off would be misread.
        shown = Text("This window is too narrow for the figures.", "bold")
    return Stack(shown, *under)


def _move_changes_first(spec: TableSpec, room: int) -> TableSpec:
    order = sorted(range(len(spec.rows)), key=lambda number: not spec.rows[number][0])[:room]
    highlights = {place: spec.highlights[number] for place, number in enumerate(order) if number in spec.highlights}
    return spec._replace(rows=[spec.rows[number] for number in order], highlights=highlights)


class Change(NamedTuple):
    """What became of a row since the last reading.

    Attributes:
        mark: `+` it is new, `~` it has changed, `-` it is gone; empty where nothing has happened.
        row: the row as it is, or was.
        fields: those that have changed.
    """

    mark: str
    row: Any
    fields: frozenset[str] = frozenset()


@define(eq=False)
class ChangeTracker:
    """The rows of the last reading, and what the next one changes in them.

    Rows that could not be read now are neither gone nor, later, new: they are compared with what was read last.
    """

    table: Table
    _rows: dict[tuple[Any, ...], Any] = field(factory=dict)
    _since: datetime | None = None

    def build_table(self, taken: Snapshot) -> TableSpec:
        """Return a reading as a table whose first column tells what has changed, and note it."""
        found = list(self.iter_changes(getattr(taken, self.table), taken.failures))
        spec = build_table([each.row for each in found], self.table)
        rows = [[each.mark, *row] for each, row in zip(found, spec.rows, strict=True)]
        since = "" if self._since is None else f"; + new, ~ changed, - gone since {self._since:%H:%M:%S} UTC"
        self._since = taken.taken_at
        return TableSpec(
            spec.title + since,
            ("", *spec.columns),
            rows,
            spec.droppable,
            {number: {"", *each.fields} for number, each in enumerate(found) if each.mark},
        )

    def iter_changes(self, rows: Sequence[Any], failures: Sequence[Failure]) -> Iterator[Change]:
        """Yield the rows as they are now, then those that are gone."""
        before, self._rows = self._rows, self._index_rows(rows)
        for key, row in self._rows.items():
            was = before.pop(key, None)
            if was is None:
                yield Change("+" if self._since else "", row)
            else:
                changed = frozenset(
                    name for name in TABLE_COLUMNS[self.table] if getattr(was, name) != getattr(row, name)
                )
                yield Change("~" if changed else "", row, changed)
        unread = {(failure.connection, failure.account_id) for failure in failures}
        for key, row in before.items():
            if not unread.isdisjoint({(row.connection, None), (row.connection, getattr(row, "account_id", None))}):
                self._rows[key] = row
            else:
                yield Change("-", row)

    def _index_rows(self, rows: Iterable[Any]) -> dict[tuple[Any, ...], Any]:
        """Return the rows by what they are known by; of two that have it in common, the second is known as such."""
        times: Counter[tuple[Any, ...]] = Counter()
        keyed = {}
        for row in rows:
            key = tuple(getattr(row, name) for name in _KEY_FIELDS[self.table])
            times[key] += 1
            keyed[*key, times[key]] = row
        return keyed
