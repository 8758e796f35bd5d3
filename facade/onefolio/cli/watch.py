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
from .output import SHOWN, Format, Table, completeness, csv_names, csv_row, models_sheet
from .reading import check_supported, failure_text, open_folio, tell
from .tables import TableSpec, escape_controls, people_console, print_tables, render_table

SECONDS = 5.0
"""Between two readings, where nothing else is asked for."""

_DAY = 86_400

_FAILURES = 5
"""Failures that are shown under a table; there may be one for each of a thousand accounts."""

_KEYS: dict[Table, tuple[str, ...]] = {
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
        help=f"Read again every so many seconds ({SECONDS:g} unless stated, 1 at least) until Ctrl-C.",
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
                full.append(str(SECONDS))
        parsed: list[str] = super().parse_args(ctx, full)
        return parsed


def watch(what: Capability, connection: str | None, format: Format, seconds: float) -> None:
    """Print what is read every so many seconds. Failures are told and end nothing; Ctrl-C does.

    Raises:
        ConfigurationError: the seconds are too few or too many.
        NotSupportedError: the connection's provider has no such thing.
    """
    if not 1 <= seconds <= _DAY:
        raise ConfigurationError(f"--watch reads every so many seconds, from 1 to {_DAY}, not {seconds:g}")
    table = Table(what)
    with open_folio() as folio:
        check_supported(folio, connection, (what,))
        readings = _readings(folio, connection, what, seconds)
        if format is not Format.TABLE:
            _print_on(readings, table, format)
        elif sys.stdout.isatty() and not people_console().is_dumb_terminal:
            _redraw(readings, table)
        else:
            seen = ChangeTracker(table)
            for taken in readings:
                print_tables(seen.sheet(taken))
                print(f"{completeness(taken)}\n", flush=True)
                tell(taken.failures)


def _readings(folio: Folio, connection: str | None, what: Capability, seconds: float) -> Iterator[Snapshot]:
    while True:
        yield folio.snapshot(connection, capabilities=(what,))
        time.sleep(seconds)


def _print_on(readings: Iterator[Snapshot], table: Table, format: Format) -> None:
    """Print readings for programs: a line of JSON for each, or lines of CSV that say when they were read."""
    writer = csv.DictWriter(sys.stdout, ["taken_at", *csv_names(TABLES[table])], lineterminator="\n")
    if format is Format.CSV:
        writer.writeheader()
    for taken in readings:
        rows = getattr(taken, table)
        if format is Format.CSV:
            writer.writerows({"taken_at": taken.taken_at.isoformat(), **csv_row(row)} for row in rows)
        else:
            found = {"taken_at": taken.taken_at, table.value: rows, "failures": taken.failures}
            print(json.dumps(to_jsonable(found), separators=(",", ":")))
        sys.stdout.flush()
        tell(taken.failures)


def _redraw(readings: Iterator[Snapshot], table: Table) -> None:
    seen = ChangeTracker(table)
    console = people_console()
    with Live(console=console, auto_refresh=False, vertical_overflow="crop") as live:
        for taken in readings:
            live.update(_view(seen.sheet(taken), taken, console.width, console.height), refresh=True)


def _view(sheet: TableSpec, taken: Snapshot, width: int, height: int) -> Stack:
    """Return what fits on the screen of a reading."""
    told = [
        Text(escape_controls(failure_text(each)), "red", no_wrap=True, overflow="ellipsis") for each in taken.failures
    ]
    under = [*told[:_FAILURES], Text(completeness(taken), no_wrap=True, overflow="ellipsis")]
    # The title, the heading and its line, an empty line, a line for what is left out.
    room = max(1, height - len(under) - 5)
    more = len(sheet.rows) - room
    if more > 0:
        sheet = _with_marks_first(sheet, room)
        under.append(Text(f"{pluralize(more, 'more row')}; --connection shows one connection", "dim"))
    shown = render_table(sheet, width)
    if max(line.cell_len for line in shown.split()) > width:
        # A figure that is cut off would be misread.
        shown = Text("This window is too narrow for the figures.", "bold")
    return Stack(shown, *under)


def _with_marks_first(sheet: TableSpec, room: int) -> TableSpec:
    order = sorted(range(len(sheet.rows)), key=lambda number: not sheet.rows[number][0])[:room]
    marked = {place: sheet.marked[number] for place, number in enumerate(order) if number in sheet.marked}
    return sheet._replace(rows=[sheet.rows[number] for number in order], marked=marked)


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

    def sheet(self, taken: Snapshot) -> TableSpec:
        """Return a reading as a table whose first column tells what has changed, and note it."""
        found = list(self.changes(getattr(taken, self.table), taken.failures))
        sheet = models_sheet([each.row for each in found], self.table)
        rows = [[each.mark, *row] for each, row in zip(found, sheet.rows, strict=True)]
        since = "" if self._since is None else f"; + new, ~ changed, - gone since {self._since:%H:%M:%S} UTC"
        self._since = taken.taken_at
        return TableSpec(
            sheet.title + since,
            ("", *sheet.columns),
            rows,
            sheet.spare,
            {number: {"", *each.fields} for number, each in enumerate(found) if each.mark},
        )

    def changes(self, rows: Sequence[Any], failures: Sequence[Failure]) -> Iterator[Change]:
        """Yield the rows as they are now, then those that are gone."""
        before, self._rows = self._rows, self._keyed(rows)
        for key, row in self._rows.items():
            was = before.pop(key, None)
            if was is None:
                yield Change("+" if self._since else "", row)
            else:
                changed = frozenset(name for name in SHOWN[self.table] if getattr(was, name) != getattr(row, name))
                yield Change("~" if changed else "", row, changed)
        unread = {(failure.connection, failure.account_id) for failure in failures}
        for key, row in before.items():
            if not unread.isdisjoint({(row.connection, None), (row.connection, getattr(row, "account_id", None))}):
                self._rows[key] = row
            else:
                yield Change("-", row)

    def _keyed(self, rows: Iterable[Any]) -> dict[tuple[Any, ...], Any]:
        """Return the rows by what they are known by; of two that have it in common, the second is known as such."""
        times: Counter[tuple[Any, ...]] = Counter()
        keyed = {}
        for row in rows:
            key = tuple(getattr(row, name) for name in _KEYS[self.table])
            times[key] += 1
            keyed[*key, times[key]] = row
        return keyed
