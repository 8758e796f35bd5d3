"""`--watch`: its output for programs and for people, the marks of changes, and its end."""

import csv
import fcntl
import io
import json
import os
import pty
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from onefolio import Failure, Position, ProviderError, Snapshot
from onefolio.cli.change_tracker import ChangeTracker
from onefolio.cli.output import Table
from onefolio.pytest_plugin import RunningMock
from tests.cli.running import BARE, COMMAND, run

OPERATION = "getAccountPositions"


@contextmanager
def watching(*arguments: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a command with `--watch` and pipes, and interrupt it at the end."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env={**BARE, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    try:
        yield process
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    finally:
        process.kill()
        process.communicate()


def change_value(body: dict[str, Any]) -> object:
    """Change the market value with each response."""
    for row in body["data"]:
        row["market_value"] = str(time.time_ns())
    return body


def test_json_is_one_document_per_line_and_failures_do_not_end_it(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.change(OPERATION, change_value)
    with watching("positions", "--watch", "1", "-f", "json", environ=onefolio_mock.environ) as process:
        assert process.stdout
        assert process.stderr
        first, second = (json.loads(process.stdout.readline()) for _ in range(2))
        assert [*first] == ["taken_at", "complete", "positions", "failures"]
        assert first["taken_at"] < second["taken_at"]
        assert len(first["positions"]) == len(second["positions"])
        assert first["positions"] != second["positions"]
        onefolio_mock.answers.answer(OPERATION, status=403)
        assert "403" in process.stderr.readline()
        while not (failed := json.loads(process.stdout.readline()))["failures"]:
            pass
        assert 0 < len(failed["positions"]) < len(first["positions"])
        onefolio_mock.answers.reset()
        while json.loads(process.stdout.readline())["failures"]:
            pass
    assert process.returncode == 130


def test_csv_has_one_header_and_the_time_of_each_row(servers: dict[str, str]) -> None:
    with watching("accounts", "-f", "csv", "--watch=1", environ=servers) as process:
        assert process.stdout
        count = len(json.loads(run("accounts", "-f", "json", environ=servers).stdout))
        lines = [process.stdout.readline() for _ in range(1 + 2 * count)]
    rows = list(csv.DictReader(io.StringIO("".join(lines))))
    assert len({row["taken_at"] for row in rows}) == 2
    assert {row["taken_at"] for row in rows[:count]} == {rows[0]["taken_at"]}


def test_a_pipe_receives_one_table_after_another_with_marks(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.change(OPERATION, change_value)
    with watching("positions", "--watch", "1", environ=onefolio_mock.environ) as process:
        assert process.stdout
        assert process.stdout.readline() == "Positions\n"
        while not (line := process.stdout.readline()).startswith("Positions; "):
            assert not line.startswith("~")
        while not process.stdout.readline().startswith("~"):
            pass


@pytest.mark.parametrize(
    "wrong", [["--watch", "0.5"], ["--watch", "0"], ["--watch=x"], ["--watch", "nan"], ["--watch", "inf"]]
)
def test_seconds_out_of_range_are_rejected(wrong: list[str], servers: dict[str, str]) -> None:
    done = run("positions", *wrong, environ=servers)
    assert (done.returncode, done.stdout) == (2, "")


def run_on_terminal(arguments: list[str], environ: dict[str, str], wanted: bytes, rows: int, columns: int) -> bytes:
    """Return the output to a terminal of a size until it contains `wanted`, and after Ctrl-C."""
    screen, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        env={**BARE, **environ, "TERM": "xterm-256color"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent, until = b"", time.monotonic() + 120
    try:
        while wanted not in sent:
            assert time.monotonic() < until, sent
            sent += os.read(screen, 65536)
        process.send_signal(signal.SIGINT)
        while piece := _read(screen):
            sent += piece
        process.wait(timeout=60)
    finally:
        process.kill()
        process.wait()
        os.close(screen)
    assert process.returncode == 130
    return sent


def _read(screen: int) -> bytes:
    try:
        return os.read(screen, 65536)
    except OSError:  # the program has ended
        return b""


def test_a_terminal_is_refreshed_in_place_with_highlights(onefolio_mock: RunningMock) -> None:
    onefolio_mock.answers.change(OPERATION, change_value)
    sent = run_on_terminal(["positions", "--watch", "1"], onefolio_mock.environ, b"~", 30, 140)
    assert b"\x1b[1A" in sent, "the cursor moves up"
    assert b"\x1b[1;33m~" in sent
    assert sent.endswith(b"\x1b[?25h") or b"\x1b[?25h" in sent[-40:], "the cursor is visible"


@pytest.mark.parametrize(
    ("rows", "columns", "wanted"), [(9, 140, b"more row"), (30, 30, b"too narrow")], ids=["low", "narrow"]
)
def test_a_small_terminal_displays_a_notice(rows: int, columns: int, wanted: bytes, servers: dict[str, str]) -> None:
    run_on_terminal(
        ["positions", "--watch"], {**servers, "COLUMNS": str(columns), "LINES": str(rows)}, wanted, rows, columns
    )


def position(symbol: str, value: int, account: str = "1") -> Position:
    return Position(
        provider="p", connection="c", account_id=account, symbol=symbol, market_value=Decimal(value), price=Decimal(1)
    )


def snapshot_of(*positions: Position, failed: str | None = None) -> Snapshot:
    error = ProviderError("no", provider="p", connection="c", operation="o")
    failures = (
        [] if failed is None else [Failure(connection="c", operation="positions", account_id=failed, error=error)]
    )
    return Snapshot(accounts=[], balances=[], positions=[*positions], failures=failures, taken_at=datetime.now(UTC))


def test_new_changed_and_gone_rows_are_marked_and_unread_rows_are_not() -> None:
    tracker = ChangeTracker(Table.POSITIONS)

    def marks(snapshot: Snapshot) -> list[tuple[str, str]]:
        spec = tracker.build_table(snapshot)
        assert {number: row[0] for number, row in enumerate(spec.rows) if row[0]}.keys() == spec.highlights.keys()
        return [(row[0], row[1 + spec.columns[1:].index("symbol")]) for row in spec.rows]

    a, b, c, d = position("A", 1), position("B", 1), position("C", 1, "2"), position("B", 7)
    assert marks(snapshot_of(a, b, c)) == [("", "A"), ("", "B"), ("", "C")]
    assert marks(snapshot_of(a, position("B", 2), c, d)) == [("", "A"), ("~", "B"), ("", "C"), ("+", "B")]
    assert marks(snapshot_of(a, failed="2")) == [("", "A"), ("-", "B"), ("-", "B")]
    assert marks(snapshot_of(a, c)) == [("", "A"), ("", "C")], "a row that was not read is neither gone nor new"
    assert marks(snapshot_of(a, position("C", 2, "2"))) == [("", "A"), ("~", "C")]
    spec = tracker.build_table(snapshot_of(a, position("C", 3, "2")))
    assert spec.highlights == {1: {"", "market_value"}}
