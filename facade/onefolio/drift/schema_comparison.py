"""Two schemas side by side: where they differ, for what is read and for what is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Final

from attrs import define, field, frozen

from ..openapi.documents import Node
from .canonical import canonical
from .rules import EDITORIAL, RISKY, RULES, Direction, Level
from .schema_shapes import NOTES, NUMBER_FORMATS, TEXT_FORMATS, Schema, Shape, Shapes, covers, tightness

_WIDER: Final = {("int32", "int64"), ("float", "double"), ("idn-email", "email"), ("iri", "uri")}

_LOOKS: Final = 500
"""Pairs that are looked at to tell whether two alternatives are one; beyond, they are matched by their fields."""

_ALIKE: Final = 0.5
"""The share of fields that two alternatives of one purpose have in common at least."""


@frozen(eq=False)
class Difference:
    """One difference between two places.

    Args:
        rule: its name in `RULES`.
        old: the place in the old document, or where it would have to be.
        new: the place in the new document, or where it would have to be.
        detail: what was and what is.
        name: the field that came, went or changed its presence; None where the value itself changed.
    """

    rule: str
    old: Node
    new: Node
    detail: str = ""
    name: str | None = None


@define(eq=False)
class Pair:
    """An old and a new schema of one value.

    Args:
        old: the old one.
        new: the new one.
        way: whether the value is read or sent.
        muted: whether null has been dealt with above.
        differences: how the two differ here, once they are compared.
        below: the pairs of the values inside, by field name, `*` for items, and the empty text for an alternative.
        begun: whether the comparison has been begun; a pair may be met again while it is under way.
    """

    old: Schema
    new: Schema
    way: Direction
    muted: bool = False
    differences: list[Difference] = field(factory=list)
    below: list[tuple[str, Pair]] = field(factory=list)
    begun: bool = False


class Schemas:
    """Compares schemas, each pair once, however often and however deep it is referred to."""

    def __init__(self) -> None:
        self._shapes = Shapes()
        self._pairs: dict[object, Pair] = {}

    def pair(self, old: Schema, new: Schema, way: Direction, *, muted: bool = False) -> Pair:
        """Return the pair of two schemas, not compared yet."""
        key = (old.key, new.key, way, muted)
        if key not in self._pairs:
            self._pairs[key] = Pair(old, new, way, muted)
        return self._pairs[key]

    def reached(self, root: Pair) -> Iterator[tuple[Pair, str]]:
        """Yield every pair below and including `root`, compared, and the way to it."""
        seen, waiting = {id(root)}, [(root, "")]
        for pair, place in waiting:
            self._expand(pair)
            yield pair, place
            for step, below in pair.below:
                if id(below) not in seen:
                    seen.add(id(below))
                    waiting.append((below, f"{place}/{step}" if step else place))

    def _expand(self, pair: Pair) -> None:
        if not pair.begun:
            pair.begun = True
            self._compare(pair)

    def _agree(self, pair: Pair, up_to: Level = EDITORIAL) -> bool:
        """Tell whether two schemas mean the same, or differ no more than that.

        A pair whose comparison this is part of does not count against it.
        """
        for count, (each, _) in enumerate(self.reached(pair)):
            if count > _LOOKS or any(RULES[found.rule].level(pair.way) > up_to for found in each.differences):
                return False
        return True

    def _compare(self, pair: Pair) -> None:
        old, new = self._shapes.of(pair.old), self._shapes.of(pair.new)
        tell = _Recorder(pair, old, new)
        _compare_notes(tell, old, new)
        if old.nullable != new.nullable and not pair.muted and not new.says_nothing:
            tell("became-nullable" if new.nullable else "became-not-nullable")
        if new.says_nothing and not old.says_nothing:
            tell("type-removed", f"was {old}")
        elif old.options or new.options:
            self._compare_options(pair, old, new, tell)
        elif _compare_types(tell, old, new):
            self._compare_objects(pair, old, new, tell)
            self._compare_lists(pair, old, new, tell)
            _compare_enum_values(tell, old, new)
            _compare_strings(tell, old, new)
            _compare_limits(tell, old, new)
            _compare_rest(tell, old, new)

    def _compare_objects(self, pair: Pair, old: Shape, new: Shape, tell: _Recorder) -> None:
        added = {name: self._shapes.of(schema) for name, schema in new.properties.items() if name not in old.properties}
        for name, schema in old.properties.items():
            was = self._shapes.of(schema)
            hidden = was.write_only if pair.way == "response" else was.read_only
            if name in new.properties:
                self._compare_field(pair, name, schema, new.properties[name], tell, hidden=hidden)
            elif not hidden:
                presence = "required" if name in old.required else "optional"
                detail = f"was {was}, {presence}{_perhaps(name, was, added)}"
                tell("property-removed", detail, old=schema.nodes[0], name=name)
                if isinstance(new.extra, Schema):
                    pair.below.append((name, self.pair(schema, new.extra, pair.way)))
        for name, shape in added.items():
            if shape.write_only if pair.way == "response" else shape.read_only:
                continue
            demanded = name in new.required and name not in old.required
            rule = "required-property-added" if demanded and pair.way == "request" else "property-added"
            if old.extra is False and pair.way == "response":
                rule = "property-added-to-closed-object"
            tell(rule, f"is {shape}{', required' if demanded else ''}", new=_field(new, name), name=name)
            if isinstance(old.extra, Schema):
                pair.below.append((name, self.pair(old.extra, new.properties[name], pair.way)))
        told = {name for name in old.required if name in old.properties and name not in new.properties}
        told |= {name for name in new.required if name in added}
        for name in sorted((old.required ^ new.required) - told):
            rule = "property-became-optional" if name in old.required else "property-became-required"
            tell(rule, old=_field(old, name), new=_field(new, name), name=name)
        match old.extra, new.extra:
            case Schema(), Schema():
                pair.below.append(("*", self.pair(old.extra, new.extra, pair.way)))
            case Schema(), False:
                tell("additional-properties-removed", f"were {self._shapes.of(old.extra)}")
            case Schema(), None:
                tell("type-removed", f"further values were {self._shapes.of(old.extra)}")
            case False, None | Schema():
                tell("additional-properties-allowed")
            case None, False:
                tell("additional-properties-disallowed")
            case None, Schema():
                tell("additional-properties-restricted", f"are {self._shapes.of(new.extra)}")

    def _compare_field(self, pair: Pair, name: str, old: Schema, new: Schema, tell: _Recorder, *, hidden: bool) -> None:
        is_ = self._shapes.of(new)
        if hidden and (is_.write_only if pair.way == "response" else is_.read_only):
            return
        if is_.write_only and pair.way == "response":
            tell("property-became-write-only", old=old.nodes[0], new=is_.node, name=name)
        elif is_.read_only and pair.way == "request":
            tell("property-became-read-only", old=old.nodes[0], new=is_.node, name=name)
        else:
            pair.below.append((name, self.pair(old, new, pair.way)))

    def _compare_lists(self, pair: Pair, old: Shape, new: Shape, tell: _Recorder) -> None:
        if old.items and new.items:
            pair.below.append(("*", self.pair(old.items, new.items, pair.way)))
        elif old.items:
            tell("type-removed", f"items were {self._shapes.of(old.items)}")
        elif new.items:
            tell("type-specialized", f"items are {self._shapes.of(new.items)}")
        if len(old.first_items) != len(new.first_items):
            tell("keyword-changed", "another number of items is described one by one")
        for index, (was, is_) in enumerate(zip(old.first_items, new.first_items, strict=False)):
            pair.below.append((str(index), self.pair(was, is_, pair.way)))

    def _compare_options(self, pair: Pair, old: Shape, new: Shape, tell: _Recorder) -> None:
        olds = old.options or _by_type(pair.old, old)
        news = new.options or _by_type(pair.new, new)
        matched = self._match(pair, old, new, olds, news)
        for index, was in enumerate(olds):
            if index in matched:
                pair.below.append(("", self.pair(was, news[matched[index]], pair.way, muted=True)))
            else:
                tell("union-branch-removed", f"was {self._shapes.of(was)}{_named(was)}", old=was.nodes[0])
        for index, is_ in enumerate(news):
            if index not in matched.values():
                rule = "union-branch-added" if old.options else self._rule_of_further(pair, old, is_)
                tell(rule, f"is {self._shapes.of(is_)}{_named(is_)}", new=is_.nodes[0])
        became = {olds[index].name: news[other].name for index, other in matched.items()}
        _compare_discriminators(tell, old, new, became)

    def _rule_of_further(self, pair: Pair, old: Shape, option: Schema) -> str:
        """Return what it is that a value may have a further form, where it had one."""
        types = self._shapes.of(option).types
        if old.types is not None and (types is None or not all(covers(old.types, each) for each in types)):
            return "type-generalized"
        agrees = self._agree(self.pair(pair.old, option, pair.way, muted=True), up_to=RISKY)
        return "union-branch-added" if agrees else "union-incompatible-branch-added"

    def _match(
        self, pair: Pair, old: Shape, new: Shape, olds: tuple[Schema, ...], news: tuple[Schema, ...]
    ) -> dict[int, int]:
        """Return which new alternative each old one became, by their places: the surest signs first."""
        matched: dict[int, int] = {}

        def match(signs_old: list[object], signs_new: list[object]) -> None:
            for index, sign in enumerate(signs_old):
                if index in matched or not sign or signs_old.count(sign) > 1 or signs_new.count(sign) != 1:
                    continue
                if (other := signs_new.index(sign)) not in matched.values():
                    matched[index] = other

        match([each.name for each in olds], [each.name for each in news])
        match([_word(old, each) for each in olds], [_word(new, each) for each in news])
        match([self._constants(each) for each in olds], [self._constants(each) for each in news])
        for index, was in enumerate(olds):
            for other, is_ in enumerate(news):
                if index in matched:
                    break
                trial = self.pair(was, is_, pair.way, muted=True)
                if other not in matched.values() and self._agree(trial):
                    matched[index] = other
        for index, other in _alike([self._shapes.of(each) for each in olds], [self._shapes.of(each) for each in news]):
            if index in matched or other in matched.values():
                continue
            both = {*self._constants(olds[index]), *self._constants(news[other])}
            if len(both) == len({name for name, _ in both}):
                matched[index] = other
        return matched

    def _constants(self, schema: Schema) -> frozenset[tuple[str, str]]:
        """Return the fields of an alternative that can have one value only."""
        shape = self._shapes.of(schema)
        fields = ((name, self._shapes.of(each)) for name, each in shape.properties.items())
        return frozenset(
            (name, next(iter(each.words)))
            for name, each in fields
            if each.words and each.closed and len(each.words) == 1
        )


class _Recorder:
    """Writes down the differences of a pair; a place that is not given is the schema's own."""

    def __init__(self, pair: Pair, old: Shape, new: Shape) -> None:
        self._pair, self._old, self._new = pair, old.node, new.node

    def __call__(
        self, rule: str, detail: str = "", *, old: Node | None = None, new: Node | None = None, name: str | None = None
    ) -> None:
        self._pair.differences.append(Difference(rule, old or self._old, new or self._new, detail, name))


def _compare_notes(tell: _Recorder, old: Shape, new: Shape) -> None:
    notes = {name for name in {*old.notes, *new.notes} if old.notes.get(name) != new.notes.get(name)}
    if "default" in notes:
        tell("default-value-changed", f"{old.notes.get('default', 'none')} → {new.notes.get('default', 'none')}")
    if "deprecated" in notes:
        tell("deprecated" if "deprecated" in new.notes else "reactivated")
    if words := sorted(notes - {"default", "deprecated"}):
        tell("documentation-changed", ", ".join(words))


def _compare_types(tell: _Recorder, old: Shape, new: Shape) -> bool:
    """Compare the types; tell whether it makes sense to go on below them."""
    if old.types == new.types:
        return True
    detail = f"{_types(old)} → {_types(new)}"
    if new.types is None:
        tell("type-became-implicit" if new.properties or new.items or new.words else "type-removed", detail)
        return True
    if all(covers(old.types, each) for each in new.types):
        tell("type-specialized", detail)
        return True
    if all(covers(new.types, each) for each in old.types or ()):
        tell("type-generalized", detail)
        return True
    tell("type-changed", detail)
    return any(covers(old.types, each) for each in new.types)


def _types(shape: Shape) -> str:
    return "any" if shape.types is None else " or ".join(sorted(shape.types)) or "nothing"


def _compare_enum_values(tell: _Recorder, old: Shape, new: Shape) -> None:
    if old.words is None and new.words is None:
        return
    if old.words is None or new.words is None:
        listed = ", ".join((new.words if old.words is None else old.words) or ())
        if old.words is None:
            tell("enum-closed" if new.closed else "enum-extensible-added", listed)
        else:
            tell("enum-opened" if old.closed else "enum-extensible-removed", listed)
        return
    if old.closed != new.closed:
        tell("enum-opened" if old.closed else "enum-closed", ", ".join(new.words))
    if added := [word for word in new.words if word not in old.words]:
        tell("enum-value-added", ", ".join(added))
    if removed := [word for word in old.words if word not in new.words]:
        tell("enum-value-removed", ", ".join(removed))


def _compare_strings(tell: _Recorder, old: Shape, new: Shape) -> None:
    was, is_ = ", ".join(sorted(old.formats)), ", ".join(sorted(new.formats))
    if was != is_:
        tell(_format_rule(was, is_), f"{was or 'none'} → {is_ or 'none'}")
    if old.patterns != new.patterns:
        rule = "pattern-added" if not old.patterns else "pattern-changed" if new.patterns else "pattern-removed"
        tell(rule, f"{' and '.join(sorted(old.patterns)) or 'none'} → {' and '.join(sorted(new.patterns)) or 'none'}")


def _format_rule(was: str, is_: str) -> str:
    if not was or not is_:
        return "format-removed" if was else "format-added"
    if (was, is_) in _WIDER:
        return "format-generalized"
    if (is_, was) in _WIDER:
        return "format-specialized"
    return "format-changed" if {was, is_} <= TEXT_FORMATS | NUMBER_FORMATS else "format-custom-changed"


def _compare_limits(tell: _Recorder, old: Shape, new: Shape) -> None:
    for sides, sign in (((old.lower, new.lower), 1), ((old.upper, new.upper), -1)):
        for keyword in sorted({*sides[0], *sides[1]}):
            was, is_ = (tightness(side.get(keyword), sign) for side in sides)
            if was != is_:
                detail = f"{keyword} {sides[0].get(keyword, 'none')} → {sides[1].get(keyword, 'none')}"
                tell("constraint-tightened" if is_ > was else "constraint-relaxed", detail)
    if old.step != new.step:
        detail = f"multipleOf {old.step or 'none'} → {new.step or 'none'}"
        if new.step is None or _divides(new.step, old.step):
            tell("constraint-relaxed", detail)
        else:
            tell(
                "constraint-tightened" if old.step is None or _divides(old.step, new.step) else "keyword-changed",
                detail,
            )
    if old.unique != new.unique:
        tell("constraint-tightened" if new.unique else "constraint-relaxed", "uniqueItems")


def _divides(step: Decimal, other: Decimal | None) -> bool:
    try:
        return other is not None and other % step == 0
    except InvalidOperation:
        return False


def _compare_rest(tell: _Recorder, old: Shape, new: Shape) -> None:
    for keyword in sorted({*old.rest, *new.rest}):
        was, is_ = old.rest.get(keyword, ()), new.rest.get(keyword, ())
        if len(was) != len(is_) or not all(same(one, other) for one, other in zip(was, is_, strict=True)):
            tell("keyword-changed", keyword, old=was[0] if was else None, new=is_[0] if is_ else None)


def _compare_discriminators(tell: _Recorder, old: Shape, new: Shape, became: Mapping[str | None, str | None]) -> None:
    if old.tag and old.tag != new.tag:
        tell(
            "discriminator-property-name-changed" if new.tag else "discriminator-removed",
            f"{old.tag} → {new.tag or 'none'}",
        )
    if not (old.tags and new.tags):
        return
    for word in new.tags:
        if word not in old.tags:
            tell("discriminator-mapping-added", word)
    for word, name in old.tags.items():
        if word not in new.tags:
            tell("discriminator-mapping-removed", word)
        elif became.get(name) not in (None, new.tags[word]):
            tell("discriminator-mapping-changed", f"{word}: {name} → {new.tags[word]}")


def same(old: Node, new: Node) -> bool:
    """Tell whether two places say the same, references followed, words for people left out."""
    seen: set[object] = set()
    waiting = [(old, new)]
    for one, other in waiting:
        one, other = one.resolve(), other.resolve()  # noqa: PLW2901  # what they stand for
        if (one.key, other.key) in seen:
            continue
        seen.add((one.key, other.key))
        if isinstance(one.value, dict) and isinstance(other.value, dict):
            names = [
                {name for name in each.mapping() if name not in (*NOTES, "example") and not str(name).startswith("x-")}
                for each in (one, other)
            ]
            if names[0] != names[1]:
                return False
            waiting += [(one.child(name), other.child(name)) for name in names[0]]
        elif (
            isinstance(one.value, list)
            and isinstance(other.value, list)
            and any(isinstance(each, (dict, list)) for each in (*one.value, *other.value))
        ):
            if len(one.value) != len(other.value):
                return False
            waiting += [(one.child(index), other.child(index)) for index in range(len(one.value))]
        elif _sorted(one.value) != _sorted(other.value):
            return False
    return True


def _sorted(value: Any) -> list[str] | str:
    return sorted(map(canonical, value)) if isinstance(value, list) else canonical(value)


def _by_type(schema: Schema, shape: Shape) -> tuple[Schema, ...]:
    """Return a schema of several types as one alternative a type."""
    if not shape.types or len(shape.types) == 1:
        return (schema,)
    return tuple(Schema(schema.nodes, schema.chosen, only) for only in sorted(shape.types))


def _alike(olds: Sequence[Shape], news: Sequence[Shape]) -> Iterator[tuple[int, int]]:
    """Yield which alternatives could be the same one, the most alike first."""
    found: list[tuple[float, int, int]] = []
    for index, was in enumerate(olds):
        for other, is_ in enumerate(news):
            fields = {*was.properties, *is_.properties}
            likeness = len({*was.properties} & {*is_.properties}) / len(fields) if fields else 1.0
            if was.types == is_.types and likeness >= _ALIKE:
                found.append((-likeness, index, other))
    for _, index, other in sorted(found):
        yield index, other


def _word(shape: Shape, schema: Schema) -> str | None:
    """Return the word of the discriminator that stands for an alternative."""
    return next((word for word, name in shape.tags.items() if name == schema.name), None)


def _named(schema: Schema) -> str:
    return f", {schema.name}" if schema.name else ""


def _field(shape: Shape, name: str) -> Node | None:
    return shape.properties[name].nodes[0] if name in shape.properties else None


def _perhaps(name: str, was: Shape, added: Mapping[str, Shape]) -> str:
    """Return which added field may be a removed one under another name."""
    alike = [other for other, shape in added.items() if shape.types == was.types]
    close = get_close_matches(name, alike, n=1, cutoff=0.5)
    return f"; perhaps it is now {close[0]!r}" if close else ""
