"""Hooks of mkdocs: pages from outside of `docs/`, generated pages, and the links between them."""

from __future__ import annotations

import re
from pathlib import Path
from posixpath import dirname, join, normpath, relpath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import onefolio
from onefolio.providers.registry import known
from scripts.docs.commands import insert_options
from scripts.docs.provider_page import render_overview, render_provider_page

_OUTSIDE = {
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "specs/README.md": "specs.md",
    "examples/README.md": "examples.md",
    "benchmarks/figures.json": "assets/figures.json",
}
"""The pages of files outside of `docs/`."""

_PROVIDERS = "providers/index.md"
_LONG_NAME = re.compile(r"<code>([^<\s]{25,})</code>")
_PARTS = re.compile(r"\.|/|::|_(?=\w)")
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[)#])")


def on_config(config: MkDocsConfig) -> None:
    """Add a page for each provider to the navigation, after the overview."""
    for entry in config.nav or []:
        if entry.get("Providers") == _PROVIDERS:
            pages = [{kind.title: f"providers/{name}.md"} for name, kind in known().items()]
            entry["Providers"] = [_PROVIDERS, *pages]


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages from outside of `docs/` and the generated pages."""
    root = Path(config.config_file_path).parent
    for source, page in _OUTSIDE.items():
        files.append(File.generated(config, page, content=_append_examples(root / source)))
    files.append(File.generated(config, _PROVIDERS, content=render_overview()))
    for name in known():
        files.append(File.generated(config, f"providers/{name}.md", content=render_provider_page(name)))


def _append_examples(source: Path) -> str:
    """Return the text of a file, followed by the programs to which it links."""
    text = source.read_text(encoding="utf-8")
    for name in dict.fromkeys(re.findall(r"\]\((\w+\.py)\)", text)):
        program = (source.parent / name).read_text(encoding="utf-8")
        text = text.replace(f"]({name})", f"](#{name})") + f"\n## {name} {{ #{name} }}\n\n````python\n{program}````\n"
    return text


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Insert generated parts, and replace links to files of the repository with links to their pages."""
    uri = page.file.src_uri
    sources = {page: source for source, page in _OUTSIDE.items()}
    folder = dirname(sources.get(uri, f"docs/{uri}"))

    def redirect(link: re.Match[str]) -> str:
        target = normpath(join(folder, link[1]))
        found = _OUTSIDE.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") else None)
        return link[1] if found is None else relpath(found, dirname(uri) or ".")

    return _LINK.sub(redirect, insert_options(markdown.replace("<!-- connections -->", _render_connections())))


def _render_connections() -> str:
    """Return the references to the classes of the providers."""
    own = [kind.__name__ for kind in known().values() if getattr(onefolio, kind.__name__, None) is kind]
    return "\n".join(f"::: onefolio.{name}\n    options:\n      members: false" for name in own)


def on_page_content(html: str, **_: Any) -> str:
    """Allow line breaks between the parts of long names, for tables and narrow screens."""

    def insert_breaks(name: re.Match[str]) -> str:
        return "<code>" + _PARTS.sub(r"\g<0><wbr>", name[1]) + "</code>"

    return _LONG_NAME.sub(insert_breaks, html)
