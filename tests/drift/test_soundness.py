"""Levels are never too low: compared with the results of a JSON Schema validator for many values."""

import itertools
import random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from onefolio.drift import Level, compare

from .documents import document
from .random_schemas import change_schema, random_schema, random_value, visible_schema

_SCALARS: list[Any] = [None, True, False, 0, 1, 2, -1, 1.5, "", "a", "b", "ab", "abc"]
_NAMED = [{"a": one} for one in _SCALARS] + [
    {"a": one, "b": other} for one, other in itertools.product(_SCALARS, [0, "a"])
]
VALUES: list[Any] = [
    *_SCALARS,
    *([one] for one in _SCALARS),
    *([one, other] for one, other in itertools.product([0, "a", None], repeat=2)),
    *_NAMED,
    *({"a": inner} for inner in ([], [0], ["a"], {}, {"a": 0}, {"a": "a"}, {"a": None}, {"b": "a"})),
    *([inner] for inner in ({}, {"a": 0}, {"a": "a"}, {"b": 0})),
    [],
    {},
    {"c": 0},
    {"a": "a", "c": 0},
    {"b": 0},
    {"b": "a", "c": "a"},
]

_TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 2),
        "maxLength": st.integers(0, 3),
        "pattern": st.sampled_from(["^a", "b$"]),
        "enum": st.lists(st.sampled_from(["", "a", "b", "ab"]), min_size=1, unique=True),
    },
)
_NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["number", "integer"])},
    optional={
        "minimum": st.integers(-1, 2),
        "maximum": st.integers(-1, 2),
        "exclusiveMinimum": st.integers(-2, 1),
        "exclusiveMaximum": st.integers(0, 3),
        "multipleOf": st.sampled_from([1, 2]),
    },
)
_PLAIN: st.SearchStrategy[Any] = st.one_of(
    st.just({}),
    _TEXTS,
    _NUMBERS,
    st.sampled_from(
        [{"type": "boolean"}, {"type": "null"}, {"type": ["string", "null"]}, {"type": ["integer", "string"]}]
    ),
    st.builds(lambda value: {"const": value}, st.sampled_from(_SCALARS)),
    st.builds(
        lambda values: {"enum": values}, st.lists(st.sampled_from(["a", "b", 0, 1, None, True]), min_size=1, max_size=3)
    ),
)


def _objects(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(
        {"type": st.just("object"), "properties": st.dictionaries(st.sampled_from("ab"), inner)},
        optional={"required": st.lists(st.sampled_from("abc"), unique=True), "minProperties": st.integers(0, 2)},
    )


# The comparison does not model that one part of an `allOf` disallows the properties of another.
_PARTS = st.lists(_PLAIN | _objects(_PLAIN), min_size=1, max_size=2)


def _around(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    sizes = {"minItems": st.integers(0, 2), "maxItems": st.integers(0, 2), "uniqueItems": st.booleans()}
    return st.one_of(
        _objects(inner),
        st.builds(lambda one, extra: {**one, "additionalProperties": extra}, _objects(inner), st.booleans() | inner),
        st.fixed_dictionaries({"type": st.just("array")}, optional={"items": inner, **sizes}),
        st.builds(lambda each: {"anyOf": each}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda each: {"allOf": each}, _PARTS),
    )


def documented(schema: Any, *, part: bool = False) -> Any:
    """Return a schema that disallows undocumented properties, since adding one of these is additive."""
    if not isinstance(schema, dict):
        return schema
    inner = {
        name: {key: documented(each) for key, each in value.items()} if name in ("properties", "patternProperties") else
        [documented(each, part=True) for each in value] if name in ("allOf", "anyOf", "oneOf") else
        [documented(each) for each in value] if name == "prefixItems" else
        documented(value) if name in ("items", "additionalProperties") else value
        for name, value in schema.items()
        if name not in ("additionalProperties", "unevaluatedProperties") or value not in (True, {})
    }  # fmt: skip
    return inner if part else {"unevaluatedProperties": False, **inner}


SCHEMAS = st.recursive(_PLAIN, _around, max_leaves=4)


def worst(old: Any, new: Any) -> Level | None:
    return compare(old, new).worst()


@given(old=SCHEMAS, new=SCHEMAS)
@example(old={"enum": ["a", None]}, new={"enum": ["a"]})
def test_a_response_value_that_the_old_schema_rejects_is_at_least_risky(old: Any, new: Any) -> None:
    was, is_ = (jsonschema_rs.Draft202012Validator(each) for each in (old, new))
    unexpected = [value for value in VALUES if is_.is_valid(value) and not was.is_valid(value)]
    if unexpected:
        assert (worst(document(old), document(new)) or 0) >= Level.RISKY, unexpected[:3]


@given(old=SCHEMAS, new=SCHEMAS)
def test_a_request_value_that_the_new_schema_rejects_is_at_least_risky(old: Any, new: Any) -> None:
    was, is_ = (jsonschema_rs.Draft202012Validator(each) for each in (documented(old), new))
    rejected = [value for value in VALUES if was.is_valid(value) and not is_.is_valid(value)]
    if rejected:
        assert (worst(document(body=old), document(body=new)) or 0) >= Level.RISKY, rejected[:3]


@given(schema=SCHEMAS)
def test_a_schema_is_equal_to_itself(schema: Any) -> None:
    assert worst(document(schema), document(schema)) is None


@pytest.mark.parametrize("direction", ["response", "request"])
@given(chance=st.randoms(use_true_random=False), seed=st.integers(0, 2**32))
def test_a_value_that_only_the_sender_allows_is_at_least_risky(
    direction: str, chance: random.Random, seed: int
) -> None:
    old = random_schema(chance)
    new = change_schema(chance, old)
    assert worst(document(old, body=old), document(old, body=old)) is None
    is_response = direction == "response"
    hidden = "writeOnly" if is_response else "readOnly"
    sender, receiver = (new, old) if is_response else (documented(old), new)
    sent = jsonschema_rs.Draft202012Validator(visible_schema(sender, hidden, is_sender=True))
    read = jsonschema_rs.Draft202012Validator(visible_schema(receiver, hidden, is_sender=False))
    # The values are not part of the example that is simplified when the test fails.
    values = random.Random(seed)
    near = [random_value(values, each) for each in (old, new) for _ in range(30)]
    unexpected = [value for value in (*VALUES, *near) if sent.is_valid(value) and not read.is_valid(value)]
    if unexpected:
        documents = (document(old), document(new)) if is_response else (document(body=old), document(body=new))
        assert (worst(*documents) or 0) >= Level.RISKY, (old, new, unexpected[:3])
