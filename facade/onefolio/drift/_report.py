"""A comparison for a person: in a terminal and as a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .._page import page
from .._plain import counted
from ._rules import Level

if TYPE_CHECKING:
    from ._comparison import Change, Comparison

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
    return page(
        "drift",
        comparison=comparison,
        verdict=verdict(comparison),
        scope=scope(comparison),
        advice=advice(comparison),
        counted=counted,
        sections=list(sections(comparison)),
    )


def verdict(comparison: Comparison) -> str:
    """Return in a few words what the comparison comes to."""
    counts = [f"{number} {level}" for level, number in comparison.counts().items() if number]
    return ", ".join(counts) or "no change"


def scope(comparison: Comparison) -> str:
    """Return what was looked at."""
    several = f"{counted(comparison.operations, 'operation')} of the old document compared"
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
    also = f" (and {counted(more, 'more operation')})" if more else ""
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
