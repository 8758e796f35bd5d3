"""`onefolio drift PROVIDER NEW`: news, their acceptance and the exit codes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from onefolio.drift.news.accepted import EXTENSION
from tests.cli.running import Result, run
from tests.drift.news.documents import SPECS, published, schema, write


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Keep the folders of the user out of the tests."""
    return {"XDG_DATA_HOME": str(tmp_path / "data"), "LOCALAPPDATA": str(tmp_path / "data")}


def changed(folder: Path) -> str:
    """Write a document with one change, and return its path."""
    document = published("conduit")
    schema(document, "AssetCode")["enum"].append("CHF")
    return str(write(document, folder / "new.json"))


def test_news_are_printed_until_they_are_accepted(environ: dict[str, str], tmp_path: Path) -> None:
    new, old = changed(tmp_path), str(write(published("conduit"), tmp_path / "old.json"))
    assert run("drift", "conduit", old, environ=environ)[:2] == (0, "")
    news = run("drift", "conduit", new, environ=environ)
    assert news.returncode == 1
    assert news.stdout.count('"CHF"') == 1
    assert run("drift", "conduit", new, "--fail-on", "breaking", environ=environ).returncode == 0
    accepted = run("drift", "conduit", new, "--accept", environ=environ)
    assert (accepted.returncode, accepted.stdout) == (0, news.stdout)
    file = tmp_path / "data" / "onefolio" / "specs" / "conduit" / "published.json"
    assert f"accepted: {file}" in accepted.stderr
    assert stat.S_IMODE(file.stat().st_mode) & 0o044 == 0o044, "others can read it, as other files"
    assert run("drift", "conduit", new, environ=environ)[:2] == (0, "")
    back = run("drift", "conduit", old, environ=environ)
    assert "older than the accepted document: it was accepted before" in back.stderr
    assert run("drift", "conduit", new, "--specs", str(SPECS), environ=environ).stdout == news.stdout


def test_the_other_forms_compare_two_documents(environ: dict[str, str], tmp_path: Path) -> None:
    new, old = changed(tmp_path), str(write(published("conduit"), tmp_path / "old.json"))
    everything = run("drift", "conduit", new, "--all", environ=environ)
    assert "the curated spec of conduit" in everything.stdout
    assert len(everything.stdout) > 2 * len(run("drift", "conduit", new, environ=environ).stdout)
    documents = run("drift", old, new, "--fail-on", "risky", "--format", "json", environ=environ)
    assert documents.returncode == 1
    assert [change["rule"] for change in json.loads(documents.stdout)["changes"]] == ["enum-value-added"]
    assert run("drift", "conduit", "conduit", environ=environ).returncode == 0


def test_json_and_html_are_complete_without_news(environ: dict[str, str], tmp_path: Path) -> None:
    old = str(write(published("conduit"), tmp_path / "old.json"))
    found = json.loads(run("drift", "conduit", old, "--format", "json", environ=environ).stdout)
    assert (found["has_news"], found["items"]) == (False, [])
    assert "<h1>" in run("drift", "conduit", old, "--format", "html", environ=environ).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("conduit",), "NEW or --fetch"),
        (("conduit", "a.json", "--fetch", "https://a.invalid"), "NEW or --fetch"),
        (("a.json", "b.json", "--accept"), "the news of a provider"),
        (("conduit", "missing.json"), "cannot read"),
        (("conduit", "--fetch", "http://example.com/a"), "expected an https address"),
    ],
)
def test_wrong_use_is_an_error_in_one_line(
    arguments: tuple[str, ...], message: str, environ: dict[str, str], tmp_path: Path
) -> None:
    failed: Result = run("drift", *arguments, environ=environ)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


@pytest.mark.parametrize("edit", ["change", "cut"])
def test_a_stored_document_that_was_changed_is_refused(edit: str, environ: dict[str, str], tmp_path: Path) -> None:
    new = changed(tmp_path)
    specs = ("--specs", str(tmp_path / "specs"))
    run("drift", "conduit", new, "--accept", *specs, environ=environ)
    file = tmp_path / "specs" / "conduit" / "published.json"
    content = file.read_text()
    stored = json.loads(content)
    assert stored[EXTENSION]["earlier"][0]["version"] == "2024-12-01"
    file.write_text(content.replace("CHF", "CHE") if edit == "change" else content[:1000])
    failed = run("drift", "conduit", new, *specs, environ=environ)
    assert failed.returncode == 2
    assert "published.json" in failed.stderr
    assert len(failed.stderr.splitlines()) == 1
