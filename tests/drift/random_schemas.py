"""Random schemas with all keywords that constrain values, small changes of them, and values near them."""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any

Schema = Any

SCALARS: list[Any] = [None, True, False, 0, 1, 2, 3, -1, 1.5, 0.5, "", "a", "b", "ab", "abc"]
_NAMES = "abc"
_OF_SCHEMAS = ("properties", "patternProperties", "dependentSchemas")
_LISTS_OF_SCHEMAS = ("anyOf", "allOf", "oneOf", "prefixItems")
_SCHEMAS = (
    "items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems", "not", "if", "then", "else",
    "contains", "propertyNames",
)  # fmt: skip


def random_schema(chance: Random, depth: int = 2) -> Schema:
    """Return a schema whose parts are nested to a depth."""
    kind = chance.random()
    if depth == 0 or kind < 0.25:
        return _scalar(chance)
    if kind < 0.65:
        schema = _object(chance, depth - 1)
    elif kind < 0.8:
        schema = _array(chance, depth - 1)
    else:
        schema = {chance.choice(_LISTS_OF_SCHEMAS[:3]): _several(chance, depth - 1)}
    for extra in ("not", "anyOf", "oneOf", "allOf"):
        if chance.random() < 0.06:
            schema[extra] = random_schema(chance, depth - 1) if extra == "not" else _several(chance, depth - 1)
    if chance.random() < 0.08:
        schema |= {name: random_schema(chance, depth - 1) for name in chance.sample(["then", "else"], 1)}
        schema["if"] = random_schema(chance, depth - 1)
    return schema


def _some(chance: Random, **options: tuple[float, Any]) -> dict[str, Any]:
    """Return some of the keywords; each has a probability and a function that returns its value."""
    return {name: make() for name, (probability, make) in options.items() if chance.random() < probability}


def _several(chance: Random, depth: int) -> list[Schema]:
    return [random_schema(chance, depth) for _ in range(chance.randint(1, 3))]


def _scalar(chance: Random) -> Schema:
    numbers = {"minimum": (0.3, lambda: chance.randint(-1, 2)), "maximum": (0.3, lambda: chance.randint(-1, 3)),
               "exclusiveMinimum": (0.2, lambda: chance.randint(-2, 2)),
               "exclusiveMaximum": (0.2, lambda: chance.randint(0, 4)),
               "multipleOf": (0.2, lambda: chance.choice([1, 2, 0.5, 3]))}  # fmt: skip
    texts = {"minLength": (0.3, lambda: chance.randint(0, 2)), "maxLength": (0.3, lambda: chance.randint(0, 3)),
             "pattern": (0.2, lambda: chance.choice(["^a", "b$", "a"])),
             "enum": (0.2, lambda: chance.sample(["", "a", "b", "ab"], 2))}  # fmt: skip
    kind = chance.choice(["number", "integer", "string", "string", "types", "const", "enum", "any"])
    if kind in ("number", "integer", "string"):
        return {**_some(chance, type=(0.85, lambda: kind)), **_some(chance, **(texts if kind == "string" else numbers))}
    if kind == "types":
        return {"type": chance.sample(["string", "null", "integer", "number", "boolean", "object", "array"], 2)}
    if kind == "any":
        return chance.choice([{}, True, False, {"type": "null"}, {"type": "boolean"}])
    return {"const": chance.choice(SCALARS)} if kind == "const" else {"enum": chance.sample([*SCALARS, [], {}], 3)}


def _object(chance: Random, depth: int) -> Schema:
    def inner() -> Schema:
        return random_schema(chance, depth)

    def visible(schema: Schema) -> Schema:
        access = {chance.choice(["readOnly", "writeOnly"]): True} if chance.random() < 0.08 else {}
        return {**schema, **access} if isinstance(schema, dict) else schema

    rest = (0.3, lambda: inner() if chance.random() < 0.4 else chance.choice([False, True]))
    return _some(
        chance,
        type=(0.8, lambda: "object"),
        properties=(0.9, lambda: {name: visible(inner()) for name in chance.sample(_NAMES, chance.randint(0, 3))}),
        required=(0.5, lambda: chance.sample(_NAMES, chance.randint(0, 2))),
        additionalProperties=rest,
        unevaluatedProperties=rest,
        patternProperties=(0.15, lambda: {chance.choice(["^a", "b$", "c"]): inner()}),
        propertyNames=(0.12, inner),
        dependentRequired=(0.12, lambda: {chance.choice(_NAMES): chance.sample(_NAMES, 1)}),
        dependentSchemas=(0.1, lambda: {chance.choice(_NAMES): inner()}),
        minProperties=(0.15, lambda: chance.randint(0, 2)),
        maxProperties=(0.15, lambda: chance.randint(0, 3)),
    )


def _array(chance: Random, depth: int) -> Schema:
    def inner() -> Schema:
        return random_schema(chance, depth)

    return _some(
        chance,
        type=(0.85, lambda: "array"),
        items=(0.6, inner),
        prefixItems=(0.25, lambda: [inner() for _ in range(chance.randint(1, 2))]),
        contains=(0.2, inner),
        minContains=(0.1, lambda: chance.randint(0, 2)),
        maxContains=(0.1, lambda: chance.randint(0, 2)),
        unevaluatedItems=(0.1, lambda: chance.choice([False, inner()])),
        minItems=(0.2, lambda: chance.randint(0, 2)),
        maxItems=(0.2, lambda: chance.randint(0, 2)),
        uniqueItems=(0.15, lambda: chance.choice([True, False])),
    )


def change_schema(chance: Random, schema: Schema) -> Schema:
    """Return a copy of a schema with a keyword that is removed, added or replaced."""
    changed = copy.deepcopy(schema)
    for _ in range(chance.choice([1, 1, 2])):
        parts = [part for part in _parts(changed) if isinstance(part, dict)]
        if not parts:
            return random_schema(chance)
        part = chance.choice(parts)
        if part and chance.random() < 0.4:
            del part[chance.choice(sorted(part))]
        elif isinstance(other := random_schema(chance, 1), dict):
            part.update(other if chance.random() < 0.3 else dict(list(other.items())[:1]))
    return changed


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        inner = value.values() if keyword in _OF_SCHEMAS else value if keyword in _LISTS_OF_SCHEMAS else ()
        for each in (value,) if keyword in _SCHEMAS else inner:
            yield from _parts(each)


def visible_schema(schema: Schema, hidden: str, *, is_sender: bool) -> Schema:
    """Return a schema without the properties that are hidden in one direction.

    Args:
        schema: the schema.
        hidden: the keyword of the hidden properties, `readOnly` or `writeOnly`.
        is_sender: whether the schema describes the values that are sent; hidden properties are never sent, and a
            receiver has no documentation of them.
    """
    if isinstance(schema, list):
        return [visible_schema(each, hidden, is_sender=is_sender) for each in schema]
    if not isinstance(schema, dict):
        return schema
    concealed = {
        name for name, each in schema.get("properties", {}).items() if isinstance(each, dict) and each.get(hidden)
    }
    made = dict(schema)
    for keyword, value in schema.items():
        if keyword in _OF_SCHEMAS:
            made[keyword] = {name: visible_schema(each, hidden, is_sender=is_sender) for name, each in value.items()}
        elif keyword in (*_LISTS_OF_SCHEMAS, *_SCHEMAS):
            made[keyword] = visible_schema(value, hidden, is_sender=is_sender)
    if concealed:
        made["required"] = [name for name in schema.get("required", ()) if name not in concealed]
        kept = {name: each for name, each in made["properties"].items() if name not in concealed}
        made["properties"] = {**kept, **(dict.fromkeys(concealed, False) if is_sender else {})}
    return made


def random_value(chance: Random, schema: Schema, depth: int = 3) -> Any:
    """Return a value that is probably valid, or nearly so."""
    if not isinstance(schema, dict) or not depth:
        return chance.choice([*SCALARS, [], {}, [0], {"a": 0}, {"a": "a", "b": "b"}])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if schema.get(keyword) and chance.random() < 0.5:
            return random_value(chance, chance.choice(schema[keyword]), depth)
    if "const" in schema or schema.get("enum"):
        return chance.choice([schema["const"]] if "const" in schema else schema["enum"])
    types = json.dumps(schema.get("type", ""))
    if "object" in types or schema.keys() & {"properties", "required", "dependentRequired", "patternProperties"}:
        names = [*_NAMES, "d", "ab"]
        properties = schema.get("properties", {})
        chosen = {*schema.get("required", ()), *chance.sample(names, chance.randint(0, 2))}
        return {name: random_value(chance, properties.get(name, True), depth - 1) for name in sorted(chosen)}
    if "array" in types or schema.keys() & {"items", "prefixItems", "contains"}:
        first = [random_value(chance, each, depth - 1) for each in schema.get("prefixItems", ())]
        kinds = [schema.get("items", True), schema.get("contains", True)]
        return first + [random_value(chance, chance.choice(kinds), depth - 1) for _ in range(chance.randint(0, 2))]
    return chance.choice(SCALARS)
