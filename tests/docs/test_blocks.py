"""Run every code block of the READMEs and the documentation against the mock."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onefolio import mock
from onefolio.providers.registry import known
from scripts.docs.provider_page import render_overview, render_provider_page

from .blocks import ROOT, Place, comment, parse

PAGES = sorted(
    str(path.relative_to(ROOT)) for each in ("*.md", "docs/**/*.md", "[!.]*/README.md") for path in ROOT.glob(each)
)
NOT_RUN: dict[str, list[str]] = {
    "docs/news.md": ["it needs the network"],
    "docs/watch.md": ["the id belongs to the ledger of a user"],
}
"""The reasons for blocks that are not run, by page. Each is reviewed when it is added here."""


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running() as served:
        yield served


def run(path: Path, folder: Path, urls: dict[str, str]) -> list[str]:
    """Run the blocks of a page, and return the reasons for those that are not run."""
    reasons = []
    with closing(Place(folder, urls)) as place:
        for example in parse(path):
            example.namespace["place"] = place
            above = comment(example)
            if above.startswith("not run: "):
                reasons.append(above.removeprefix("not run: "))
                continue
            example.evaluate()
    return reasons


@pytest.mark.parametrize("page", PAGES)
def test_the_blocks_of_a_page_run(page: str, tmp_path: Path, urls: dict[str, str]) -> None:
    assert run(ROOT / page, tmp_path, urls) == NOT_RUN.get(page, [])


@pytest.mark.parametrize("name", ["index", *known()])
def test_the_blocks_of_a_provider_page_run(name: str, tmp_path: Path, urls: dict[str, str]) -> None:
    page = tmp_path / f"{name}.md"
    page.write_text(render_overview() if name == "index" else render_provider_page(name))
    folder = tmp_path / "folder"
    folder.mkdir()
    assert run(page, folder, urls) == []


@pytest.mark.parametrize(
    ("block", "complaint"),
    [
        ("```python\nimport onefolio\n1 / 0\n```", "division by zero"),
        ("```python\nprint(1)\n```\n\n```text\n2\n```", "the docs state"),
        (
            "```python\ndef test_it(onefolio_folio):\n    assert not list(onefolio_folio.accounts())\n```",
            "exited with 1",
        ),
        ("```console\n$ onefolio unknown\n```", "exited with 2"),
        ("```console\n$ onefolio --version\nonefolio 17\n```", "the docs state"),
        ("<!-- exits with 2 -->\n```console\n$ onefolio --version\n```", "exited with 0"),
        ("```console\n$ make unknown-target\n```", "returned non-zero"),
        ('```console\n$ pip install "onefolio[unknown]"\n```', "unknown"),
        ("```console\n$ pip install another-package\n```", "is not this package"),
        ("```console\n$ export NO_VARIABLE=1\n```", "nothing reads"),
        ("```console\n$ onefolio mock --unknown\n```", ""),
        ("```console\nonefolio --version\n```", "begin with"),
        ("```toml\n[unknown]\nkey = 1\n```", "unknown"),
        ("```json\n{\n```", "Expecting"),
        ("```cobol\n```", "no way to check"),
    ],
)
def test_an_invalid_block_fails(block: str, complaint: str, tmp_path: Path, urls: dict[str, str]) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"# A page\n\n{block}\n")
    with pytest.raises(Exception) as found:  # noqa: PT011  # each kind of block fails with another error
        run(page, tmp_path, urls)
    assert complaint in str(found.value)


def test_a_block_is_skipped_only_with_a_reason(tmp_path: Path, urls: dict[str, str]) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not run: it divides by zero -->\n```python\n1 / 0\n```\n")
    assert run(page, tmp_path, urls) == ["it divides by zero"]
