"""The fields and parameters that adapters use are complete, and changes to them are marked."""

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from onefolio import Account
from onefolio._core.json_paths import FieldPath
from onefolio.drift import compare
from onefolio.openapi.examples import examples_by_status, response_schema
from onefolio.openapi.references import resolve
from onefolio.providers.field_usage import field_usage
from onefolio.providers.registry import known
from onefolio_runtime import ContractError

from .documents import document


def operations(provider: str) -> Iterator[tuple[Any, Any, Any, Any]]:
    """Yield the connection, the resource, the operation and the body of each documented success of a provider."""
    kind = known()[provider]
    connection = kind(**kind.demo_credentials())  # type: ignore[arg-type]  # each provider has its own names
    resources = [connection.accounts()]
    account = Account(provider=provider, connection=provider, id="1", raw=None)
    own = kind.capabilities - {"accounts"} - ({"balances"} if kind.balances_with_accounts else set())
    resources += [getattr(connection, name)(account) for name in sorted(own)]
    for resource in resources:
        operation = resource.request(None).operation
        for body in examples_by_status(kind.contract.spec, operation.method, operation.path)["200"]:
            yield connection, resource, operation, body


def read(connection: Any, resource: Any, body: Any) -> list[str]:
    """Return the records that the adapter makes of a body, without `raw`, or the names of its errors."""
    for name in resource.rows_path:
        body = body[name]
    made = []
    for row in body if isinstance(body, list) else [body]:
        try:
            result = resource.parse(resource.model.view(row))
            made.append(repr(result))
            if connection.balances_with_accounts and isinstance(result, Account):
                made.append(repr(connection.balances_of(result, lambda _: None)))
        except (KeyError, TypeError, AttributeError, ContractError) as error:
            made.append(type(error).__name__)
    return made


def leaves(value: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any, Any]]:
    """Yield the path, the container and the key of each value in a JSON value."""
    if isinstance(value, dict):
        for name in value:
            yield (*path, name), value, name
            yield from leaves(value[name], (*path, name))
    if isinstance(value, list):
        for item in value:
            yield from leaves(item, (*path, "*"))


@pytest.mark.parametrize("provider", known())
def test_only_listed_fields_affect_the_records(provider: str) -> None:
    seen = 0
    for connection, resource, operation, example in operations(provider):
        listed = field_usage(provider)[operation.method, operation.path].fields["200"]
        body = copy.deepcopy(example)
        before = read(connection, resource, body)
        for path, holder, name in list(leaves(body)):
            if path[: len(resource.rows_path)] != resource.rows_path or path == resource.rows_path:
                continue
            kept = holder.pop(name)
            changed = read(connection, resource, body) != before
            holder[name] = kept
            assert path in listed or not changed, path
            seen += changed
    assert seen > 5


@pytest.mark.parametrize("provider", known())
def test_the_removal_of_each_listed_field_is_marked_as_used(provider: str) -> None:
    kind = known()[provider]
    for (method, path), use in field_usage(provider).items():
        for field in use.fields["200"]:
            spec = copy.deepcopy(kind.contract.spec)
            schema = {"$ref": _schema(spec["paths"][path][method.lower()]["responses"]["200"], kind.contract)}
            owner = _owner(kind.contract, schema, field, spec)
            if owner is None:
                continue
            del owner["properties"][field[-1]]
            owner["required"] = [name for name in owner.get("required", []) if name != field[-1]]
            removed = [change for change in compare(provider, spec).changes if change.rule == "property-removed"]
            assert removed, field
            assert all(change.used_by == (provider,) for change in removed), field


def _schema(response: Any, contract: Any) -> str:
    return str(response_schema(resolve(contract.spec, response))["$ref"])


def _owner(contract: Any, schema: Any, path: FieldPath, spec: Any) -> Any:
    """Return the object schema that describes the last field of a path, or None if the field is undocumented."""
    for index, name in enumerate(path):
        schema = _resolve_branch(spec, schema)
        if name == "*":
            schema = schema["items"]
            continue
        if name not in schema.get("properties", {}):
            return None
        if index == len(path) - 1:
            return schema
        schema = schema["properties"][name]
        while "anyOf" in schema:
            schema = schema["anyOf"][0]
    return None


def _resolve_branch(spec: Any, schema: Any) -> Any:
    """Return the target of a schema; of a union, that of its first branch."""
    while "$ref" in schema or "anyOf" in schema:
        schema = schema["anyOf"][0] if "anyOf" in schema else resolve(spec, schema)
    return schema


def test_only_sent_parameters_are_marked_as_used() -> None:
    spec = copy.deepcopy(known()["clear_street"].contract.spec)
    parameters = spec["paths"]["/v1/accounts"]["get"]["parameters"]
    named = {resolve(spec, each)["name"] for each in parameters}
    assert {"page_token", "page_size"} <= named
    spec["paths"]["/v1/accounts"]["get"]["parameters"] = []
    removed = {change.place: change.used_by for change in compare("clear_street", spec).changes}
    assert removed["query parameter page_token"] == ("clear_street",)
    assert removed["query parameter page_size"] == ()


def test_a_provider_is_recognized_by_its_operations_on_another_server() -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    spec["servers"] = [{"url": "https://proxy.example.test"}]
    assert compare(spec, spec).used_by == ("alpaca",)
    spec["servers"] = [{"url": "https://proxy.example.test/v2"}]
    spec["paths"] = {path.removeprefix("/v2"): item for path, item in spec["paths"].items()}
    assert compare(spec, spec).used_by == ("alpaca",)


def test_documents_of_other_apis_are_not_marked() -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    spec["servers"] = [{"url": "https://api.example.test"}]
    del spec["paths"]["/v2/positions"]
    assert compare(spec, spec).used_by == ()
    assert compare(document(), document()).used_by == ()


def test_a_provider_is_recognized_by_its_server() -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    del spec["paths"]["/v2/positions"]
    assert compare(spec, spec).used_by == ("alpaca",)


def test_a_header_is_not_marked_as_a_field_of_the_body() -> None:
    spec = copy.deepcopy(known()["alpaca"].contract.spec)
    spec["components"]["headers"]["RequestId"]["schema"] = {"type": "array"}
    (change,) = compare("alpaca", spec).changes
    assert "header" in change.place
    assert (change.rule, change.used_by, change.used_at) == ("type-changed", (), ())
