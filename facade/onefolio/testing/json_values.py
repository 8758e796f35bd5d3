"""Hypothesis strategies of JSON values that a schema allows, and of values that break it at a known place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from onefolio_runtime import Contract, escape_token

from ..openapi.references import resolve

_INT64 = 2**63 - 1

_ANY_JSON: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-_INT64, _INT64) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


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
    return _strategies_of(contract).for_component(schema)


def parameters(contract: Contract, parameter: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Return a strategy of the values that an operation's parameter allows."""
    return _strategies_of(contract).for_schema(parameter["schema"])


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
def _strategies_of(contract: Contract) -> _Strategies:
    return _Strategies(contract)


class _Strategies:
    """Strategies of the values that the schemas of a contract allow.

    Every strategy is created once: creating strategies takes longer than drawing from them.
    """

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._by_reference: dict[str, SearchStrategy[Any]] = {}

    @cache  # noqa: B019  # there is one instance a contract, and contracts live as long as the process
    def for_component(self, name: str) -> SearchStrategy[Any]:
        """Return the strategy of a component schema."""
        return self.for_schema({"$ref": f"#/components/schemas/{name}"})

    def for_schema(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        """Return the strategy of a schema.

        Raises:
            NotImplementedError: the schema uses a keyword that no curated spec uses.
        """
        match schema:
            case {"$ref": str(reference)}:
                if reference not in self._by_reference:
                    # Deferred, because a schema may refer to itself.
                    spec = self._contract.spec
                    self._by_reference[reference] = st.deferred(lambda: self.for_schema(resolve(spec, schema)))
                return self._by_reference[reference]
            case {"anyOf": list(branches)} | {"oneOf": list(branches)}:
                return st.one_of(*map(self.for_schema, branches))
            case {"const": value}:
                return st.just(value)
            case {"enum": list(values)}:
                return st.sampled_from(values)
            case {"type": list(types)}:
                return st.one_of(*(self.for_schema({**schema, "type": each}) for each in types))
            case {"type": "object"}:
                return self._object(schema)
            case {"type": "array"}:
                return self._array(schema)
            case {"type": "string"}:
                return _string(schema)
            case {"type": "integer"}:
                return st.integers(*_integer_bounds(schema))
            case {"type": "number"}:
                return _number(schema)
            case {"type": "boolean"}:
                return st.booleans()
            case {"type": "null"}:
                return st.none()
        if not schema.keys() & {"type", "allOf", "not", "if"}:
            return _ANY_JSON
        raise NotImplementedError(f"no strategy for {schema}")

    def _object(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        fields = {name: self.for_schema(field) for name, field in schema.get("properties", {}).items()}
        if not fields:
            return st.dictionaries(st.text(max_size=5), _ANY_JSON, max_size=3)
        required = set(schema.get("required", []))
        return st.fixed_dictionaries(
            {name: field for name, field in fields.items() if name in required},
            optional={name: field for name, field in fields.items() if name not in required},
        )

    def _array(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        least = schema.get("minItems", 0)
        return st.lists(self.for_schema(schema["items"]), min_size=least, max_size=schema.get("maxItems", least + 3))


def _number(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    low, high = _integer_bounds(schema)
    return st.integers(low, high) | st.decimals(
        max(low, -(10**9)), min(high, 10**9), places=_places(schema), allow_nan=False, allow_infinity=False
    )


def _integer_bounds(schema: Mapping[str, Any]) -> tuple[int, int]:
    """Return the least and the greatest integer that a schema of numbers allows."""
    low, high = schema.get("minimum", -_INT64), schema.get("maximum", _INT64)
    return schema.get("exclusiveMinimum", low - 1) + 1, schema.get("exclusiveMaximum", high + 1) - 1


def _places(schema: Mapping[str, Any]) -> int:
    """Return the digits after the point that a `multipleOf` allows; six without one."""
    exponent = Decimal(repr(schema.get("multipleOf", 1e-6))).as_tuple().exponent
    return max(-int(exponent), 0)


def _string(schema: Mapping[str, Any]) -> SearchStrategy[Any]:
    match schema.get("format"):
        case "uuid":
            return st.uuids().map(str)
        case "date":
            return _DATES.map(date.isoformat)
        case "date-time":
            return st.builds(lambda day, time: f"{datetime.combine(day, time).isoformat()}Z", _DATES, st.times())
    if "pattern" in schema:
        pattern = _python_pattern(schema["pattern"])
        return _decimal(pattern) if schema.get("format") == "decimal" else st.from_regex(pattern)
    return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 20))


def _decimal(pattern: re.Pattern[str]) -> SearchStrategy[str]:
    """Return a strategy of decimals in plain notation: typical figures, and digits of any length.

    Drawing from the pattern itself would take a draw per digit.
    """
    typical = [figure for figure in _FIGURES if pattern.search(figure)]
    signs = [sign for sign in ("", "-") if pattern.search(f"{sign}1")]
    if not signs:
        return st.from_regex(pattern)
    whole = st.text("0123456789", min_size=1, max_size=_longest(pattern, ""))
    fraction = st.text("0123456789", max_size=_longest(pattern, "1."))
    digits = st.builds(
        lambda sign, whole, fraction: f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}",
        st.sampled_from(signs),
        whole,
        fraction,
    ).filter(pattern.search)
    return digits | st.sampled_from(typical) if typical else digits


def _longest(pattern: re.Pattern[str], prefix: str) -> int:
    """Return the largest number of digits that a pattern allows after a prefix, at most 100."""
    return max((count for count in range(1, 101) if pattern.search(prefix + "1" * count)), default=0)


_DATES = st.dates(date(1000, 1, 1), date(2999, 12, 31))

_FIGURES = ("", "0", "1", "-1", "0.00", "100", "-50", "12.5", "45000.00", "-9000.00", "122011.09751111286868")

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
