"""Compare two OpenAPI documents from an API consumer's point of view."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from attrs import define, evolve, field

from .._core.errors import ComparisonError
from .._core.json_paths import FieldPath
from ..openapi.documents import Document, make_document, read_document
from ..openapi.errors import DocumentError
from ..providers.field_usage import FieldUsage, field_usage
from ..providers.registry import known
from .operation_comparison import Compared, compare_operations, hosts, template
from .report import Change, Comparison
from .rules import RULES, Direction, Level
from .schema_comparison import Difference, Pair, Schemas


def compare(
    old: str | os.PathLike[str] | Mapping[str, Any], new: str | os.PathLike[str] | Mapping[str, Any]
) -> Comparison:
    """Compare two OpenAPI documents for who reads the answers of the old one.

    Args:
        old: a path, a provider's name for its curated spec, or the document itself. OpenAPI 3.0 or 3.1, JSON or YAML.
        new: the same.

    Raises:
        ComparisonError: one of them cannot be read, is no such document, or refers to something that is not there.
    """
    try:
        return _compare(_open(old), _open(new))
    except DocumentError as error:
        raise ComparisonError(str(error)) from None
    except RecursionError:
        raise ComparisonError("one of the documents is nested too deeply") from None


def _open(source: str | os.PathLike[str] | Mapping[str, Any]) -> Document:
    if isinstance(source, Mapping):
        return make_document(source, "the document")
    if isinstance(source, str) and source in known():
        return make_document(known()[source].contract.spec, f"the curated spec of {source}")
    if not Path(source).exists():
        name = os.fspath(source)
        raise ComparisonError(f"{name!r} is neither a file nor a known provider (known: {', '.join(known())})")
    return read_document(source)


def _compare(old: Document, new: Document) -> Comparison:
    schemas = Schemas()
    compared, further = compare_operations(old, new, schemas)
    used = _used(old, compared)
    found = _Changes()
    roots: dict[tuple[int, str], tuple[Pair, list[Compared]]] = {}
    for each in compared:
        use = used.get(id(each))
        for place, difference in each.differences:
            concerned = use is not None and (difference.name is None or difference.name in use.parameters)
            used_by = [use.provider] if use and concerned else []
            found.add(difference, "response", [each.old.label], place, used_by=used_by)
        for place, root in each.roots:
            roots.setdefault((id(root), place), (root, []))[1].append(each)
    for (_, place), (root, sharing) in roots.items():
        reached = list(schemas.reached(root))
        for each in sharing:
            if use := used.get(id(each)):
                _collect(found, reached, place, [each.old.label], use)
        if others := [each.old.label for each in sharing if id(each) not in used]:
            _collect(found, reached, place, others, None)
    return Comparison(
        old=_title(old),
        new=_title(new),
        operations=len(compared),
        new_operations=tuple(each.label for each in further),
        used_by=tuple(sorted({use.provider for use in used.values()})),
        changes=found.sorted(),
    )


def _collect(
    found: _Changes, reached: list[tuple[Pair, str]], place: str, operations: list[str], use: FieldUsage | None
) -> None:
    """Add the differences of every pair that is reached from one place of these operations."""
    marked = _marked(place, reached[0][0], use) if use else {}
    for pair, below in reached:
        for difference in pair.differences:
            at = marked.get((id(pair), difference.name), [])
            way = at[0] if at else f"{below}/{difference.name}" if difference.name else below
            used_by = [use.provider] if use and at else []
            found.add(difference, pair.way, operations, f"{place} {way}".strip(), used_by=used_by, used_at=at)


@define
class _Draft:
    """A change whose operations and uses are still being collected."""

    first: Change
    operations: dict[str, None] = field(factory=dict)
    used_by: dict[str, None] = field(factory=dict)
    used_at: dict[str, None] = field(factory=dict)

    def take(self, operations: Iterable[str], used_by: Iterable[str], used_at: Iterable[str]) -> None:
        """Add where else it is met and used."""
        self.operations.update(dict.fromkeys(operations))
        self.used_by.update(dict.fromkeys(used_by))
        self.used_at.update(dict.fromkeys(used_at))

    def done(self) -> Change:
        """Return the change with everything that was collected."""
        return evolve(
            self.first,
            operations=tuple(self.operations),
            used_by=tuple(self.used_by),
            used_at=tuple(self.used_at),
        )


class _Changes:
    """Collects changes; one that is met in many places by one reference is one change."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, ...], _Draft] = {}

    def add(
        self,
        difference: Difference,
        way: Direction,
        operations: Sequence[str],
        place: str,
        *,
        used_by: Sequence[str] = (),
        used_at: Sequence[str] = (),
    ) -> None:
        """Add what was found at a place of some operations, and whose adapter uses it, and where."""
        key = (difference.rule, difference.detail, difference.name or "", str(difference.old), way)
        before = self._drafts.get(key)
        if before is not None and (before.used_by or not used_by):
            before.take(operations, used_by, used_at)
            return
        rule = RULES[difference.rule]
        level = rule.level(way)
        change = Change(
            level=level,
            rule=difference.rule,
            title=rule.title,
            detail=difference.detail,
            operations=(),
            place=place,
            old=str(difference.old),
            new=str(difference.new),
            advice=rule.advice if level > Level.ADDITIVE else "",
        )
        draft = self._drafts[key] = _Draft(change)
        draft.take(operations, used_by, used_at)
        if before is not None:
            draft.take(before.operations, before.used_by, before.used_at)

    def sorted(self) -> tuple[Change, ...]:
        """Return the changes in the order in which they should be read."""
        merged: dict[tuple[str, ...], _Draft] = {}
        for draft in sorted(self._drafts.values(), key=lambda draft: not draft.used_by):
            change = draft.first
            name = change.place.rpartition("/")[2]
            key = (change.rule, str(change.level), change.detail, change.new, name or change.old)
            merged.setdefault(key, _Draft(change)).take(draft.operations, draft.used_by, draft.used_at)
        changes = (draft.done() for draft in merged.values())
        return tuple(sorted(changes, key=lambda change: (not change.used_by, -change.level)))


def _used(document: Document, compared: list[Compared]) -> dict[int, FieldUsage]:
    """Return what the adapters use of each operation, where the old document is that of a provider.

    It is by its server's host, or, under any other host (a sandbox, a proxy), by having all of the operations.
    """
    found: dict[int, FieldUsage] = {}
    named = hosts(document)
    for provider, kind in known().items():
        wanted = {template(*operation): use for operation, use in field_usage(provider).items()}
        mine = {id(each): use for each in compared if (use := wanted.get(each.old.whole_template))}
        its_hosts = {urlsplit(url).hostname for url in kind.environments.values()}
        if named & its_hosts or len(mine) == len(wanted):
            found.update(mine)
    return found


def _marked(place: str, root: Pair, use: FieldUsage) -> dict[tuple[int, str | None], list[str]]:
    """Return the pairs and fields below a root that an adapter uses, and by which ways.

    Every pair has been compared before: the ways down are known.
    """
    paths: Iterable[FieldPath] = ()
    what, _, which = place.partition(" ")
    if what == "answer":
        paths = _of_status(which, use)
    elif place.replace(" parameter ", " ") in use.parameters:
        paths = ((),)
    marked: dict[tuple[int, str | None], dict[str, None]] = {}
    for path in paths:
        here, way = _alternatives([root]), ""
        for step in (*path, None):
            for pair in here:
                marked.setdefault((id(pair), None), {})[way] = None
                if step is not None:
                    marked.setdefault((id(pair), step), {})[f"{way}/{step}"] = None
            here = _alternatives(below for pair in here for name, below in pair.below if name == step)
            way = f"{way}/{step}"
    return {key: list(ways) for key, ways in marked.items()}


def _of_status(status: str, use: FieldUsage) -> Iterable[FieldPath]:
    return use.answers.get(status) or use.answers.get(f"{status[0]}XX") or ()


def _alternatives(pairs: Iterable[Pair]) -> list[Pair]:
    """Return pairs and those of their alternatives."""
    found = {id(pair): pair for pair in pairs}
    waiting = list(found.values())
    for pair in waiting:
        for step, below in pair.below:
            if not step and id(below) not in found:
                found[id(below)] = below
                waiting.append(below)
    return list(found.values())


def _title(document: Document) -> str:
    version = document.root.child("info").get("version")
    return f"{document.name} (version {version})" if version else document.name
