"""Reports as text, JSON and HTML, and the exit codes of the command."""

import copy
import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from onefolio.drift import compare
from onefolio.providers.registry import known

from .documents import document

COMMAND = [sys.executable, "-m", "onefolio", "drift"]
EVIL = "<script>alert(1)</script>&\"'"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """A curated spec without a property that the adapter uses, and with a new one."""
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    properties = spec["components"]["schemas"]["Account"]["properties"]
    del properties["cash"]
    properties[EVIL] = {"type": "string"}
    path = tmp_path / "new.json"
    path.write_text(json.dumps(spec))
    return path


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, timeout=60)


def test_used_values_are_first_and_marked(changed: Path) -> None:
    text = compare("alpaca", changed).to_text()
    used, others = text.index("Used by onefolio (alpaca)"), text.index("Not used by onefolio")
    assert used < text.index("property removed: GET /v2/account, response 200 /cash") < others
    assert others < text.index("property added: GET /v2/account")
    assert "1 breaking, 1 additive" in text
    assert "#/components/schemas/Account/properties/cash" in text


def test_used_values_precede_unused_ones_of_a_higher_level() -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    del spec["components"]["schemas"]["Account"]["properties"]["sma"]
    spec["components"]["schemas"]["AccountStatus"]["anyOf"][0]["enum"].append("FROZEN")
    seen = [(str(change.level), bool(change.used_by)) for change in compare("alpaca", spec).changes]
    assert seen == [("risky", True), ("breaking", False), ("risky", False)]


def test_json_is_one_object_with_every_change(changed: Path) -> None:
    report = json.loads(compare("alpaca", changed).to_json())
    assert report["counts"] == {"breaking": 1, "risky": 0, "additive": 1, "editorial": 0}
    assert [(change["level"], change["rule"], change["used_by"]) for change in report["changes"]] == [
        ("breaking", "property-removed", ["alpaca"]),
        ("additive", "property-added", []),
    ]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_html_report_is_self_contained_and_escaped(changed: Path) -> None:
    page = _Page()
    page.feed(compare("alpaca", changed).to_html())
    assert "script" not in page.tags
    assert not page.links
    assert any(EVIL in text for text in page.texts)
    assert "property removed" in "".join(page.texts)


def test_only_the_text_report_omits_editorial_changes() -> None:
    old, new = (
        document({"type": "object", "properties": {f"f{n}": {"description": word} for n in range(30)}})
        for word in ("one", "two")
    )
    comparison = compare(old, new)
    assert comparison.to_text().count("EDITORIAL") == 20
    assert "and 10 more" in comparison.to_text()
    assert len(json.loads(comparison.to_json())["changes"]) == 30


@pytest.mark.parametrize("format", ["text", "json", "html"])
def test_the_exit_code_depends_on_the_changes(format: str, changed: Path) -> None:
    assert run("alpaca", "alpaca", "--format", format).returncode == 0
    done = run("alpaca", str(changed), "--format", format)
    assert done.returncode == 1
    assert "property-removed" in done.stdout or "property removed" in done.stdout
    assert not done.stderr


def test_fail_on_risky_exits_with_1_for_risky_changes(tmp_path: Path) -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    spec["components"]["schemas"]["AccountStatus"]["anyOf"][0]["enum"].append("FROZEN")
    path = tmp_path / "new.json"
    path.write_text(json.dumps(spec))
    assert run("alpaca", str(path), "--all").returncode == 0
    assert run("alpaca", str(path), "--all", "--fail-on", "risky").returncode == 1
    assert run("alpaca", "alpaca", "--fail-on", "risky").returncode == 0


def test_an_error_exits_with_2_and_one_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("swagger: '2.0'")
    for arguments in (("alpaca", str(bad)), (str(bad), "alpaca"), ("alpaca", str(tmp_path / "gone.json"))):
        done = run(*arguments)
        assert done.returncode == 2
        assert not done.stdout
        assert len(done.stderr.strip().splitlines()) == 1
