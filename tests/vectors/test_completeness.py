"""The golden set is complete: what the specs document is walked along with the payloads of the vectors."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from onefolio import Account, Connection
from onefolio._connections.resource import Resource
from onefolio.providers.registry import known
from onefolio_runtime import decode
from onefolio_runtime.contract.closed_schema import open_enum

HERE = Path(__file__).parent
Seen = tuple[str, str, str]
"""An object of a spec, a field of it, and how the field came: absent, null, present, or `word …` of an open enum."""


def readings(kind: type[Connection]) -> dict[str, Resource[Any, Any]]:
    arguments: dict[str, Any] = {**kind.demo_credentials()}
    connection = kind(**arguments)
    account = Account(provider=kind.provider, connection=kind.provider, id="1")
    found: dict[str, Resource[Any, Any]] = {"accounts": connection.accounts()}
    if not kind.balances_with_accounts:
        found["balances"] = connection.balances(account)
    if "positions" in kind.capabilities:
        found["positions"] = connection.positions(account)
    return found


def resolved(spec: Any, schema: Any) -> tuple[str, Any]:
    """Return the component's name, "" for none, and the schema without its `$ref` and its null."""
    name = ""
    while True:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            schema = spec["components"]["schemas"][name]
        elif len(branches := [each for each in schema.get("anyOf", []) if each.get("type") != "null"]) == 1:
            (schema,) = branches
        else:
            return name, schema


def admits_null(spec: Any, schema: Any) -> bool:
    if "$ref" in schema:
        return admits_null(spec, spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    kinds = schema.get("type", [])
    return kinds == "null" or "null" in kinds or any(admits_null(spec, each) for each in schema.get("anyOf", []))


def documented(spec: Any, schema: Any) -> Iterator[Seen]:
    name, schema = resolved(spec, schema)
    if "items" in schema:
        yield from documented(spec, schema["items"])
    for field, inner in schema.get("properties", {}).items():
        if field != "error":  # no unified object is made of an error in an answer's envelope
            yield name, field, "present"
            yield from documented(spec, inner)
        if field not in schema.get("required", []):
            yield name, field, "absent"
        if admits_null(spec, inner):
            yield name, field, "null"
        for word in open_enum(resolved(spec, inner)[1]) or []:
            yield name, field, f"word {word}"


def shown(spec: Any, schema: Any, value: Any) -> Iterator[Seen]:
    name, schema = resolved(spec, schema)
    if isinstance(value, list):
        for item in value:
            yield from shown(spec, schema.get("items", {}), item)
    if not isinstance(value, dict):
        return
    for field, inner in schema.get("properties", {}).items():
        state = "absent" if field not in value else "null" if value[field] is None else "present"
        yield name, field, state
        if state == "present":
            yield from shown(spec, inner, value[field])
            if open_enum(resolved(spec, inner)[1]) is not None:
                yield name, field, f"word {value[field]}"


@pytest.mark.parametrize("provider", known())
def test_each_field_in_each_state_and_each_word_and_an_unknown_one_is_in_a_vector(provider: str) -> None:
    kind = known()[provider]
    spec = kind.contract.spec
    read = readings(kind)
    operations = {what: reading.request(None).operation for what, reading in read.items()}
    schemas = {what: {"$ref": operation.responses["200"].schema} for what, operation in operations.items()}
    tokens = {reading.next_token[-1] for reading in read.values() if reading.next_token}
    wanted = {each for schema in schemas.values() for each in documented(spec, schema)}
    wanted -= {each for each in wanted if each[1] in tokens and each[2] == "present"}  # a vector is one page
    got: set[Seen] = set()
    for path in (HERE / provider).rglob("*.json"):
        vector = decode(path.read_bytes())
        if "expected" in vector:
            schema = schemas.get(vector["operation"], schemas["accounts"])
            got |= set(shown(spec, schema, vector["payload"]))
    assert wanted - got == set()
    enums = {each[:2] for each in wanted if each[2].startswith("word ")}
    assert {each[:2] for each in got - wanted if each[2].startswith("word ")} == enums


@pytest.mark.parametrize("provider", known())
def test_each_required_field_of_a_row_is_told_of_in_a_vector(provider: str) -> None:
    kind = known()[provider]
    vectors = [decode(path.read_bytes()) for path in (HERE / provider).rglob("*.json")]
    told = {pointer.rpartition("/")[2] for vector in vectors for pointer in vector.get("error", {}).get("pointers", [])}
    for reading in readings(kind).values():
        required = kind.contract.spec["components"]["schemas"][reading.model.SCHEMA]["required"]
        assert set(required) - told == set(), reading.model.SCHEMA
