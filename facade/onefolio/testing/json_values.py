"""Hypothesis strategies of JSON values that a schema allows, and of values that break it at a known place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from onefolio_runtime import Contract, escape_token

from ..openapi.references import resolve
from .choices import Choices

_INT64 = 2**63 - 1


class Broken(NamedTuple):
    """A body that breaks its schema.

    Attributes:
        body: the JSON value.
        pointer: JSON pointer to the invalid value.
        fault: description of the change that made it invalid.
    """

    body: Any
    pointer: str
    fault: str


def bodies(contract: Contract, schema: str) -> SearchStrategy[Any]:
    """Return a strategy of the values that a component schema allows, as `onefolio_runtime.decode` returns them."""
    return _values_of(contract).for_component(schema)


def parameters(contract: Contract, parameter: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Return a strategy of the values that an operation's parameter allows."""
    return _values_of(contract).for_schema(parameter["schema"])


@st.composite
def broken_bodies(draw: st.DrawFn, contract: Contract, schema: str) -> Broken:
    """Draw a valid body and break one value: drop it, or replace it by null, another type or a malformed string."""
    body = draw(bodies(contract, schema))
    top: list[Any] = [body]
    faults = _Faults(contract)
    places = list(faults.places({"$ref": f"#/components/schemas/{schema}"}, body, "", top, 0))
    place, fault, value = draw(st.sampled_from([(place, *fault) for place in places for fault in faults.of(place)]))
    if fault == "dropped":
        del place.holder[place.key]
    else:
        place.holder[place.key] = value
    return Broken(top[0], place.pointer, fault)


@cache
def _values_of(contract: Contract) -> _Values:
    return _Values(contract)


_Make: TypeAlias = Callable[[Choices], Any]
"""Makes a value of choices."""


class _Values:
    """The values that the schemas of a contract allow.

    The function that makes the values of a schema is created once.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._by_reference: dict[str, _Make] = {}
        self._by_component: dict[str, SearchStrategy[Any]] = {}

    def for_component(self, name: str) -> SearchStrategy[Any]:
        """Return the strategy of a component schema."""
        if name not in self._by_component:
            self._by_component[name] = self.for_schema({"$ref": f"#/components/schemas/{name}"})
        return self._by_component[name]

    def for_schema(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        """Return the strategy of a schema.

        Raises:
            NotImplementedError: the schema uses a keyword that no curated spec uses.
        """
        return _composed(self._maker(schema), min(self._size(schema, frozenset()), _MOST_BYTES))

    def _maker(self, schema: Mapping[str, Any]) -> _Make:
        match schema:
            case {"$ref": str(reference)}:
                return self._maker_of_reference(reference, schema)
            case {"anyOf": list(branches)} | {"oneOf": list(branches)}:
                return self._one_of(branches)
            case {"const": value}:
                return lambda _: value
            case {"enum": list(values)}:
                return lambda choices: choices.one_of(values)
            case {"type": list(types)}:
                return self._one_of([{**schema, "type": each} for each in types])
            case {"type": "object"}:
                return self._object(schema)
            case {"type": "array"}:
                return self._array(schema)
            case {"type": "string"}:
                return _string(schema)
            case {"type": "integer"}:
                low, high = _integer_bounds(schema)
                return lambda choices: choices.integer(low, high)
            case {"type": "number"}:
                return _number(schema)
            case {"type": "boolean"}:
                return lambda choices: choices.yes()
            case {"type": "null"}:
                return lambda _: None
        if not schema.keys() & {"type", "allOf", "not", "if"}:
            return lambda choices: choices.any_json()
        raise NotImplementedError(f"no strategy for {schema}")

    def _maker_of_reference(self, reference: str, schema: Mapping[str, Any]) -> _Make:
        def make(choices: Choices) -> Any:
            return self._by_reference[reference](choices)

        if reference not in self._by_reference:
            self._by_reference[reference] = make  # a schema may refer to itself
            self._by_reference[reference] = self._maker(resolve(self._contract.spec, schema))
        return make

    def _one_of(self, branches: Sequence[Mapping[str, Any]]) -> _Make:
        # The first branch is the simplest one, so that a value which contains itself ends with its choices.
        makers = [self._maker(each) for each in sorted(branches, key=lambda each: each.get("type") != "null")]
        return lambda choices: choices.one_of(makers)(choices)

    def _object(self, schema: Mapping[str, Any]) -> _Make:
        fields = {name: self._maker(field) for name, field in schema.get("properties", {}).items()}
        if not fields:
            return lambda choices: choices.any_object()
        required = set(schema.get("required", []))

        def make(choices: Choices) -> dict[str, Any]:
            extent = choices.one_of((_NONE, _SOME, _SOME, _ALL))
            return {
                name: field(choices)
                for name, field in fields.items()
                if name in required or extent == _ALL or (extent == _SOME and choices.yes())
            }

        return make

    def _array(self, schema: Mapping[str, Any]) -> _Make:
        item, least = self._maker(schema["items"]), schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 3), least + _MOST_ITEMS)
        return lambda choices: [item(choices) for _ in range(least + choices.below(most - least + 1))]

    def _size(self, schema: Mapping[str, Any], above: frozenset[str]) -> int:
        """Return the number of bytes that a typical value of a schema takes; missing ones are zeros."""
        if reference := schema.get("$ref"):
            return 1 if reference in above else self._size(resolve(self._contract.spec, schema), above | {reference})
        branches = schema.get("anyOf") or schema.get("oneOf") or []
        size = max((self._size(each, above) for each in branches), default=_LEAF_BYTES)
        size += sum(1 + self._size(each, above) for each in schema.get("properties", {}).values())
        return size + (3 * self._size(schema["items"], above) if "items" in schema else 0)


@st.composite
def _composed(draw: st.DrawFn, make: _Make, size: int) -> Any:
    return make(Choices(draw(st.binary(min_size=size, max_size=size)), draw))


def _number(schema: Mapping[str, Any]) -> _Make:
    low, high = _integer_bounds(schema)
    least, most, places = max(low, -(10**9)), min(high, 10**9), _places(schema)

    def make(choices: Choices) -> int | Decimal:
        return choices.decimal(least, most, places) if choices.yes() else choices.integer(low, high)

    return make


def _integer_bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    """Return the least and the greatest integer that a schema of numbers allows."""
    low, high = schema.get("minimum", -_INT64), schema.get("maximum", _INT64)
    return schema.get("exclusiveMinimum", low - 1) + 1, schema.get("exclusiveMaximum", high + 1) - 1


def _places(schema: Mapping[str, Any]) -> int:
    """Return the digits after the point that a `multipleOf` allows; six without one."""
    exponent = Decimal(repr(schema.get("multipleOf", 1e-6))).as_tuple().exponent
    return max(-int(exponent), 0)


def _string(schema: Mapping[str, Any]) -> _Make:
    match schema.get("format"):
        case "uuid":
            return lambda choices: choices.uuid()
        case "date":
            return lambda choices: choices.day().isoformat()
        case "date-time":
            return lambda choices: f"{choices.moment().isoformat()}Z"
    if "pattern" in schema:
        pattern = _python_pattern(schema["pattern"])
        return _decimal(pattern) if schema.get("format") == "decimal" else _of_pattern(pattern)
    least = schema.get("minLength", 0)
    most = max(schema.get("maxLength", 20), least)
    return lambda choices: choices.text(least, most)


def _decimal(pattern: re.Pattern[str]) -> _Make:
    """Return a function that makes decimals in plain notation: typical figures, and digits of any length."""
    typical = [figure for figure in _FIGURES if pattern.search(figure)]
    signs = [sign for sign in ("", "-") if pattern.search(f"{sign}1")]
    if not signs or not typical:
        return _drawn(st.from_regex(pattern))
    longest, places = _longest(pattern, ""), _longest(pattern, "1.")

    def make(choices: Choices) -> str:
        if not choices.yes():
            return choices.one_of(typical)
        figure = choices.one_of(signs) + choices.digits(longest)
        if places and choices.yes():
            figure = f"{figure}.{choices.digits(places)}"
        return figure if pattern.search(figure) else choices.one_of(typical)

    return make


def _of_pattern(pattern: re.Pattern[str]) -> _Make:
    """Return a function that makes strings of a pattern."""
    simple = _SIMPLE_PATTERN.fullmatch(pattern.pattern)
    if not simple:
        return _drawn(st.from_regex(pattern))
    runs = [
        (_characters(part), int(part[3] or 1), int(part[4] or part[3] or 1)) for part in _PART.finditer(simple["parts"])
    ]
    return lambda choices: "".join(choices.run(*each) for each in runs)


def _drawn(strategy: SearchStrategy[Any]) -> _Make:
    """Return a function that draws its values from a strategy, which no choices can make."""
    return lambda choices: choices.draw(strategy)


def _characters(part: re.Match[str]) -> str:
    """Return the characters that a part of a simple pattern allows."""
    return part[2] or "".join(
        chr(point)
        for low, high in re.findall("(.)(?:-(.))?", part[1])
        for point in range(ord(low), ord(high or low) + 1)
    )


def _longest(pattern: re.Pattern[str], prefix: str) -> int:
    """Return the largest number of digits that a pattern allows after a prefix, at most 100."""
    return max((count for count in range(1, 101) if pattern.search(prefix + "1" * count)), default=0)


_FIGURES = ("", "0", "1", "-1", "0.00", "100", "-50", "12.5", "45000.00", "-9000.00", "122011.09751111286868")

_PART = re.compile(r"(?:\[((?:\w(?:-\w)?)+)\]|([\w-]))(?:\{(\d+)(?:,(\d+))?\})?")
_SIMPLE_PATTERN = re.compile(rf"\^(?P<parts>(?:{_PART.pattern})+)\\Z")
"""Characters and classes of characters, each with an optional number."""

_NONE, _SOME, _ALL = range(3)
"""The optional fields that an object has."""

_LEAF_BYTES = 8

_MOST_BYTES = 1024

_MOST_ITEMS = 20

_MALFORMED = (
    *("", " ", "1e5", "1E-8", "+1", "NaN", "Infinity", "1,000", "0x10", "1.", ".5", "--1", "1" * 79, "\u0661"),
    *("2023-02-30", "0000-01-01", "not-a-uuid", "\ud7ff"),
)


class _Place(NamedTuple):
    """A value in a body: its pointer, the object or list that contains it, its key there and its schema."""

    pointer: str
    holder: Any
    key: Any
    schema: Mapping[str, Any]
    required: bool


class _Faults:
    """Finds the values of a body and the changes that make them invalid.

    Args:
        contract: the contract that the body matches.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def places(
        self, schema: Mapping[str, Any], value: Any, pointer: str, holder: Any, key: Any, *, required: bool = False
    ) -> Iterator[_Place]:
        """Yield the place of a value and the places of all values below it."""
        schema = resolve(self._contract.spec, schema)
        yield _Place(pointer, holder, key, schema, required)
        for branch in self._branches(schema):
            if isinstance(value, dict) and "properties" in branch:
                needed = branch.get("required", [])
                for name in [name for name in branch["properties"] if name in value]:
                    field = branch["properties"][name]
                    below = f"{pointer}/{escape_token(name)}"
                    yield from self.places(field, value[name], below, value, name, required=name in needed)
            if isinstance(value, list) and "items" in branch:
                for index, item in enumerate(value):
                    yield from self.places(branch["items"], item, f"{pointer}/{index}", value, index)

    def of(self, place: _Place) -> Iterator[tuple[str, Any]]:
        """Yield the faults that are possible at a place: the name of the fault and the invalid value."""
        branches = self._branches(place.schema)
        types = {name for branch in branches for name in _types(branch)}
        if place.required:
            yield "dropped", None
        if "null" not in types:
            yield "null", None
        for name, value in (("object", {"un": "expected"}), ("array", ["unexpected"]), ("boolean", True)):
            if name not in types:
                yield name, value
        if not types & {"number", "integer"}:
            yield "number", Decimal("1.5")
        for branch in branches:
            if "number" in _types(branch) and "multipleOf" in branch:
                yield "too many places", Decimal(1).scaleb(-_places(branch) - 1)
            if "number" in _types(branch) and "exclusiveMaximum" in branch:
                yield "too large", branch["exclusiveMaximum"]
        strings = [branch for branch in branches if "string" in _types(branch)]
        if not strings:
            yield "string", "unexpected"
        for text in _MALFORMED:
            if strings and not any(_may_allow(branch, text) for branch in strings):
                yield "malformed", text

    def _branches(self, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the alternatives of a schema, with references and nested alternatives resolved."""
        schema = resolve(self._contract.spec, schema)
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        return [each for branch in alternatives for each in self._branches(branch)] if alternatives else [schema]


@cache
def _python_pattern(pattern: str) -> re.Pattern[str]:
    """Return a pattern of a spec for Python, where `$` would also match before a final line break."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def _types(schema: Mapping[str, Any]) -> set[str]:
    types = schema.get("type", [])
    found = {types} if isinstance(types, str) else set(types)
    return found or {"null" if value is None else "string" for value in schema.get("enum", [])}


def _may_allow(schema: Mapping[str, Any], text: str) -> bool:
    """Return whether a schema of strings allows a string; true if that is uncertain."""
    if "enum" in schema:
        return text in schema["enum"]
    if len(text) < schema.get("minLength", 0):
        return False
    pattern = schema.get("pattern")
    if pattern is not None and not _python_pattern(pattern).search(text):
        return False
    return schema.get("format") not in ("date", "date-time", "uuid")
