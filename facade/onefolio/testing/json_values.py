"""Hypothesis strategies of JSON values that a spec's schema allows, and of ones that break it at a known place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from onefolio_runtime import Contract

from ..openapi.pointers import escape_token
from ..openapi.references import resolve

_INT64 = 2**63 - 1

_FREE: SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-_INT64, _INT64) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


class Broken(NamedTuple):
    """A body that breaks its schema.

    Attributes:
        body: the JSON value.
        pointer: the place where it does.
        fault: what was done to it.
    """

    body: Any
    pointer: str
    fault: str


def bodies(contract: Contract, schema: str) -> SearchStrategy[Any]:
    """Return a strategy of what the component schema of that name allows, as `onefolio_runtime.decode` gives it."""
    return _Values(contract).of({"$ref": f"#/components/schemas/{schema}"})


def parameters(contract: Contract, parameter: Mapping[str, Any]) -> SearchStrategy[Any]:
    """Return a strategy of the values that a parameter of an operation may have."""
    return _Values(contract).of(parameter["schema"])


@st.composite
def broken_bodies(draw: st.DrawFn, contract: Contract, schema: str) -> Broken:
    """Draw a valid body with one place of it broken: dropped, null, of another type or container, malformed."""
    values = _Values(contract)
    body = draw(bodies(contract, schema))
    top: list[Any] = [body]
    places = list(values.places({"$ref": f"#/components/schemas/{schema}"}, body, "", top, 0))
    faults = [(place, *fault) for place in places for fault in values.faults(place)]
    place, name, value = draw(st.sampled_from(faults))
    if name == "dropped":
        del place.holder[place.key]
    else:
        place.holder[place.key] = value
    return Broken(top[0], place.pointer, name)


class _Place(NamedTuple):
    """A value in a body: where it is, what holds it, and the schema that it has to fit."""

    pointer: str
    holder: Any
    key: Any
    schema: Mapping[str, Any]
    required: bool


class _Values:
    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._known: dict[str, SearchStrategy[Any]] = {}

    def of(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        """Return the strategy of a schema.

        Raises:
            NotImplementedError: it uses a keyword that none of the curated specs does.
        """
        match schema:
            case {"$ref": str(reference)}:
                if reference not in self._known:
                    self._known[reference] = st.deferred(lambda: self.of(resolve(self._contract.spec, schema)))
                return self._known[reference]
            case {"anyOf": list(branches)} | {"oneOf": list(branches)}:
                return st.one_of(*map(self.of, branches))
            case {"const": value}:
                return st.just(value)
            case {"enum": list(values)}:
                return st.sampled_from(values)
            case {"type": list(types)}:
                return st.one_of(*(self.of({**schema, "type": each}) for each in types))
            case {"type": "object"}:
                return self._object(schema)
            case {"type": "array"}:
                return self._array(schema)
            case {"type": "string"}:
                return self._string(schema)
            case {"type": "integer"}:
                return st.integers(schema.get("minimum", -_INT64), schema.get("maximum", _INT64))
            case {"type": "number"}:
                return self._number(schema)
            case {"type": "boolean"}:
                return st.booleans()
            case {"type": "null"}:
                return st.none()
        if not schema.keys() & {"type", "allOf", "not", "if"}:
            return _FREE
        raise NotImplementedError(f"no strategy for {schema}")

    def places(
        self, schema: Mapping[str, Any], value: Any, pointer: str, holder: Any, key: Any, *, required: bool = False
    ) -> Iterator[_Place]:
        """Yield every place in a value whose schema can be broken."""
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

    def faults(self, place: _Place) -> Iterator[tuple[str, Any]]:
        """Yield what can be done to a place: the name of the fault and the value to put there."""
        branches = self._branches(place.schema)
        kinds = {kind for branch in branches for kind in _types(branch)}
        if place.required:
            yield "dropped", None
        if "null" not in kinds:
            yield "null", None
        for kind, value in (("object", {"un": "expected"}), ("array", ["unexpected"]), ("boolean", True)):
            if kind not in kinds:
                yield f"an {kind}" if kind[0] in "ao" else f"a {kind}", value
        if not kinds & {"number", "integer"}:
            yield "a number", Decimal("1.5")
        texts = [branch for branch in branches if "string" in _types(branch)]
        if not texts:
            yield "a text", "unexpected"
        for text in _MALFORMED:
            if texts and not any(_allows(branch, text) for branch in texts):
                yield "malformed", text

    def _branches(self, schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the alternatives that a schema comes down to."""
        schema = resolve(self._contract.spec, schema)
        alternatives = schema.get("anyOf") or schema.get("oneOf")
        return [each for branch in alternatives for each in self._branches(branch)] if alternatives else [schema]

    def _object(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        fields = {name: self.of(field) for name, field in schema.get("properties", {}).items()}
        if not fields:
            return st.dictionaries(st.text(max_size=5), _FREE, max_size=3)
        needed = set(schema.get("required", []))
        return st.fixed_dictionaries(
            {name: field for name, field in fields.items() if name in needed},
            optional={name: field for name, field in fields.items() if name not in needed},
        )

    def _array(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        least = schema.get("minItems", 0)
        return st.lists(self.of(schema["items"]), min_size=least, max_size=schema.get("maxItems", least + 3))

    def _number(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        low, high = schema.get("minimum", -_INT64), schema.get("maximum", _INT64)
        return st.integers(low, high) | st.decimals(
            max(low, -(10**9)), min(high, 10**9), places=6, allow_nan=False, allow_infinity=False
        )

    def _string(self, schema: Mapping[str, Any]) -> SearchStrategy[Any]:
        pattern: str | None = schema.get("pattern")
        match schema.get("format"):
            case "uuid":
                return st.uuids().map(str)
            case "date":
                return st.dates(date(1000, 1, 1), date(2999, 12, 31)).map(date.isoformat)
            case "date-time":
                days, times = st.dates(date(1000, 1, 1), date(2999, 12, 31)), st.times()
                return st.builds(lambda day, time: f"{datetime.combine(day, time).isoformat()}Z", days, times)
        if pattern is not None:
            digits = _whole(pattern)
            # Digits of any length, and figures as they come in the world.
            usual = [figure for figure in _FIGURES if schema.get("format") == "decimal" and digits.search(figure)]
            return st.from_regex(digits) | st.sampled_from(usual) if usual else st.from_regex(digits)
        return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 20))


_FIGURES = ("0", "1", "-1", "0.00", "100", "-50", "12.5", "45000.00", "-9000.00", "122011.09751111286868")

_MALFORMED = (
    *("", " ", "1e5", "1E-8", "+1", "NaN", "Infinity", "1,000", "0x10", "1.", ".5", "--1", "1" * 79, "\u0661"),
    *("2023-02-30", "0000-01-01", "not-a-uuid", "\ud7ff"),
)


def _whole(pattern: str) -> re.Pattern[str]:
    """Return a spec's pattern for Python, where `$` would let a line end through."""
    return re.compile(re.sub(r"\$$", r"\\Z", pattern), re.ASCII)


def _types(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", [])
    found = {kinds} if isinstance(kinds, str) else set(kinds)
    return found or {"null" if value is None else "string" for value in schema.get("enum", [])}


def _allows(schema: Mapping[str, Any], text: str) -> bool:
    """Tell whether a schema of texts might allow one; a doubt counts as yes."""
    if "enum" in schema:
        return text in schema["enum"]
    if len(text) < schema.get("minLength", 0):
        return False
    pattern = schema.get("pattern")
    if pattern is not None and not re.search(_whole(pattern), text):
        return False
    reader = {"date": date.fromisoformat, "date-time": datetime.fromisoformat}.get(schema.get("format", ""))
    return reader is None and schema.get("format") != "uuid"
