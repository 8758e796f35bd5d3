"""What mkdocs calls while it builds: pages that stand elsewhere or are generated, and links between them."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import onefolio
from onefolio.providers.registry import known
from scripts.docs.commands import with_options
from scripts.docs.provider_page import overview, provider_page

_ELSEWHERE = {
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "specs/README.md": "specs.md",
    "examples/README.md": "examples.md",
    "benchmarks/figures.json": "assets/figures.json",
}
"""Files of the repository, outside of `docs/`, that the site has, and where."""

_PROVIDERS = "providers/index.md"
_LONG_NAME = re.compile(r"<code>([^<\s]{25,})</code>")
_PARTS = re.compile(r"\.|/|::|_(?=\w)")
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")


def on_config(config: MkDocsConfig) -> None:
    """Put a page for each provider into the navigation, after their overview."""
    for entry in config.nav or []:
        if entry.get("Providers") == _PROVIDERS:
            pages = [{kind.title: f"providers/{name}.md"} for name, kind in known().items()]
            entry["Providers"] = [_PROVIDERS, *pages]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that stand elsewhere or are generated."""
    root = Path(config.config_file_path).parent
    for source, page in _ELSEWHERE.items():
        files.append(File.generated(config, page, content=_with_examples(root / source)))
    files.append(File.generated(config, _PROVIDERS, content=overview()))
    for name in known():
        files.append(File.generated(config, f"providers/{name}.md", content=provider_page(name)))


def _with_examples(source: Path) -> str:
    """Return a file, the programs that it links to below it."""
    text = source.read_text(encoding="utf-8")
    for name in dict.fromkeys(re.findall(r"\]\((\w+\.py)\)", text)):
        program = (source.parent / name).read_text(encoding="utf-8")
        text = text.replace(f"]({name})", f"](#{name})") + f"\n## {name} {{ #{name} }}\n\n````python\n{program}````\n"
    return text


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Put tables of options in, and let links to files of the repository lead to their pages."""
    place = page.file.src_uri
    there = {page: source for source, page in _ELSEWHERE.items()}
    folder = dirname(there.get(place, f"docs/{place}"))

    def moved(link: re.Match[str]) -> str:
        target = normpath(join(folder, link[1]))
        found = _ELSEWHERE.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else None)
        return link[1] if found is None else relpath(found, dirname(place) or ".")

    return _LINK.sub(moved, with_options(markdown.replace("<!-- connections -->", _connections())))


def _connections() -> str:
    """Return what puts each provider's class into the reference."""
    own = [kind.__name__ for kind in known().values() if getattr(onefolio, kind.__name__, None) is kind]
    return "\n".join(f"::: onefolio.{name}\n    options:\n      members: false" for name in own)


def on_page_content(html: str, **_: Any) -> str:
    """Let long names be broken between their parts, where a table or a narrow screen has no room for them."""

    def breakable(name: re.Match[str]) -> str:
        return "<code>" + _PARTS.sub(r"\g<0><wbr>", name[1]) + "</code>"

    return _LONG_NAME.sub(breakable, html)
