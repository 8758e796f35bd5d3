"""The ledger and its report."""

from __future__ import annotations

import json
import re
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest

from onefolio._core.errors import ConfigurationError
from onefolio.watch.findings import Batch, Finding, Inspection
from onefolio.watch.fingerprints import NO_KEY, open_fingerprints
from onefolio.watch.ledger import Ledger
from onefolio.watch.report import make_report, parse_since
from tests.cli.running import run

GONE = Finding("GET /v2/positions", "undocumented status", "410")
HOUR = 3600.0


def batch(at: float, *, key: str = "a", status: int = 410, findings: tuple[Finding, ...] = (GONE,)) -> Batch:
    made = Batch()
    made.add(key, at, Inspection(GONE.operation, status, findings), findings)
    return made


def test_processes_share_a_ledger_and_one_of_them_has_the_first_of_a_kind(tmp_path: Path) -> None:
    first: list[Finding] = []

    def write() -> None:
        for number in range(10):
            first.extend(Ledger(tmp_path / "ledger").write("alpaca", batch(number * HOUR)))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ledger = Ledger(tmp_path / "ledger")
    (tally,) = ledger.findings()["alpaca", GONE].values()
    assert ((tally.count, tally.first, tally.last), first) == ((40, 0.0, 9 * HOUR), [GONE])
    (later,) = ledger.findings(since=8 * HOUR + 1)["alpaca", GONE].values()
    assert (later.count, later.first) == (8, 8 * HOUR)


def test_the_report_has_counts_shares_and_keys_and_forgets_what_is_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    ledger = Ledger(path)
    ledger.register("mine", "alpaca")
    ledger.write("mine", batch(HOUR))
    ledger.write("mine", batch(2 * HOUR, key="b", status=200, findings=()))
    works = Batch()
    works.add("a", HOUR, Inspection("GET /v2/account", 200), ())
    ledger.write("mine", works)

    done = run("watch", "report", "--ledger", str(path), "--format", "json", environ={})
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.returncode == 1
    assert (finding["count"], finding["responses"], finding["first"]) == (1, 2, "1970-01-01T01:00:00Z")
    assert finding["keys"] == [{"key": "a", "count": 1, "responses": 1}]
    assert finding["note"] == "only 1 of 2 keys; 1 without it; the same keys work for GET /v2/account"
    assert f"{finding['id']}</span>" in run("watch", "report", "--ledger", str(path), "-f", "html", environ={}).stdout

    assert run("watch", "ack", "unknown1", "--ledger", str(path), environ={}).returncode == 2
    note = "asked\x1b[31m the provider"
    assert run("watch", "ack", finding["id"], "--note", note, "--ledger", str(path), environ={}).returncode == 0
    done = run("watch", "report", "--ledger", str(path), environ={})
    assert (done.returncode, r"asked\x1b[31m the provider" in done.stdout) == (0, True)
    assert run("watch", "ack", "--all", "--undo", "--ledger", str(path), environ={}).returncode == 0
    assert run("watch", "report", "--ledger", str(path), environ={}).returncode == 1
    assert run("watch", "report", "--since", "1h", "--ledger", str(path), environ={}).returncode == 0


def test_names_of_a_provider_are_escaped(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    odd = Finding("GET /v2/positions", "undocumented field", "200", "/*/<b>\x1b[31m\u202e")
    ledger.register("alpaca", "alpaca")
    ledger.write("alpaca", batch(0.0, findings=(odd,)))
    report = make_report(ledger)
    for text in (report.to_text(), report.to_html()):
        assert not {"\x1b", "\u202e"} & set(text)
    assert "<b>\\x1b" not in report.to_html()
    assert "&lt;b&gt;" in report.to_html()


def test_a_ledger_that_is_another_file_is_refused_and_unchanged(tmp_path: Path) -> None:
    text, other = tmp_path / "text", tmp_path / "other"
    text.write_text("not a database, but long enough to be one" * 30)
    with sqlite3.connect(other) as database:
        database.execute("CREATE TABLE mine (x)")
    database.close()
    for path in (text, other):
        content = path.read_bytes()
        done = run("watch", "report", "--ledger", str(path), environ={})
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert path.read_bytes() == content


def test_a_fingerprint_is_stable_and_depends_on_the_salt(tmp_path: Path) -> None:
    one, same = (open_fingerprints(tmp_path / "ledger").of(["key: a"]) for _ in range(2))
    other = open_fingerprints(tmp_path / "other").of(["key: a"])
    assert (one == same, one == other) == (True, False)
    assert re.fullmatch("[0-9a-f]{10}", one)
    assert open_fingerprints(tmp_path / "ledger").of([]) == NO_KEY
    (tmp_path / "ledger.salt").write_bytes(b"short")
    with pytest.raises(ConfigurationError, match="not a salt"):
        open_fingerprints(tmp_path / "ledger")
    assert {each.stat().st_mode & 0o077 for each in tmp_path.glob("other*")} == {0}


@pytest.mark.parametrize(
    ("text", "expected"),
    [("30m", -1800), ("2h", -7200), ("1d", -86400), ("2026-11-20", -86400), ("2026-11-20T23:00+01:00", -7200)],
)
def test_the_start_of_a_report_is_a_span_or_a_date(text: str, expected: int) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    assert parse_since(text, now) - now.timestamp() == expected


def test_a_malformed_start_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="for example 24h"):
        parse_since("yesterday", datetime.now(UTC))
