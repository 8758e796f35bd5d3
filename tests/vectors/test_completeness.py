"""The golden vectors cover every field, state and enum value that the curated specs document."""

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
FieldState = tuple[str, str, str]
"""A schema, one of its fields, and the state of the field: absent, null, present, or `value X` of an open enum."""


def list_resources(kind: type[Connection]) -> dict[str, Resource[Any, Any]]:
    arguments: dict[str, Any] = {**kind.demo_credentials()}
    connection = kind(**arguments)
    account = Account(provider=kind.provider, connection=kind.provider, id="1")
    resources: dict[str, Resource[Any, Any]] = {"accounts": connection.accounts()}
    if not kind.balances_with_accounts:
        resources["balances"] = connection.balances(account)
    if "positions" in kind.capabilities:
        resources["positions"] = connection.positions(account)
    return resources


def resolve(spec: Any, schema: Any) -> tuple[str, Any]:
    """Return the component's name ("" for an inline schema) and the schema without its `$ref` and its null."""
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


def documented_states(spec: Any, schema: Any) -> Iterator[FieldState]:
    """Yield every state that a schema documents, of its fields and of those below."""
    name, schema = resolve(spec, schema)
    if "items" in schema:
        yield from documented_states(spec, schema["items"])
    for field, inner in schema.get("properties", {}).items():
        if field != "error":  # a response with an error in its envelope has no unified result
            yield name, field, "present"
            yield from documented_states(spec, inner)
        if field not in schema.get("required", []):
            yield name, field, "absent"
        if admits_null(spec, inner):
            yield name, field, "null"
        for member in open_enum(resolve(spec, inner)[1]) or []:
            yield name, field, f"value {member}"


def covered_states(spec: Any, schema: Any, value: Any) -> Iterator[FieldState]:
    """Yield the states of all fields in a payload."""
    name, schema = resolve(spec, schema)
    if isinstance(value, list):
        for item in value:
            yield from covered_states(spec, schema.get("items", {}), item)
    if not isinstance(value, dict):
        return
    for field, inner in schema.get("properties", {}).items():
        state = "absent" if field not in value else "null" if value[field] is None else "present"
        yield name, field, state
        if state == "present":
            yield from covered_states(spec, inner, value[field])
            if open_enum(resolve(spec, inner)[1]) is not None:
                yield name, field, f"value {value[field]}"


@pytest.mark.parametrize("provider", known())
def test_every_field_state_and_enum_value_and_an_unknown_value_has_a_vector(provider: str) -> None:
    kind = known()[provider]
    spec = kind.contract.spec
    resources = list_resources(kind)
    operations = {capability: resource.request(None).operation for capability, resource in resources.items()}
    schemas = {capability: {"$ref": operation.responses["200"].schema} for capability, operation in operations.items()}
    tokens = {resource.next_token[-1] for resource in resources.values() if resource.next_token}
    documented = {each for schema in schemas.values() for each in documented_states(spec, schema)}
    # A vector is a single page, so no payload has a next page token.
    documented -= {each for each in documented if each[1] in tokens and each[2] == "present"}
    covered: set[FieldState] = set()
    for path in (HERE / provider).rglob("*.json"):
        vector = decode(path.read_bytes())
        if "expected" in vector:
            schema = schemas.get(vector["operation"], schemas["accounts"])
            covered |= set(covered_states(spec, schema, vector["payload"]))
    assert documented - covered == set()
    enums = {each[:2] for each in documented if each[2].startswith("value ")}
    with_unknown_value = {each[:2] for each in covered - documented if each[2].startswith("value ")}
    assert with_unknown_value == enums


@pytest.mark.parametrize("provider", known())
def test_every_required_field_of_a_row_has_a_vector_with_its_violation(provider: str) -> None:
    kind = known()[provider]
    vectors = [decode(path.read_bytes()) for path in (HERE / provider).rglob("*.json")]
    pointers = [pointer for vector in vectors for pointer in vector.get("error", {}).get("pointers", [])]
    drifts = [drift for vector in vectors for drift in vector.get("drifts", [])]
    pointers += [drift["pointer"] for drift in drifts if drift["kind"] in ("missing field", "invalid value")]
    violated = {pointer.rpartition("/")[2] for pointer in pointers}
    for resource in list_resources(kind).values():
        required = kind.contract.spec["components"]["schemas"][resource.model.SCHEMA]["required"]
        assert set(required) - violated == set(), resource.model.SCHEMA
