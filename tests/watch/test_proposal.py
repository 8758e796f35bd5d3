"""Proposals change a curated spec where responses differ from it, and contain no value of a response."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # it has no types of its own

from onefolio.drift.news.departures import parse_departures
from tests.cli.running import run
from tests.scripted import example

REPOSITORY = Path(__file__).parents[2]
PRIVATE = ("k3y-of-a-person", "1980-02-03", "98765", "Zx81", "jane")


def change(row: dict[str, Any], number: int) -> None:
    """Change a row in the way of a provider that goes beyond its spec."""
    row["born"] = "1980-02-03"
    row["mail"] = None if number % 2 else "jane@example.org"
    row["more"] = {"level": 98765, "ids": ["Zx81"], "by_symbol": {"AAPL": "1.25"}}
    row["side"] = "flat"
    del row["exchange"]
    if number % 2:
        row["seldom"] = True


def entry(request: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    return {"startedDateTime": "2026-11-20T10:00:00Z", "request": request, "response": response}


@pytest.fixture
def har(tmp_path: Path) -> Path:
    """Return a HAR file with 25 responses of two positions each, and entries of other servers."""
    entries = []
    for number in range(25):
        body = copy.deepcopy(example("alpaca", "/v2/positions"))
        for row in body:
            change(row, number)
        request = {
            "method": "GET",
            "url": "https://proxy.example/alpaca/v2/positions",
            "headers": [{"name": "APCA-API-KEY-ID", "value": PRIVATE[0]}],
        }
        content = {"mimeType": "application/json", "text": json.dumps(body)}
        entries.append(entry(request, {"status": 200, "content": content}))
    other = {"method": "GET", "url": "https://other.example/98765", "headers": []}
    entries.append(entry(other, {"status": 200}))
    path = tmp_path / "traffic.har"
    path.write_text(json.dumps({"log": {"entries": entries}}))
    return path


def test_a_proposal_is_a_patch_without_values(har: Path, tmp_path: Path) -> None:
    done = run("spec", "propose", "alpaca", "--har", str(har), "--repository", str(REPOSITORY), environ={})
    assert (done.returncode, "1980-02-03" in har.read_text()) == (0, True)
    for private in PRIVATE:
        assert private not in done.stdout + done.stderr
    checkout = tmp_path / "checkout"
    shutil.copytree(REPOSITORY / "specs", checkout / "specs")
    before = yaml.safe_load((checkout / "specs/alpaca/openapi.yaml").read_text())
    subprocess.run(["git", "init", "--quiet"], cwd=checkout, check=True)
    subprocess.run(["git", "apply", "-"], cwd=checkout, input=done.stdout, text=True, check=True)

    spec = yaml.safe_load((checkout / "specs/alpaca/openapi.yaml").read_text())
    position = spec["components"]["schemas"]["Position"]
    added = {name: position["properties"].pop(name) for name in ("born", "mail", "more", "seldom")}
    assert added["born"] == {
        "type": "string",
        "format": "date",
        "description": "Observed, not documented; observed in 50 of 50 objects (50 string, format date).",
    }
    assert (added["mail"]["type"], added["mail"]["format"]) == (["string", "null"], "email")
    assert added["seldom"]["description"].startswith("Observed, not documented; observed in 24 of 50 objects")
    assert added["more"]["properties"]["by_symbol"]["additionalProperties"]["format"] == "decimal"
    assert position["required"][-3:] == ["born", "mail", "more"]
    assert "exchange" not in position["required"]
    assert spec["components"]["schemas"]["PositionSide"]["anyOf"][0]["enum"] == ["long", "short", "flat"]
    position["required"] = before["components"]["schemas"]["Position"]["required"]
    spec["components"]["schemas"]["PositionSide"] = before["components"]["schemas"]["PositionSide"]
    assert spec == before, "nothing else has changed"

    for name in ("positions", "positions-mixed"):
        rows = json.loads((checkout / f"specs/alpaca/examples/{name}.json").read_text())["value"]
        assert {(row["born"], row["more"]["level"]) for row in rows} == {("2024-01-02", 1)}
    departures = parse_departures(yaml.safe_load((checkout / "specs/alpaca/departures.yaml").read_text())["departures"])
    assert {(place, rule) for each in departures for place in each.places for rule in each.rules} >= {
        ("response 200 /*/born", "property-added"),
        ("response 200 /*/exchange", "property-became-optional"),
        ("response 200 /*/side", "enum-value-added"),
    }
    vector = json.loads((checkout / "tests/vectors/alpaca/positions/observed.json").read_text())
    assert {each["side"] for each in vector["payload"]} == {"flat"}
    assert vector["expected"][0]["side"] == "LONG"


def test_files_are_written_to_a_folder_and_never_to_the_checkout(har: Path, tmp_path: Path) -> None:
    arguments = ("spec", "propose", "alpaca", "--har", str(har), "--repository", str(REPOSITORY), "--out")
    assert run(*arguments, str(REPOSITORY), environ={}).returncode == 2
    done = run(*arguments, str(tmp_path / "out"), environ={})
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 6)
    assert "  born:" in (tmp_path / "out/specs/alpaca/openapi.yaml").read_text()


@pytest.mark.parametrize("content", ["", "[]", '{"log": {"entries": [{"k3y": 1}]}}', '{"log": {"entries": 1}}'])
def test_a_file_that_is_no_har_file_is_refused_without_its_content(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.har").write_text(content)
    done = run("spec", "propose", "alpaca", "--har", str(tmp_path / "x.har"), environ={})
    assert (done.returncode, "k3y" in done.stderr, done.stderr.count("\n")) == (2, False, 1)
