"""The result of a comparison, and its rendering as text, JSON and HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import asdict, field, frozen

from onefolio_runtime import escape_controls

from .._core.html import render_page
from .._core.text import count_items, pluralize
from .rules import Level

_MAX_EDITORIAL = 20
"""Editorial changes of each section in the text report; JSON and HTML contain all."""

_MAX_FURTHER = 20
"""Further places of each change, or of each group of changes, in the text report; JSON has all."""

_MAX_HTML_PLACES = 200
"""Places of each change in the HTML report; JSON has all."""

_INDENT = " " * 13


@frozen
class Place:
    """A place of a change.

    Args:
        operation: the operation, such as `GET /v1/accounts`.
        place: the place in the operation, such as `response 200 /data/*/status`; empty for the operation itself.
        old: the pointer in the old document, or that of the closest place that contains an added value.
        new: the pointer in the new document, or that of the closest place that contained a removed value.
    """

    operation: str
    place: str
    old: str
    new: str


@frozen
class Change:
    """A change between two documents.

    Args:
        level: the effect on API consumers.
        rule: the id of the rule.
        title: the change in a few words.
        detail: the old and the new value; empty if the title says everything.
        operations: the operations that have the change, such as `GET /v1/accounts`.
        place: the place in the first operation, such as `response 200 /data/*/status`.
        old: the pointer in the old document, or that of the closest place that contains an added value.
        new: the pointer in the new document, or that of the closest place that contained a removed value.
        used_by: the providers whose adapters read or send the changed value.
        used_at: the pointers at which they do, such as `/data/*/status`; empty if the whole operation changed.
        advice: the recommended action; empty if none is needed.
        places: all places of the change, each with its operation; a component that is used in many places has one
            change. A place inside of itself, such as the parent of a parent, is listed once.
        more_places: whether the documents have more places of the change than are listed.
    """

    level: Level
    rule: str
    title: str
    detail: str
    operations: tuple[str, ...]
    place: str
    old: str
    new: str
    used_by: tuple[str, ...] = ()
    used_at: tuple[str, ...] = ()
    advice: str = ""
    places: tuple[Place, ...] = field(default=(), repr=count_items)
    more_places: bool = False


@frozen
class Omission:
    """A part of the documents that could not be compared.

    Args:
        reason: the part, and the reason.
        operations: the operations that have it; empty for a part of the whole document.
    """

    reason: str
    operations: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{_operations(self.operations)}: {self.reason}" if self.operations else self.reason


@frozen
class Comparison:
    """The changes between two documents over the operations of the old one.

    Args:
        old: the name and the version of the old document.
        new: the name and the version of the new document.
        operations: the number of operations in the old document.
        new_operations: the operations that only the new document has; they are not compared.
        used_by: the providers whose operations the old document describes.
        changes: the changes, in this order: those that adapters use first, then by level, the highest first.
        not_compared: the parts of the documents that could not be compared.
    """

    old: str
    new: str
    operations: int
    new_operations: tuple[str, ...] = field(repr=count_items)
    used_by: tuple[str, ...]
    changes: tuple[Change, ...] = field(default=(), repr=count_items)
    not_compared: tuple[Omission, ...] = field(default=(), repr=count_items)

    def counts(self) -> Mapping[Level, int]:
        """Return the number of changes of each level, the highest level first."""
        counted = Counter(change.level for change in self.changes)
        return {level: counted[level] for level in reversed(Level)}

    def worst(self) -> Level | None:
        """Return the highest level of the changes, or None if there are no changes."""
        return max((change.level for change in self.changes), default=None)

    def to_text(self) -> str:
        """Return the comparison as plain text."""
        return render_text(self)

    def to_html(self) -> str:
        """Return the comparison as one HTML page without external resources.

        Raises:
            ConfigurationError: jinja2 is not installed.
        """
        return render_html(self)

    def to_json(self) -> str:
        """Return the comparison as a JSON object."""
        counts = {str(level): number for level, number in self.counts().items()}
        changes = [{**asdict(change), "level": str(change.level)} for change in self.changes]
        return json.dumps({**asdict(self), "counts": counts, "changes": changes}, indent=2)


def render_text(comparison: Comparison) -> str:
    """Return a comparison as plain text."""
    lines = [
        f"old  {comparison.old}",
        f"new  {comparison.new}",
        f"{_count_changes(comparison)}; {_count_operations(comparison)}",
    ]
    for title, section in _sections(comparison):
        lines += ["", f"{title}:"] if title else []
        editorial = [change for change in section if change.level is Level.EDITORIAL]
        others = [change for change in section if change.level > Level.EDITORIAL]
        for changes in [*_group(others), *([change] for change in editorial[:_MAX_EDITORIAL])]:
            lines += ["", *_change_lines(changes)]
        if (omitted := len(editorial) - _MAX_EDITORIAL) > 0:
            lines += ["", f"  … and {pluralize(omitted, 'more editorial change')}; --format json lists all"]
    if comparison.not_compared:
        lines += ["", "Not compared:", *(f"  {each}" for each in comparison.not_compared)]
    return "\n".join(map(escape_controls, [*lines, "", f"next: {_recommend(comparison)}"])) + "\n"


def render_html(comparison: Comparison) -> str:
    """Return a comparison as one HTML page.

    Raises:
        ConfigurationError: jinja2 is not installed.
    """
    return render_page(
        "drift",
        comparison=comparison,
        summary=_count_changes(comparison),
        scope=_count_operations(comparison),
        advice=_recommend(comparison),
        pluralize=pluralize,
        max_places=_MAX_HTML_PLACES,
        sections=list(_sections(comparison)),
    )


def _count_changes(comparison: Comparison) -> str:
    counts = [f"{number} {level}" for level, number in comparison.counts().items() if number]
    return ", ".join(counts) or "no changes"


def _count_operations(comparison: Comparison) -> str:
    compared = f"{pluralize(comparison.operations, 'operation')} compared"
    added = len(comparison.new_operations)
    return compared + (f", {added} only in the new document" if added else "")


def _recommend(comparison: Comparison) -> str:
    """Return the recommended action."""
    worst = comparison.worst()
    if any(change.used_by and change.level >= Level.RISKY for change in comparison.changes):
        return (
            "Update onefolio, or its spec and adapter, before the provider changes: it uses values with breaking or "
            "risky changes. Until then, affected calls may raise an error or return None for missing values."
        )
    if worst is not None and worst >= Level.RISKY:
        unused = "onefolio uses none of these values. " if comparison.used_by else ""
        return f"{unused}Check if your own code uses values with breaking or risky changes, and adapt it first."
    return "No action is needed."


def _sections(comparison: Comparison) -> Iterator[tuple[str, list[Change]]]:
    """Yield the groups of changes with their titles; the title is empty if there is only one group."""
    used = [change for change in comparison.changes if change.used_by]
    others = [change for change in comparison.changes if not change.used_by]
    if used:
        yield f"Used by onefolio ({', '.join(comparison.used_by)})", used
    if others:
        yield "Not used by onefolio" if comparison.used_by else "", others


def _group(changes: Iterable[Change]) -> list[list[Change]]:
    """Return changes in groups that differ in their places only."""
    groups: dict[tuple[object, ...], list[Change]] = {}
    for change in changes:
        groups.setdefault((change.level, change.title, change.detail, change.used_by, change.advice), []).append(change)
    return list(groups.values())


def _change_lines(changes: Sequence[Change]) -> Iterator[str]:
    """Yield the lines of a group of changes."""
    first = changes[0]
    location, *further = _locations(first)
    yield f"  {str(first.level).upper():<9}  {first.title}: {location}"
    if first.detail:
        yield f"{_INDENT}{first.detail}"
    if len(first.used_at) > 1:
        yield f"{_INDENT}used at {', '.join(first.used_at)}"
    if first.level > Level.EDITORIAL:
        yield f"{_INDENT}old {first.old}"
        yield f"{_INDENT}new {first.new}"
    for change in changes[1:]:
        further += _locations(change)
    for line in further[:_MAX_FURTHER]:
        yield f"{_INDENT}also {line}"
    if (omitted := len(further) - _MAX_FURTHER) > 0:
        yield f"{_INDENT}… and {pluralize(omitted, 'more place')}; --format json lists all"
    elif any(change.more_places for change in changes):
        yield f"{_INDENT}… and places further inside"
    if first.advice:
        yield f"{_INDENT}{first.advice}"


def _locations(change: Change) -> list[str]:
    """Return the places of a change, each with its first operation and the number of others; the main one first."""
    operations: dict[str, list[str]] = {change.place: []}
    for each in change.places:
        operations.setdefault(each.place, []).append(each.operation)
    return [_location(place, names or change.operations) for place, names in operations.items()]


def _location(place: str, operations: Sequence[str]) -> str:
    return f"{_operations(operations)}{f', {place}' if place else ''}"


def _operations(operations: Sequence[str]) -> str:
    """Return the first operation and the number of others."""
    others = len(operations) - 1
    also = f" (and {pluralize(others, 'more operation')})" if others else ""
    return f"{operations[0]}{also}"
