"""Compare the constraints and annotations of two shapes, without the values inside."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from .equivalence import are_equivalent
from .json_types import Types, covers, normalize_types
from .keywords import NUMBER_FORMATS, STRING_FORMATS
from .limits import LOWER_LIMITS, UPPER_LIMITS, tightness
from .pairs import Recorder
from .rules import Direction
from .shapes import Shape

_GENERALIZED_FORMATS: Final = {("int32", "int64"), ("float", "double"), ("idn-email", "email"), ("iri", "uri")}
"""Pairs of formats of which the second is compared as the more general one."""


_TEXT_TYPES: Final = frozenset(("number", "boolean"))
"""The types whose values are strings when they are sent as text."""

_LIMITED: Final[Mapping[str, tuple[str, ...]]] = {
    keyword: ("number", "integer") if kind == "number" else (kind,)
    for keyword, kind in (LOWER_LIMITS | UPPER_LIMITS).items()
}
"""The types of the values that each keyword limits."""

_STRING_LIMITS: Final = frozenset(("minLength", "maxLength"))

_WITHOUT_EFFECT: Final[Mapping[Direction, tuple[str, ...]]] = {"response": ("readOnly",), "request": ("writeOnly",)}
"""The keywords that have no effect on values of each direction."""


def compare_annotations(recorder: Recorder) -> None:
    """Compare defaults, deprecation and descriptions."""
    old, new = recorder.old, recorder.new
    before, after = old.annotations, new.annotations
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    changed |= {name for name in _WITHOUT_EFFECT[recorder.direction] if (name in old.access) != (name in new.access)}
    if "default" in changed and not recorder.context.ignores_default:
        changed.remove("default")
        recorder.record("default-value-changed", f"{before.get('default', 'none')} → {after.get('default', 'none')}")
    if "deprecated" in changed:
        recorder.record("deprecated" if "deprecated" in after else "reactivated")
    if names := sorted(changed - {"deprecated"}):
        recorder.record("documentation-changed", ", ".join(names))


def compare_types(recorder: Recorder) -> bool:
    """Compare the types; return True if the other constraints can be compared."""
    old, new = recorder.old, recorder.new
    if old.types == new.types:
        return True
    detail = f"{old.type_text} → {new.type_text}"
    before, after = (_text_types(each) if recorder.context.is_text else each.types for each in (old, new))
    if new.types is None:
        is_implied = new.properties or new.items or (new.enum and new.enum.values)
        recorder.record("type-became-implicit" if is_implied else "type-removed", detail)
        return True
    is_specialized = all(covers(before, each) for each in new.types)
    is_generalized = old.types is not None and all(covers(after, each) for each in old.types)
    if is_specialized and is_generalized and recorder.context.is_text:
        recorder.record("documentation-changed", detail)
        return True
    if is_specialized or is_generalized:
        recorder.record("type-specialized" if is_specialized else "type-generalized", detail)
        return True
    recorder.record("type-changed", detail)
    return any(covers(before, each) for each in new.types)


def _text_types(shape: Shape) -> Types:
    """Return the types of a value that is sent as text: a string without constraints may also be a number."""
    is_constrained = shape.enum or shape.patterns or shape.formats or {*shape.lower, *shape.upper} & _STRING_LIMITS
    if shape.types is None or "string" not in shape.types or is_constrained:
        return shape.types
    return normalize_types(shape.types | _TEXT_TYPES)


def compare_enums(recorder: Recorder) -> None:
    """Compare the listed values."""
    old, new = recorder.old, recorder.new
    if old.enum is None and new.enum is None:
        return
    if old.enum is None:
        assert new.enum is not None  # noqa: S101  # one of them is not None
        recorder.record("enum-closed" if new.enum.is_closed else "enum-extensible-added", ", ".join(new.enum.values))
        return
    if new.enum is None:
        recorder.record("enum-opened" if old.enum.is_closed else "enum-extensible-removed", ", ".join(old.enum.values))
        return
    before, after = old.enum.values, new.enum.values
    if old.enum.is_closed != new.enum.is_closed:
        recorder.record("enum-opened" if old.enum.is_closed else "enum-closed", ", ".join(after))
    if added := [value for value in after if value not in before]:
        recorder.record("enum-value-added", ", ".join(added))
    if removed := [value for value in before if value not in after]:
        recorder.record("enum-value-removed", ", ".join(removed))


def compare_strings(recorder: Recorder) -> None:
    """Compare formats and patterns."""
    old, new = recorder.old, recorder.new
    before, after = ", ".join(sorted(old.formats)), ", ".join(sorted(new.formats))
    if before != after:
        recorder.record(_format_rule(before, after), f"{before or 'none'} → {after or 'none'}")
    if old.patterns != new.patterns:
        rule = "pattern-added" if not old.patterns else "pattern-changed" if new.patterns else "pattern-removed"
        patterns = [" and ".join(sorted(each.patterns)) or "none" for each in (old, new)]
        recorder.record(rule, " → ".join(patterns))


def _format_rule(old: str, new: str) -> str:
    if not old or not new:
        return "format-removed" if old else "format-added"
    if (old, new) in _GENERALIZED_FORMATS:
        return "format-generalized"
    if (new, old) in _GENERALIZED_FORMATS:
        return "format-specialized"
    return "format-changed" if {old, new} <= STRING_FORMATS | NUMBER_FORMATS else "format-custom-changed"


def compare_constraints(recorder: Recorder) -> None:
    """Compare limits, `multipleOf` and `uniqueItems`."""
    old, new = recorder.old, recorder.new
    for before, after, sign in ((old.lower, new.lower, 1), (old.upper, new.upper, -1)):
        for keyword in sorted({*before, *after}):
            loose, tight = tightness(before.get(keyword), sign), tightness(after.get(keyword), sign)
            if loose != tight and recorder.concerns(*_LIMITED[keyword]):
                detail = f"{keyword} {before.get(keyword, 'none')} → {after.get(keyword, 'none')}"
                recorder.record("constraint-tightened" if tight > loose else "constraint-relaxed", detail)
    if recorder.concerns("number", "integer") and (rule := _multiple_rule(old.multiples_of, new.multiples_of)):
        texts = [" and ".join(map(str, sorted(each.multiples_of))) or "none" for each in (old, new)]
        recorder.record(rule, f"multipleOf {' → '.join(texts)}")
    if old.unique_items != new.unique_items and recorder.concerns("array"):
        recorder.record("constraint-tightened" if new.unique_items else "constraint-relaxed", "uniqueItems")


def _multiple_rule(old: frozenset[Decimal], new: frozenset[Decimal]) -> str | None:
    is_tighter = all(any(_divides(each, other) for other in new) for each in old)
    is_looser = all(any(_divides(each, other) for other in old) for each in new)
    if is_tighter and is_looser:
        return None
    return "constraint-tightened" if is_tighter else "constraint-relaxed" if is_looser else "keyword-changed"


def _divides(divisor: Decimal, number: Decimal) -> bool:
    try:
        return number % divisor == 0
    except InvalidOperation:
        return False


def compare_other_keywords(recorder: Recorder) -> None:
    """Compare all other keywords for equality."""
    old, new = recorder.old, recorder.new
    for keyword in sorted({*old.other_keywords, *new.other_keywords}):
        before, after = old.other_keywords.get(keyword, ()), new.other_keywords.get(keyword, ())
        if len(before) != len(after) or not all(map(are_equivalent, before, after)):
            recorder.record(
                "keyword-changed", keyword, old=before[0] if before else None, new=after[0] if after else None
            )


def compare_discriminators(recorder: Recorder, renamed: Mapping[str | None, str | None]) -> None:
    """Compare the discriminators of two unions.

    Args:
        recorder: records the differences.
        renamed: the new component name of each matched branch by its old one.
    """
    old, new = recorder.old, recorder.new
    if old.discriminator and old.discriminator != new.discriminator:
        rule = "discriminator-property-name-changed" if new.discriminator else "discriminator-removed"
        recorder.record(rule, f"{old.discriminator} → {new.discriminator or 'none'}")
    if not (old.mapping and new.mapping):
        return
    for value in new.mapping:
        if value not in old.mapping:
            recorder.record("discriminator-mapping-added", value)
    for value, name in old.mapping.items():
        if value not in new.mapping:
            recorder.record("discriminator-mapping-removed", value)
        elif renamed.get(name) not in (None, new.mapping[value]):
            recorder.record("discriminator-mapping-changed", f"{value}: {name} → {new.mapping[value]}")
