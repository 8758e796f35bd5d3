"""The result of a comparison, as text and as HTML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping

from attrs import asdict, field, frozen

from .._core.html import render_page
from .._core.text import pluralize
from .rules import Level


@frozen
class Change:
    """One change between two documents.

    Args:
        level: how much it can harm who reads the answers.
        rule: the kind of change, by its name in the table of the documentation.
        title: the change in a few words.
        detail: what was and what is; empty where there is nothing more to say.
        operations: the operations it is met in, such as `GET /v1/accounts`.
        place: where in the first of them, such as `answer 200 /data/*/status`.
        old: the pointer in the old document; of what holds the place where it was not there.
        new: the pointer in the new document; of what holds the place where it is not there.
        used_by: the providers whose adapters read or send what changed.
        used_at: the places where they do, such as `/data/*/status`; empty where it is the operation as a whole.
        advice: what to do about it.
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


@frozen
class Comparison:
    """Two documents compared over the operations of the old one.

    Args:
        old: the old document, as the user called it, and its own version.
        new: the new document.
        operations: how many operations of the old document were looked for.
        new_operations: operations that only the new document has; nothing is said of them.
        used_by: the providers whose operations the old document has.
        changes: what adapters use first, then by level, the highest first, then by place.
    """

    old: str
    new: str
    operations: int
    new_operations: tuple[str, ...]
    used_by: tuple[str, ...]
    changes: tuple[Change, ...] = field(default=())

    def counts(self) -> Mapping[Level, int]:
        """Return the number of changes of each level, the highest first."""
        counted = Counter(change.level for change in self.changes)
        return {level: counted[level] for level in reversed(Level)}

    def worst(self) -> Level | None:
        """Return the highest level of a change, None where there is none."""
        return max((change.level for change in self.changes), default=None)

    def to_text(self) -> str:
        """Return the comparison for a person, in a terminal."""
        return to_text(self)

    def to_html(self) -> str:
        """Return the comparison for a person, as one page that needs nothing beside it.

        Raises:
            ConfigurationError: the template engine is not installed.
        """
        return to_html(self)

    def to_json(self) -> str:
        """Return the comparison as one JSON object."""
        counts = {str(level): number for level, number in self.counts().items()}
        changes = [{**asdict(change), "level": str(change.level)} for change in self.changes]
        return json.dumps({**asdict(self), "counts": counts, "changes": changes}, indent=2, ensure_ascii=False)


_EDITORIAL_SHOWN = 20
"""Changes of words that the terminal gets; JSON and the page have all."""


def to_text(comparison: Comparison) -> str:
    """Return a comparison as plain text."""
    lines = [f"old  {comparison.old}", f"new  {comparison.new}", f"{verdict(comparison)}; {scope(comparison)}"]
    for title, changes in sections(comparison):
        lines += ["", f"{title}:"] if title else []
        editorial = 0
        for change in changes:
            editorial += change.level is Level.EDITORIAL
            if editorial <= _EDITORIAL_SHOWN:
                lines += ["", *_lines(change)]
        if editorial > _EDITORIAL_SHOWN:
            lines += ["", f"  … and {editorial - _EDITORIAL_SHOWN} more changes of words; --format json has them all"]
    return "\n".join([*lines, "", f"next: {advice(comparison)}"]) + "\n"


def to_html(comparison: Comparison) -> str:
    """Return a comparison as one HTML page.

    Raises:
        ConfigurationError: jinja2 is not installed.
    """
    return render_page(
        "drift",
        comparison=comparison,
        verdict=verdict(comparison),
        scope=scope(comparison),
        advice=advice(comparison),
        counted=pluralize,
        sections=list(sections(comparison)),
    )


def verdict(comparison: Comparison) -> str:
    """Return in a few words what the comparison comes to."""
    counts = [f"{number} {level}" for level, number in comparison.counts().items() if number]
    return ", ".join(counts) or "no change"


def scope(comparison: Comparison) -> str:
    """Return what was looked at."""
    several = f"{pluralize(comparison.operations, 'operation')} of the old document compared"
    further = len(comparison.new_operations)
    return several + (f", {further} more only in the new one" if further else "")


def advice(comparison: Comparison) -> str:
    """Return what to do next."""
    worst = comparison.worst()
    ours = [change for change in comparison.changes if change.used_by and change.level >= Level.RISKY]
    if ours:
        return (
            "onefolio reads or sends what changed. Until it follows, calls that meet a broken promise raise an error, "
            "or have None where nothing comes; update onefolio, or its spec and adapter, before the provider changes."
        )
    if worst is not None and worst >= Level.RISKY:
        where = "onefolio uses none of it; see" if comparison.used_by else "see"
        return f"{where} whether your own code reads or sends what is breaking or risky, and change that first."
    return "nothing to do." if worst is None else "nothing has to be done; take up what is new when you need it."


def sections(comparison: Comparison) -> Iterator[tuple[str, list[Change]]]:
    """Yield the changes in the order in which they are read, each group with its title."""
    used = [change for change in comparison.changes if change.used_by]
    others = [change for change in comparison.changes if not change.used_by]
    if used:
        yield f"Used by onefolio ({', '.join(comparison.used_by)})", used
    if others:
        yield "Not used by onefolio" if comparison.used_by else "", others


def where(change: Change) -> str:
    """Return the place of a change as a person says it."""
    more = len(change.operations) - 1
    also = f" (and {pluralize(more, 'more operation')})" if more else ""
    return f"{change.operations[0]}{also}{f', {change.place}' if change.place else ''}"


def _lines(change: Change) -> Iterator[str]:
    yield f"  {str(change.level).upper():<9}  {change.title}: {where(change)}"
    indent = " " * 13
    if change.detail:
        yield f"{indent}{change.detail}"
    if len(change.used_at) > 1:
        yield f"{indent}used at {', '.join(change.used_at)}"
    if change.level > Level.EDITORIAL:
        yield f"{indent}old {change.old}"
        yield f"{indent}new {change.new}"
    if change.advice:
        yield f"{indent}{change.advice}"
