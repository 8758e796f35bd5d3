"""Compare two schemas and the values inside, for one direction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from ..openapi.documents import Node
from .assertions import AssertionComparer
from .json_types import covers
from .pairs import PLAIN, Context, Pair, Recorder
from .rules import ADDITIVE, EDITORIAL, RISKY, RULES, Direction, Level
from .shape_cache import ShapeCache
from .shapes import Schema, Shape
from .union_matching import are_disjoint, match_branches
from .value_comparison import (
    compare_annotations,
    compare_constraints,
    compare_discriminators,
    compare_enums,
    compare_other_keywords,
    compare_strings,
    compare_types,
)

_MAX_TRIAL_PAIRS: Final = 500
"""Pairs that are compared to decide if two union branches are the same; larger branches are matched by properties."""


class SchemaComparer:
    """Compare schemas; each pair is compared once, and only when it is reached."""

    def __init__(self) -> None:
        self._cache = ShapeCache()
        self._pairs: dict[object, Pair] = {}

    def pair(self, old: Schema, new: Schema, direction: Direction, context: Context = PLAIN) -> Pair:
        """Return the pair of two schemas, without comparing them."""
        key = (old.key, new.key, direction, context)
        if key not in self._pairs:
            self._pairs[key] = Pair(old, new, direction, context)
        return self._pairs[key]

    def walk(self, root: Pair) -> Iterator[tuple[Pair, str]]:
        """Compare a pair and all pairs below it; yield each one with its path."""
        seen, waiting = {id(root)}, [(root, "")]
        for pair, path in waiting:
            if not pair.is_expanded:
                pair.is_expanded = True
                with pair.tolerating():
                    self._compare(pair)
            yield pair, path
            for step, child in pair.children:
                if id(child) not in seen:
                    seen.add(id(child))
                    waiting.append((child, f"{path}/{step}" if step else path))

    def _is_compatible(self, pair: Pair, up_to: Level = EDITORIAL) -> bool:
        """Return True if no difference of a pair, or of a pair below it, has a higher level.

        A pair that is being compared counts as compatible.
        """
        for count, (each, _) in enumerate(self.walk(pair)):
            levels = (RULES[difference.rule].level(pair.direction) for difference in each.differences)
            if count > _MAX_TRIAL_PAIRS or each.errors or any(level > up_to for level in levels):
                return False
        return True

    def _is_subset(self, one: Node, other: Node) -> bool:
        """Return True if every value of a schema is a value of another one."""
        return self._is_compatible(self.pair(Schema((other,)), Schema((one,)), "response"), up_to=ADDITIVE)

    def _compare(self, pair: Pair) -> None:
        old, new = self._cache.shape(pair.old), self._cache.shape(pair.new)
        recorder = Recorder(pair, old, new)
        compare_annotations(recorder)
        if old.nullable != new.nullable and not pair.context.ignores_null and not new.allows_anything:
            recorder.record("became-nullable" if new.nullable else "became-not-nullable")
        if new.allows_anything and not old.allows_anything:
            recorder.record("type-removed", f"was {old}")
        elif old.allows_anything and new.is_implied_object and pair.direction == "request":
            recorder.record("type-specialized", "any → properties of an object")
        elif old.branches or new.branches:
            self._compare_unions(recorder, pair)
        elif compare_types(recorder):
            self._compare_properties(recorder)
            self._compare_additional(recorder)
            self._compare_items(recorder)
            compare_enums(recorder)
            compare_strings(recorder)
            compare_constraints(recorder)
            AssertionComparer(recorder, self._is_subset).compare()
            compare_other_keywords(recorder)

    def _compare_properties(self, recorder: Recorder) -> None:
        old, new, direction = recorder.old, recorder.new, recorder.direction
        olds, news = (self._property_shapes(recorder, each) for each in (old, new))
        hidden_before, hidden_after = (
            {name for name, shape in shapes.items() if _is_hidden(shape, direction)} for shapes in (olds, news)
        )
        required_before, required_after = old.required - hidden_before, new.required - hidden_after
        removed = old.properties.keys() - new.properties.keys()
        added = {name: shape for name, shape in news.items() if name not in old.properties}
        for name, shape in olds.items():
            if name in removed:
                if name not in hidden_before:
                    self._record_removed(recorder, name, shape, added)
            elif name not in news:
                continue
            elif name not in hidden_after:
                if name in hidden_before:
                    self._record_visibility(recorder, name, "not-")
                is_sent = name in required_before and name in required_after
                has_default = "default" in shape.annotations or "default" in news[name].annotations
                context = Context(ignores_default=is_sent and has_default)
                recorder.descend(name, self.pair(old.properties[name], new.properties[name], direction, context))
            elif name not in hidden_before:
                self._record_visibility(recorder, name)
        for name, shape in added.items():
            if name not in hidden_after:
                self._record_added(recorder, name, shape)
        gone = removed | (hidden_after & olds.keys())
        reported = (required_before & gone) | (required_after & added.keys())
        for name in sorted((old.forbidden - new.forbidden) & news.keys()):
            recorder.record("property-added-to-closed-object", name=name)
        for name in sorted((new.forbidden - old.forbidden) & olds.keys()):
            recorder.record("additional-properties-disallowed", name, name=name)
        for name in sorted((required_before ^ required_after) - reported):
            rule = "property-became-optional" if name in required_before else "property-became-required"
            recorder.record(rule, old=_property_node(old, name), new=_property_node(new, name), name=name)

    def _property_shapes(self, recorder: Recorder, shape: Shape) -> dict[str, Shape]:
        """Return the shapes of the properties; a malformed one is left out and does not hide the others."""
        found: dict[str, Shape] = {}
        for name, schema in shape.properties.items():
            with recorder.tolerating():
                found[name] = self._cache.shape(schema)
        return found

    def _record_removed(self, recorder: Recorder, name: str, shape: Shape, added: Mapping[str, Shape]) -> None:
        schema, additional = recorder.old.properties[name], recorder.new.schema_of_other(name)
        presence = "required" if name in recorder.old.required else "optional"
        detail = f"was {shape}, {presence}{_suggest_rename(name, shape, added)}"
        recorder.record("property-removed", detail, old=schema.nodes[0], name=name)
        if isinstance(additional, Schema):
            recorder.descend(name, self.pair(schema, additional, recorder.direction))

    def _record_added(self, recorder: Recorder, name: str, shape: Shape) -> None:
        schema, additional = recorder.new.properties[name], recorder.old.schema_of_other(name)
        is_response = recorder.direction == "response"
        becomes_required = name in recorder.new.required and name not in recorder.old.required
        if is_response:
            rule = "property-added-to-closed-object" if additional is False else "property-added"
        else:
            rule = "required-property-added" if becomes_required else "property-added"
        detail = f"is {shape}{', required' if becomes_required else ''}"
        recorder.record(rule, detail, new=schema.nodes[0], name=name)
        if isinstance(additional, Schema):
            recorder.descend(name, self.pair(additional, schema, recorder.direction))

    def _record_visibility(self, recorder: Recorder, name: str, negation: str = "") -> None:
        kind = "write-only" if recorder.direction == "response" else "read-only"
        old, new = (_property_node(each, name) for each in (recorder.old, recorder.new))
        recorder.record(f"property-became-{negation}{kind}", old=old, new=new, name=name)

    def _compare_additional(self, recorder: Recorder) -> None:
        old, new = recorder.old.additional, recorder.new.additional
        match old, new:
            case Schema(), Schema():
                recorder.descend("*", self.pair(old, new, recorder.direction))
            case Schema(), False:
                recorder.record("additional-properties-removed", f"were {self._cache.shape(old)}")
            case Schema(), None:
                recorder.record("type-removed", f"additional properties were {self._cache.shape(old)}")
            case False, None | Schema():
                recorder.record("additional-properties-allowed")
            case None, False:
                recorder.record("additional-properties-disallowed")
            case None, Schema():
                recorder.record("additional-properties-restricted", f"are {self._cache.shape(new)}")

    def _compare_items(self, recorder: Recorder) -> None:
        firsts = recorder.old.first_items, recorder.new.first_items
        for index in range(max(map(len, firsts))):
            old, new = (
                shape.first_items[index] if index < len(shape.first_items) else shape.items
                for shape in (recorder.old, recorder.new)
            )
            self._compare_item(recorder, str(index), old, new)
        self._compare_item(recorder, "*", recorder.old.items, recorder.new.items)

    def _compare_item(self, recorder: Recorder, step: str, old: Schema | None, new: Schema | None) -> None:
        items = "items" if step == "*" else f"item {step}"
        if old and new:
            recorder.descend(step, self.pair(old, new, recorder.direction, Context(is_text=recorder.context.is_text)))
        elif old:
            recorder.record("type-removed", f"{items} were {self._cache.shape(old)}")
        elif new:
            recorder.record("type-specialized", f"{items} are {self._cache.shape(new)}")

    def _compare_unions(self, recorder: Recorder, pair: Pair) -> None:
        old, new, direction = recorder.old, recorder.new, recorder.direction
        olds = old.branches or _split_types(pair.old, old)
        news = new.branches or _split_types(pair.new, new)
        context = Context(ignores_null=True, is_text=pair.context.is_text)

        def are_compatible(one: Schema, other: Schema) -> bool:
            return self._is_compatible(self.pair(one, other, direction, context))

        matched = match_branches(old, new, (olds, news), self._cache.shape, are_compatible)
        for index, branch in enumerate(olds):
            if index in matched:
                recorder.descend("", self.pair(branch, news[matched[index]], direction, context))
            else:
                recorder.record("union-branch-removed", f"was {self._describe(branch)}", old=branch.nodes[0])
        for index, branch in enumerate(news):
            if index not in matched.values():
                rule = "union-branch-added" if old.branches else self._rule_of_new_branch(pair, old, branch)
                recorder.record(rule, f"is {self._describe(branch)}", new=branch.nodes[0])
        self._compare_overlaps(recorder, pair, (olds, news), matched)
        compare_discriminators(recorder, {olds[index].name: news[other].name for index, other in matched.items()})

    def _compare_overlaps(
        self,
        recorder: Recorder,
        pair: Pair,
        branches: tuple[Sequence[Schema], Sequence[Schema]],
        matched: dict[int, int],
    ) -> None:
        """Record that a value may match another number of branches of a `oneOf`, unless there is a worse difference."""
        is_response = pair.direction == "response"
        judging, other = (recorder.old, recorder.new) if is_response else (recorder.new, recorder.old)
        if not judging.is_exclusive or not self._is_compatible(pair, up_to=ADDITIVE):
            return
        own = branches[0] if is_response else branches[1]
        unchanged = {
            (index if is_response else other_index)
            for index, other_index in matched.items()
            if not self._is_narrowed(pair, branches[0][index], branches[1][other_index])
        }
        changed = set(range(len(own))) - (unchanged if other.is_exclusive else set())
        for index in sorted(changed):
            for another, branch in enumerate(own):
                if index != another and not are_disjoint(own[index], branch, self._cache.shape):
                    recorder.record("union-overlap-changed", self._describe(own[index]))
                    return

    def _is_narrowed(self, pair: Pair, old: Schema, new: Schema) -> bool:
        """Return True if a matched branch has other values; an added property alone does not count."""
        context = Context(ignores_null=True, is_text=pair.context.is_text)
        return any(
            RULES[difference.rule].level(pair.direction) > EDITORIAL and difference.rule != "property-added"
            for each, _ in self.walk(self.pair(old, new, pair.direction, context))
            for difference in each.differences
        )

    def _rule_of_new_branch(self, pair: Pair, old: Shape, branch: Schema) -> str:
        """Return the rule of a new branch of a value that was not a union."""
        types = self._cache.shape(branch).types
        if old.types is not None and (types is None or not all(covers(old.types, each) for each in types)):
            return "type-generalized"
        trial = self.pair(pair.old, branch, pair.direction, Context(ignores_null=True, is_text=pair.context.is_text))
        return "union-branch-added" if self._is_compatible(trial, up_to=RISKY) else "union-incompatible-branch-added"

    def _describe(self, branch: Schema) -> str:
        return f"{self._cache.shape(branch)}{f', {branch.name}' if branch.name else ''}"


def _is_hidden(shape: Shape, direction: Direction) -> bool:
    """Return True if a value never appears in this direction."""
    return ("writeOnly" if direction == "response" else "readOnly") in shape.access


def _property_node(shape: Shape, name: str) -> Node | None:
    return shape.properties[name].nodes[0] if name in shape.properties else None


def _split_types(schema: Schema, shape: Shape) -> tuple[Schema, ...]:
    """Return a schema of several types as one branch for each type."""
    if not shape.types or len(shape.types) == 1:
        return (schema,)
    return tuple(Schema(schema.nodes, schema.expanded, only_type) for only_type in sorted(shape.types))


def _suggest_rename(name: str, removed: Shape, added: Mapping[str, Shape]) -> str:
    """Return a hint at the added property with a similar name and the same types."""
    candidates = [other for other, shape in added.items() if shape.types == removed.types]
    close = get_close_matches(name, candidates, n=1, cutoff=0.5)
    return f"; possibly renamed to {close[0]!r}" if close else ""
