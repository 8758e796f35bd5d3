"""Compare a new published document with the one that was accepted last, and with the curated spec."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from attrs import evolve, field, frozen

from onefolio_runtime import resolve_pointer, shorten

from ..._core.errors import ComparisonError
from ..._core.text import count_items
from ...openapi.documents import Document, make_document
from ...openapi.errors import DocumentError
from ...providers import registry
from ..comparison import compare
from ..operations import Operation, list_operations
from ..report import Change, Comparison, Omission
from ..rules import Level
from .accepted import AcceptedDocument, EarlierDocument, hash_document
from .cut import cut_operations, strip_prose
from .departures import Departure, Difference, differences_of, find_differences
from .fingerprints import Fingerprints, OtherChange, compare_fingerprints, find_fingerprints
from .report import News, NewsItem, SettledDeparture

_REMOVALS: Final = frozenset(("property-removed", "property-became-write-only", "header-removed", "parameter-removed"))
"""Rules of values that the new document lacks."""

_ADDITIONS: Final = frozenset((
    "property-added", "property-added-to-closed-object", "optional-parameter-added", "optional-request-body-added",
    "header-added", "media-type-added", "non-success-status-added", "security-added",
))  # fmt: skip
"""Additive rules of values that a curated spec documents once they are published."""

_VALUES: Final = frozenset(("enum-value-added", "enum-value-removed", "discriminator-mapping-added"))
"""Rules whose detail lists values."""

_FAMILIES: Final = (
    ("type-", "union-", "discriminator-"),
    ("format-", "pattern-", "constraint-", "keyword-"),
)
"""Beginnings of the ids of rules that concern the same aspect of a value."""

_PROSE: Final = "documentation-changed"

_SHOWN_PROSE: Final = 160
"""Characters shown of a new description."""

Location: TypeAlias = tuple[tuple[str, str], str]


@frozen
class PublishedDocument:
    """A published document of a provider.

    Args:
        name: its name for messages.
        cut: its JSON value, cut to the operations that are read.
        other_operations: the fingerprints of all other operations.
        source: the address or the file that it was read from.
        changed: the day of its last change, as `YYYY-MM-DD`; None if it is unknown.
        sha256: the hash of the whole file; None if it is unknown.
        whole: the JSON value of the whole document, with its descriptions.
    """

    name: str
    cut: Mapping[str, Any] = field(repr=count_items)
    other_operations: Fingerprints = field(repr=count_items)
    source: str
    changed: str | None = None
    sha256: str | None = None
    whole: Mapping[str, Any] = field(factory=dict, repr=count_items)

    def accept(self, previous: AcceptedDocument | None, today: str) -> AcceptedDocument:
        """Return the document as the accepted one.

        Args:
            previous: the document that was accepted before.
            today: the day, as `YYYY-MM-DD`.
        """
        earlier: tuple[EarlierDocument, ...] = ()
        if previous is not None:
            replaced = EarlierDocument(previous.sha256, previous.version, previous.retrieved)
            digest = hash_document(self.cut)
            earlier = tuple(each for each in (replaced, *previous.earlier) if each.sha256 != digest)
        return AcceptedDocument(
            document=self.cut,
            source=self.source,
            retrieved=today,
            accepted=today,
            source_sha256=self.sha256,
            earlier=earlier,
            other_operations=self.other_operations,
        )


def cut_document(
    provider: str, document: Document, source: str, *, changed: str | None = None, sha256: str | None = None
) -> PublishedDocument:
    """Return a published document, cut to the operations that an adapter reads.

    Args:
        provider: the provider's name.
        document: the whole document.
        source: the address or the file that it was read from.
        changed: the day of its last change, as `YYYY-MM-DD`; None if it is unknown.
        sha256: the hash of the whole file; None if it is unknown.

    Raises:
        ComparisonError: the document has none of these operations, is malformed, or refers to another file.
    """
    try:
        stripped = strip_prose(document)
        is_read = _reader_of(provider)
        if not any(map(is_read, list_operations(stripped))):
            read = ", ".join(each.label for each in list_operations(curated_document(provider)))
            raise ComparisonError(f"{document.name} has none of the operations that onefolio reads: {read}")
        cut = cut_operations(stripped, is_read)
        hash_document(cut)  # raises if YAML aliases make it too long
        return PublishedDocument(
            name=document.name,
            cut=cut,
            other_operations=find_fingerprints(strip_prose(document, hash_descriptions=False), is_read),
            source=source,
            changed=changed,
            sha256=sha256,
            whole=document.value,
        )
    except DocumentError as error:
        raise ComparisonError(str(error)) from None
    except RecursionError:
        raise ComparisonError(f"{document.name} is nested too deeply") from None


def curated_document(provider: str) -> Document:
    """Return the curated spec of a provider."""
    return make_document(registry.provider(provider).contract.spec, f"the curated spec of {provider}")


def cut_curated(provider: str) -> dict[str, Any]:
    """Return the curated spec of a provider without prose."""
    return cut_operations(strip_prose(curated_document(provider)), lambda _: True)


def _reader_of(provider: str) -> Callable[[Operation], bool]:
    """Return a function that returns True for the operations of the curated spec."""
    curated = list_operations(curated_document(provider))
    templates = {each.template for each in curated}
    full_templates = {each.full_template for each in curated}
    return lambda operation: operation.template in templates or operation.full_template in full_templates


def compare_news(
    provider: str, accepted: AcceptedDocument, new: PublishedDocument, departures: Iterable[Departure]
) -> News:
    """Return the differences of a new published document from the accepted one.

    Args:
        provider: the provider's name.
        accepted: the document that was accepted last.
        new: the new document.
        departures: the departures of the curated spec from the published document.

    Raises:
        ComparisonError: a document is malformed.
    """
    curated = cut_curated(provider)
    listed = list(departures)
    deliberate = {_identity(each) for each in find_differences(curated, accepted.document)}
    uncovered = _index(each for each in find_differences(curated, new.cut) if _identity(each) not in deliberate)
    comparison = compare(accepted.document, new.cut)
    items = [_judge(change, uncovered, curated, new.whole) for change in comparison.changes]
    added = [OtherChange(each, "added", is_read=True) for each in comparison.new_operations]
    others = accepted.other_operations
    return News(
        provider=provider,
        accepted=f"{_title(accepted.document)}, retrieved on {accepted.retrieved} from {accepted.source}",
        new=f"{_title(new.cut)}, {new.source}",
        older=accepted.reason_older(new.cut, new.changed),
        items=tuple(sorted(items, key=lambda item: item.is_covered)),
        settled=tuple(_find_settled(listed, comparison, accepted.document, curated, new.cut)) if items else (),
        others=(*added, *(() if others is None else compare_fingerprints(others, new.other_operations))),
        not_compared=_find_omissions(comparison, accepted.document),
        unknown_operations=len(new.other_operations) if others is None else 0,
    )


def _find_omissions(comparison: Comparison, accepted: Mapping[str, Any]) -> tuple[Omission, ...]:
    """Return the parts that were not compared, and are not those of the accepted document."""
    if not comparison.not_compared:
        return ()
    known = compare(accepted, accepted).not_compared
    return tuple(each for each in comparison.not_compared if each not in known)


def _title(document: Mapping[str, Any]) -> str:
    info = document["info"]
    return f"{info.get('title', 'untitled')} {info.get('version', '')}".strip()


def _index(differences: Iterable[Difference]) -> Mapping[Location, list[Difference]]:
    found = defaultdict(list)
    for each in differences:
        found[each.location].append(each)
    return found


def _identity(difference: Difference) -> tuple[Location, str, str]:
    return difference.location, difference.rule, difference.detail


def _judge(
    change: Change, uncovered: Mapping[Location, list[Difference]], curated: Mapping[str, Any], new: Mapping[str, Any]
) -> NewsItem:
    """Return a change with the places at which the curated spec does not cover it."""
    places = tuple(
        place
        for place, difference in zip(change.places, differences_of(change), strict=True)
        if not _is_covered(difference, uncovered.get(difference.location, []), curated)
    )
    if change.rule == _PROSE:
        described = resolve_pointer(new, change.new.removeprefix("#"))
        text = described.get("description") if isinstance(described, dict) else None
        detail = f"now: {shorten(' '.join(text.split()), _SHOWN_PROSE)}" if text else "removed"
        change = evolve(change, title="description changed", detail=detail)
    return NewsItem(change, to_do=places)


def _is_covered(difference: Difference, differences: Sequence[Difference], curated: Mapping[str, Any]) -> bool:
    """Return True if the curated spec already allows or documents a change.

    Args:
        difference: the change of the published document at one place.
        differences: the differences between the curated spec and the new document at this place, without those between
            the curated spec and the accepted document.
        curated: the curated spec.
    """
    if difference.rule == _PROSE:
        return False
    if difference.rule in _REMOVALS:
        return all(_is_deprecated(curated, each.old) for each in differences if each.rule in _REMOVALS)
    same = [each for each in differences if each.rule == difference.rule]
    if difference.rule in _VALUES:
        return not any(_listed(difference) & _listed(each) for each in same)
    if difference.level >= Level.RISKY:
        family = next((each for each in _FAMILIES if difference.rule.startswith(each)), (difference.rule,))
        return not any(each.level >= Level.RISKY and each.rule.startswith(family) for each in differences)
    return not same or (difference.level is Level.ADDITIVE and difference.rule not in _ADDITIONS)


def _listed(difference: Difference) -> set[str]:
    return set(difference.detail.split(", "))


def _is_deprecated(curated: Mapping[str, Any], pointer: str) -> bool:
    value = resolve_pointer(curated, pointer.removeprefix("#"))
    return isinstance(value, dict) and value.get("deprecated") is True


def _find_settled(
    departures: Sequence[Departure],
    comparison: Comparison,
    published: Mapping[str, Any],
    curated: Mapping[str, Any],
    new: Mapping[str, Any],
) -> Iterator[SettledDeparture]:
    """Yield the departures that no longer differ from the new document, with the places.

    An operation with parts that could not be compared settles nothing.

    Args:
        departures: the departures.
        comparison: the comparison of the published document with the new one.
        published: the published document.
        curated: the curated spec.
        new: the new document.
    """
    omitted = {label for each in comparison.not_compared for label in each.operations}
    before, after = find_differences(published, curated), _index(find_differences(new, curated))
    before_by_location = _index(before)
    document = make_document(new, "the new document")
    operations = {each.template for each in list_operations(document)}
    settled = [
        each
        for each in before
        if each.location[0] in operations
        and each.operation not in omitted
        and _is_settled(each, before_by_location[each.location], after, departures)
    ]
    for departure in departures:
        found = [each for each in settled if departure.matches(each)]
        settled = [each for each in settled if each not in found]
        if found:
            places = tuple(dict.fromkeys(f"{each.operation}, {each.place}".rstrip(", ") for each in found))
            titles = tuple(dict.fromkeys(each.title for each in found))
            yield SettledDeparture(titles, places, departure.reason)


def _is_settled(
    difference: Difference,
    before: Sequence[Difference],
    after: Mapping[Location, Sequence[Difference]],
    departures: Sequence[Departure],
) -> bool:
    """Return True if the new document agrees with the curated spec where the published one differed.

    Args:
        difference: a difference between the published document and the curated spec.
        before: all differences at its place.
        after: the differences between the new document and the curated spec.
        departures: the deliberate departures.
    """
    operation, place = difference.location
    steps = place.split("/")
    above = (after.get((operation, "/".join(steps[:count])), ()) for count in range(1, len(steps)))
    if any(each.rule in _ADDITIONS for differences in above for each in differences):
        return False  # the new document lacks the value that contains it
    differing = {difference.rule, *_ADDITIONS}
    known = {each.rule for each in before}
    return all(
        each.rule not in differing and (each.rule in known or any(departure.matches(each) for departure in departures))
        for each in after.get(difference.location, ())
    )
