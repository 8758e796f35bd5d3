"""Deliberate departures of a curated spec from the published document.

The differences between both documents are exactly the listed departures: none is without a difference, and no
difference is without a departure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, Final

from attrs import frozen

from ...providers import registry
from ..comparison import compare
from ..operations import operation_template
from ..report import Change
from ..rules import Level

FILE: Final = "departures.json"

_IGNORED_RULES: Final = frozenset(("documentation-changed",))
"""Rules of prose, which a curated spec words in its own way."""


@frozen
class Difference:
    """A difference between two documents at one place.

    Args:
        operation: the method and the path.
        place: the place in the operation, such as `response 200 /data/*/status`.
        rule: the id of the rule.
        detail: the old and the new value.
        level: the effect on API consumers.
        title: the difference in a few words.
        old: the pointer in the old document.
        new: the pointer in the new document.
    """

    operation: str
    place: str
    rule: str
    detail: str
    level: Level
    title: str
    old: str
    new: str

    @property
    def location(self) -> tuple[tuple[str, str], str]:
        """The operation without the names of path parameters, and the place."""
        method, _, path = self.operation.partition(" ")
        return operation_template(method, path), self.place


@frozen
class Departure:
    """A deliberate departure of a curated spec from the published document.

    Args:
        reason: the reason.
        evidence: the evidence, or a dash for a choice of our own.
        rules: the ids of the rules.
        places: the places in the operations; empty for every place that has the difference.
        operations: the operations; empty for every operation that has the place.
        details: the old and new values, or their beginnings if they end with `…`; empty for all.
        is_common: whether the departure applies to all providers.
    """

    reason: str
    evidence: str
    rules: tuple[str, ...]
    places: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    is_common: bool = False

    def matches(self, difference: Difference) -> bool:
        """Return True if the departure documents a difference."""
        return (
            difference.rule in self.rules
            and (not self.places or difference.place in self.places)
            and (not self.operations or difference.operation in self.operations)
            and (not self.details or any(_is_detail(each, difference) for each in self.details))
        )

    def stale_parts(self, differences: Iterable[Difference]) -> tuple[str, ...]:
        """Return the parts of the departure that no difference confirms: a place with a rule, or an operation.

        Args:
            differences: the differences between the published document and the curated spec.
        """
        matched = [each for each in differences if self.matches(each)]
        found = {(each.place, each.rule) for each in matched}
        stale = [f"{place}: {rule}" for place in self.places for rule in self.rules if (place, rule) not in found]
        if not self.places:
            stale = [rule for rule in self.rules if rule not in {each.rule for each in matched}]
        stale += [each for each in self.operations if each not in {found.operation for found in matched}]
        stale += [each for each in self.details if not any(_is_detail(each, found) for found in matched)]
        return tuple(stale)


def _is_detail(stated: str, difference: Difference) -> bool:
    if stated.endswith("…"):
        return difference.detail.startswith(stated.removesuffix("…"))
    return difference.detail == stated


def find_differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Return the differences between two cut documents, each at every place, without those of prose."""
    return [
        each
        for change in compare(old, new).changes
        if change.rule not in _IGNORED_RULES
        for each in differences_of(change)
    ]


def differences_of(change: Change) -> Iterator[Difference]:
    """Yield a change at each of its places."""
    for place in change.places:
        yield Difference(
            place.operation, place.place, change.rule, change.detail, change.level, change.title, place.old, place.new
        )


def load_departures(provider: str) -> list[Departure]:
    """Return the departures of a provider's curated spec; an adapter of another package may have none."""
    file = resources.files(registry.provider(provider).contract.package).joinpath(FILE)
    return parse_departures(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


def parse_departures(entries: Iterable[Mapping[str, Any]], *, is_common: bool = False) -> list[Departure]:
    """Return the departures of a decoded `departures.yaml`.

    Args:
        entries: the entries. Each field holds a name or a list of names; `in` holds what precedes each `place`.
        is_common: whether the entries apply to all providers.

    Raises:
        KeyError: an entry has no rule, reason or evidence.
    """
    return [
        Departure(
            reason=each["reason"],
            evidence=each["evidence"],
            rules=_names(each["rule"]),
            places=tuple(
                f"{part} {place}".strip() for part in _names(each.get("in", "")) for place in _names(each.get("place"))
            ),
            operations=_names(each.get("operation")),
            details=_names(each.get("detail")),
            is_common=each.get("common", is_common),
        )
        for each in entries
    ]


def _names(stated: str | list[str] | None) -> tuple[str, ...]:
    return () if stated is None else (stated,) if isinstance(stated, str) else tuple(stated)
