"""The curated specs differ from the published documents exactly where `departures.yaml` says so."""

from __future__ import annotations

from collections import Counter

import pytest
from ruamel.yaml import YAML

from onefolio.drift.news.departures import Departure, load_departures, parse_departures
from onefolio.providers.registry import own
from scripts import departures as command


@pytest.mark.parametrize("provider", own())
def test_the_departures_are_exactly_the_differences(provider: str) -> None:
    findings = command.find_findings(provider)
    assert findings.undocumented == [], "run `python -m scripts.departures` for entries to complete"
    assert findings.stale == []


def test_every_departure_of_all_providers_has_a_difference() -> None:
    found = [each for provider in own() for each in command.differences(provider)]
    assert [part for departure in command.load_common() for part in departure.stale_parts(found)] == []


@pytest.mark.parametrize("provider", own())
def test_the_package_contains_the_departures_and_the_document(provider: str) -> None:
    listed = [*command.load_own(provider), *command.load_common()]
    assert Counter(load_departures(provider)) == Counter(listed)
    assert all(each.reason and each.evidence for each in listed)


def test_a_missing_and_a_stale_departure_are_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    removed, *rest = command.load_own("conduit")
    stale = Departure("r", "e", rules=("became-nullable",), places=("response 200 /data",))
    listed = {**{each: command.load_own(each) for each in own()}, "conduit": [*rest, stale]}
    monkeypatch.setattr(command, "load_own", listed.__getitem__)
    findings = command.find_findings("conduit")
    assert {each.place for each in findings.undocumented} == set(removed.places)
    assert findings.stale == ["response 200 /data: became-nullable"]
    assert command.report_findings() is True
    printed = capsys.readouterr()
    assert "no difference at response 200 /data: became-nullable" in printed.err
    proposed = printed.out.partition("\n")[2]
    assert "      - /businessLegalName\n" in proposed
    entries = parse_departures(YAML(typ="safe").load(f"departures:\n{proposed}")["departures"])
    assert all(any(entry.matches(each) for entry in entries) for each in findings.undocumented)


def test_the_tables_are_up_to_date() -> None:
    assert command.README.read_text(encoding="utf-8") == command.render_readme(), "run `make regenerate`"
