"""The site builds without warnings and broken links, and documents every public name."""

import importlib
from pathlib import Path

import pytest
from mkdocstrings import Inventory

from onefolio.providers.registry import known
from scripts.docs.__main__ import ROOT, main
from scripts.docs.commands import COMMANDS
from scripts.docs.links import find_broken_links
from scripts.docs.provider_page import render_overview, render_provider_page

PUBLIC = (
    *(
        "onefolio",
        "onefolio.adapter",
        "onefolio.contract",
        "onefolio.reconciliation",
        "onefolio.drift",
        "onefolio.watch",
        "onefolio.mock",
    ),
    *("onefolio.testing", "onefolio_runtime"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    assert main(folder) == 0
    return folder


def test_the_reference_has_every_public_name(site: Path) -> None:
    with (site / "objects.inv").open("rb") as file:
        inventory = set(Inventory.parse_sphinx(file))
    for package in PUBLIC:
        module = importlib.import_module(package)
        public = {f"{package}.{name}" for name in module.__all__ if not name.startswith("__")}
        assert public <= inventory, public - inventory
    assert {"onefolio.telemetry.Telemetry", "onefolio.pytest_plugin.onefolio_mock"} <= inventory


@pytest.mark.parametrize("provider", known())
def test_a_provider_has_a_page_with_every_operation(provider: str, site: Path) -> None:
    page = (site / "providers" / f"{provider}.html").read_text()
    for path, item in known()[provider].contract.spec["paths"].items():
        assert path in page
        assert f'id="{item["get"]["operationId"]}"' in page
    assert f'href="providers/{provider}.html"' in (site / "index.html").read_text()


class Elsewhere(known()["conduit"]):  # type: ignore[misc]  # a provider of another package
    provider = "elsewhere"
    title = "Elsewhere"


def test_a_provider_of_another_package_has_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(known(), "elsewhere", Elsewhere)
    monkeypatch.delitem(known(), "conduit")
    page = render_provider_page("elsewhere")
    assert page.startswith("# Elsewhere\n")
    assert f"from {__name__} import Elsewhere" in page
    assert "#onefolio.Elsewhere" not in page
    assert "| `name` | `businessLegalName` | as sent |" in page
    assert "[Elsewhere](elsewhere.md)" in render_overview()


def test_the_command_line_page_has_every_option_and_an_example_of_every_command(site: Path) -> None:
    page = (site / "command-line.html").read_text()
    source = (ROOT / "docs/command-line.md").read_text()
    for name, command in COMMANDS.items():
        assert f"$ onefolio {name} " in source or f"$ onefolio {name}\n" in source, f"{name} has no example"
        for parameter in command.params:
            assert f"<code>{parameter.opts[0]}" in page or parameter.param_type_name == "argument", (
                name,
                parameter.name,
            )


@pytest.mark.parametrize(
    ("html", "complaint"),
    [
        ('<a href="nowhere.html">', "is not a file of the site"),
        ('<a href="../outside.html">', "is not a file of the site"),
        ('<a href="#nowhere">', "is not an anchor"),
        ('<a href="other.html#nowhere">', "is not an anchor"),
        ('<a href="https://example.com/">', "an unknown host"),
        ('<a href="http://spec.openapis.org/">', "an unknown host"),
        ('<img src="nothing.svg">', "is not a file"),
        ('<script src="https://example.com/x.js"></script>', "fetched from another host"),
        ('<link rel="stylesheet" href="//example.com/x.css">', "fetched from another host"),
    ],
)
def test_a_broken_link_is_found(html: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "other.html").write_text('<h1 id="here">There</h1><a href="page.html">')
    (tmp_path / "page.html").write_text(f'<a href="other.html#here"><a href="https://spec.openapis.org/x">{html}')
    (tmp_path.parent / "outside.html").write_text("")
    found = list(find_broken_links(tmp_path))
    assert found
    assert all(line.startswith("page.html: ") for line in found)
    assert any(complaint in line for line in found)


def test_a_style_that_fetches_from_another_host_is_found(tmp_path: Path) -> None:
    (tmp_path / "page.css").write_text(
        "a { background: url(data:x) } b { background: url('https://example.com/x.png') }"
    )
    assert list(find_broken_links(tmp_path)) == ["page.css: https://example.com/x.png is fetched from another host"]
