"""The news of a published document, and their rendering as text, JSON and HTML."""

from __future__ import annotations

import json
from collections.abc import Iterator

from attrs import asdict, field, frozen

from onefolio_runtime import escape_controls

from ..._core.html import render_page
from ..._core.text import count_items, pluralize
from ..report import Change, Omission, Place
from ..rules import Level
from .fingerprints import OtherChange

_MAX_PLACES = 5
"""Places of a change or a departure in the text report; JSON and HTML list all."""

_MAX_OTHERS = 20
"""Other operations in the text report."""

_INDENT = " " * 13


@frozen
class NewsItem:
    """A change of the published document in an operation that onefolio reads.

    Args:
        change: the change from the accepted document to the new one.
        to_do: the places at which the curated spec does not cover the change yet.
    """

    change: Change
    to_do: tuple[Place, ...] = field(default=(), repr=count_items)

    @property
    def is_covered(self) -> bool:
        """Whether the curated spec already allows or documents the change everywhere."""
        return not self.to_do

    @property
    def status(self) -> str:
        """`covered` or `to do`."""
        return "covered" if self.is_covered else "to do"


@frozen
class SettledDeparture:
    """A departure of the curated spec that the new document makes unnecessary.

    Args:
        titles: the differences that are gone, in a few words.
        places: the operations and places.
        reason: the reason of the departure.
    """

    titles: tuple[str, ...]
    places: tuple[str, ...]
    reason: str


@frozen
class News:
    """The news of a published document since the one that was accepted last.

    Args:
        provider: the provider's name.
        accepted: title, version, date and source of the accepted document.
        new: title, version and source of the new document.
        older: the reason why the new document is older than the accepted one; empty if it is not.
        items: the changes in operations that onefolio reads, those to do first.
        settled: the departures that the new document makes unnecessary.
        others: the operations that were added, and the changes of those that onefolio does not read.
        not_compared: the parts of read operations that could not be compared, unless those of the accepted document
            could not be compared either.
        unknown_operations: the number of other operations that could not be compared, because the accepted document
            does not list them.
    """

    provider: str
    accepted: str
    new: str
    older: str = ""
    items: tuple[NewsItem, ...] = field(default=(), repr=count_items)
    settled: tuple[SettledDeparture, ...] = field(default=(), repr=count_items)
    others: tuple[OtherChange, ...] = field(default=(), repr=count_items)
    not_compared: tuple[Omission, ...] = field(default=(), repr=count_items)
    unknown_operations: int = 0

    def __bool__(self) -> bool:
        """Return True if there are news."""
        return bool(self.items or self.settled or self.others or self.not_compared)

    def worst(self) -> Level | None:
        """Return the highest level of the changes in operations that onefolio reads, or None without changes."""
        return max((item.change.level for item in self.items), default=None)

    def to_text(self) -> str:
        """Return the news as plain text; empty without news."""
        return "\n".join(map(escape_controls, _lines(self))) + "\n" if self else ""

    def to_html(self) -> str:
        """Return the news as one HTML page without external resources.

        Raises:
            ConfigurationError: jinja2 is not installed.
        """
        return render_page("news", news=self, summary=summarize(self), advice=_recommend(self), pluralize=pluralize)

    def to_json(self) -> str:
        """Return the news as a JSON object."""
        items = [
            {
                "status": item.status,
                **asdict(item.change),
                "level": str(item.change.level),
                "to_do": [asdict(each) for each in item.to_do],
            }
            for item in self.items
        ]
        return json.dumps({**asdict(self), "items": items, "has_news": bool(self)}, indent=2)


def summarize(news: News) -> str:
    """Return the numbers of changes in one sentence."""
    open_items = sum(not item.is_covered for item in news.items)
    parts = [
        f"{pluralize(len(news.items), 'change')} in operations that onefolio reads"
        f" ({open_items} to do, {len(news.items) - open_items} already covered)",
        f"{pluralize(len(news.settled), 'departure')} settled" if news.settled else "",
        f"{pluralize(len(news.others), 'other operation')} changed" if news.others else "",
    ]
    return ", ".join(filter(None, parts))


def _lines(news: News) -> Iterator[str]:
    yield f"accepted  {news.accepted}"
    yield f"new       {news.new}"
    if news.older:
        yield f"older     The new document is older than the accepted one: {news.older}."
    yield summarize(news)
    titles = {"to do": "To do", "covered": "Already covered by the curated spec"}
    for status, title in titles.items():
        if items := [item for item in news.items if item.status == status]:
            yield from ("", f"{title}:")
            for item in items:
                yield from _item_lines(item)
    if news.not_compared:
        yield from ("", "Not compared:", *(f"  {each}" for each in news.not_compared))
    if news.settled:
        yield from ("", "Settled: the new document agrees with these departures of the curated spec")
        for each in news.settled:
            yield f"  {', '.join(each.titles)}: {_first(each.places)}"
            yield f"{_INDENT}departure: {each.reason}"
    if news.others:
        yield from ("", "Other operations:")
        for other in news.others[:_MAX_OTHERS]:
            note = ", which onefolio reads" if other.is_read else ""
            yield f"  {other.kind:<8} {other.operation}{note}{': ' if other.parts else ''}{', '.join(other.parts)}"
        if (omitted := len(news.others) - _MAX_OTHERS) > 0:
            yield f"  … and {omitted} more; --format json lists all"
    yield from ("", f"next: {_recommend(news)}")


def _item_lines(item: NewsItem) -> Iterator[str]:
    change = item.change
    places = item.to_do or change.places
    yield f"  {str(change.level).upper():<9}  {change.title}: {_first([_location(place) for place in places])}"
    if change.detail:
        yield f"{_INDENT}{change.detail}"
    if item.to_do and (covered := len(change.places) - len(item.to_do)):
        yield f"{_INDENT}already covered at {pluralize(covered, 'more place')}"
    if change.used_by:
        used_at = ", ".join(filter(None, change.used_at))
        yield f"{_INDENT}used by onefolio{' at ' if used_at else ''}{used_at}"


def _location(place: Place) -> str:
    return f"{place.operation}, {place.place}" if place.place else place.operation


def _first(places: list[str] | tuple[str, ...]) -> str:
    """Return the first places in one line, and the number of the others."""
    omitted = len(places) - _MAX_PLACES
    return "; ".join(places[:_MAX_PLACES]) + (f"; and {omitted} more" if omitted > 0 else "")


def _recommend(news: News) -> str:
    """Return the recommended action."""
    actions = []
    if any(not item.is_covered for item in news.items):
        actions.append("adapt the curated spec to the changes to do")
    if news.settled:
        actions.append("remove the settled departures")
    return ", ".join([*actions, "accept the document with --accept"]).capitalize() + "."
