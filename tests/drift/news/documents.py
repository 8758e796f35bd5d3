"""Published documents for the tests of news."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from onefolio.drift.news import News, accept_document, find_accepted, find_news, read_published

SPECS = Path(__file__).parents[3] / "specs"

Json = dict[str, Any]


def published(provider: str) -> Json:
    """Return a copy of the accepted document of the repository."""
    accepted = find_accepted(provider, SPECS)
    assert accepted is not None
    return copy.deepcopy(dict(accepted.document))


def schema(document: Json, name: str) -> Json:
    """Return a component schema."""
    found: Json = document["components"]["schemas"][name]
    return found


def write(document: Json, path: Path) -> Path:
    """Write a document, and return its path."""
    path.write_text(json.dumps(document))
    return path


def accept(provider: str, document: Json, folder: Path) -> Path:
    """Accept a document in the folder `specs`, and return this folder."""
    specs = folder / "specs"
    accept_document(provider, read_published(provider, write(document, folder / "old.json")), specs=specs)
    return specs


def news_of(provider: str, new: Json, folder: Path, specs: Path = SPECS) -> News:
    """Return the news of a document since the accepted one of a folder."""
    accepted = find_accepted(provider, specs)
    assert accepted is not None
    return find_news(provider, read_published(provider, write(new, folder / "new.json")), accepted)


def rows(news: News) -> set[tuple[str, str, str]]:
    """Return the status, the rule and the place of each change."""
    return {(item.status, item.change.rule, item.change.place) for item in news.items}
