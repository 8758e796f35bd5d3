"""Check every link of the built site without a network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_HOSTS = {"spec.openapis.org"}
"""Hosts to which links are allowed; these links are not followed."""
_FETCHED = {
    ("link", "href"),
    ("script", "src"),
    ("img", "src"),
    ("iframe", "src"),
    ("source", "src"),
    ("object", "data"),
}
_STYLE_FETCHES = re.compile(r"url\([\"']?((?:https?:)?//[^)\"']*)[\"']?\)")
_IGNORED_RELATIONS = {"canonical", "next", "prev"}


class _Page(HTMLParser):
    """Collect the links and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.anchors: set[str] = {""}
        self.links: list[str] = []
        self.fetched: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for name in ("id", "name") if (value := given.get(name))}
        if given.get("rel") in _IGNORED_RELATIONS:
            return
        for name in ("href", "src", "data"):
            if (target := given.get(name)) is not None and tag != "base":
                (self.fetched if (tag, name) in _FETCHED else self.links).append(target)


def find_broken_links(site: Path) -> Iterator[str]:
    """Yield a line for each link of a site to a missing page or to another host."""
    site = site.resolve()
    for style in sorted(site.rglob("*.css")):
        for found in _STYLE_FETCHES.findall(style.read_text(encoding="utf-8")):
            yield f"{style.relative_to(site)}: {found} is fetched from another host"
    pages = {path: _Page(path) for path in sorted(site.rglob("*.html"))}
    for path, page in pages.items():
        place = path.relative_to(site)
        for target in page.fetched:
            if urlsplit(target).scheme not in ("", "data") or target.startswith("//"):
                yield f"{place}: {target} is fetched from another host"
        for target in [*page.links, *page.fetched]:
            if problem := _find_problem(target, path, site, pages):
                yield f"{place}: {target} {problem}"


def _find_problem(target: str, path: Path, site: Path, pages: dict[Path, _Page]) -> str | None:
    """Return the problem with a link, or None."""
    url = urlsplit(target)
    if url.scheme == "data":
        return None
    if url.scheme or url.netloc:
        return None if url.scheme == "https" and url.netloc in _HOSTS else "leads to an unknown host"
    # The error page is shown at any address, so its links are absolute.
    start = site if url.path.startswith("/") else path.parent
    file = (start / unquote(url.path).lstrip("/")).resolve() if url.path else path
    file = file / "index.html" if file.is_dir() else file
    if not file.is_file() or not file.is_relative_to(site):
        return "is not a file of the site"
    if file.suffix == ".html" and unquote(url.fragment) not in pages[file].anchors:
        return "is not an anchor of its page"
    return None
