"""The generated clients and the adapters parse everything that the specs allow and reject everything else."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onefolio import Account, ContractViolation, Folio, OnefolioError
from onefolio._connections.connection import Connection
from onefolio._connections.resource import Resource
from onefolio.openapi.references import resolve
from onefolio.providers.registry import known
from onefolio.testing.json_values import Broken, bodies, broken_bodies, parameters
from onefolio_runtime import Client, ContractError, Operation, Response, decode, encode


def operations(kind: type[Connection]) -> Iterator[Operation[Any, Any]]:
    """Return the operations of a provider's generated package."""
    module = __import__(f"{kind.contract.package}.operations", fromlist=["operations"])
    return (value for value in vars(module).values() if isinstance(value, Operation))


RESPONSES = [
    pytest.param(kind, operation, status, id=f"{name}-{operation.id}-{status}")
    for name, kind in known().items()
    for operation in operations(kind)
    for status in operation.responses
]
OPERATIONS = [
    pytest.param(kind, operation, id=f"{name}-{operation.id}")
    for name, kind in known().items()
    for operation in operations(kind)
]


def connect(kind: type[Connection]) -> Connection:
    found = kind.from_environ({kind.base_url_variable: "http://localhost"}, defaults=kind.demo_credentials())
    assert found is not None
    found.rate_limit = None  # the tests send more than a limit allows
    return found


def resources(kind: type[Connection]) -> list[Resource[Any, Any]]:
    """Return the resources of an adapter, for one account."""
    adapter, account = connect(kind), Account(provider=kind.provider, connection=kind.provider, id="1")
    found: list[Resource[Any, Any]] = [adapter.accounts()]
    if not adapter.balances_with_accounts:
        found.append(adapter.balances(account))
    if "positions" in adapter.capabilities:
        found.append(adapter.positions(account))
    return found


def make_response(operation: Operation[Any, Any], status: str, content: bytes) -> Response[Any, Any]:
    code = int(status.replace("XX", "03"))
    request = operation.request(path=dict.fromkeys(re.findall(r"{(\w+)}", operation.path), 1))
    return Response(request, status_code=code, headers={}, content=content)


@pytest.mark.parametrize(("kind", "operation", "status"), RESPONSES)
@given(data=st.data())
def test_an_allowed_body_is_parsed_and_returned_unchanged(
    kind: type[Connection], operation: Operation[Any, Any], status: str, data: st.DataObject
) -> None:
    body = data.draw(bodies(kind.contract, operation.responses[status].schema))
    response = make_response(operation, status, encode(body).encode())
    assert response.json() == body, "numbers survive encoding and decoding exactly"
    parsed = response.parsed() if status.startswith("2") else response.error()
    assert parsed is not None
    for model, value in zip(parsed, body, strict=True) if isinstance(parsed, list) else [(parsed, body)]:
        assert model.to_dict() == value
        read_everything(model)


def read_everything(model: Any) -> None:
    """Read every property of a model and of the models below it, because values are converted when they are read."""
    for name in (name for name, value in vars(type(model)).items() if isinstance(value, property)):
        value = getattr(model, name)
        for below in value if isinstance(value, list) else [value]:
            if hasattr(below, "to_dict"):
                read_everything(below)


@pytest.mark.parametrize("kind", known().values(), ids=list(known()))
@given(data=st.data())
def test_every_allowed_row_becomes_a_unified_object_that_holds_all_of_it(
    kind: type[Connection], data: st.DataObject
) -> None:
    for resource in resources(kind):
        row = data.draw(bodies(kind.contract, resource.model.SCHEMA))
        try:
            unified = resource.parse(resource.model.view(row))
        except ContractError as error:
            if "not negative" in error.violations[0].expected:
                continue  # no schema says that the quantity of a long position is not negative
            raise
        assert unified.raw.to_dict() is row
        hash(unified)
        if resource.capability == "accounts" and kind.balances_with_accounts:
            for balance in connect(kind).balances_of(unified, lambda _: None):
                assert balance.account_id == unified.id


@pytest.mark.parametrize(("kind", "operation", "status"), RESPONSES)
@given(data=st.data())
def test_a_forbidden_body_is_rejected_with_a_pointer(
    kind: type[Connection], operation: Operation[Any, Any], status: str, data: st.DataObject
) -> None:
    broken: Broken = data.draw(broken_bodies(kind.contract, operation.responses[status].schema))
    response = make_response(operation, status, encode(broken.body).encode())
    if not status.startswith("2"):
        assert response.error() is None
        return
    with pytest.raises(ContractError) as raised:
        response.parsed()
    assert broken.pointer in [violation.pointer for violation in raised.value.violations]


@pytest.mark.parametrize("kind", known().values(), ids=list(known()))
@given(
    content=st.binary() | st.text().map(str.encode),
    status=st.sampled_from([200, 204, 301, 400, 401, 404, 429, 500, 520]),
)
def test_any_bytes_raise_only_errors_of_the_library(kind: type[Connection], content: bytes, status: int) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    with Folio(connect(kind), http=transport, retries=0) as folio:
        try:
            accounts = list(folio.accounts())
        except OnefolioError:
            return
    assert json.loads(content) is not None
    assert status == 200, accounts


@pytest.mark.parametrize(("kind", "operation"), OPERATIONS)
@given(data=st.data())
def test_allowed_arguments_are_sent_as_documented(
    kind: type[Connection], operation: Operation[Any, Any], data: st.DataObject
) -> None:
    spec = kind.contract.spec
    item = spec["paths"][operation.path]
    documented = [
        resolve(kind.contract.spec, each) for each in item.get("parameters", []) + item["get"].get("parameters", [])
    ]
    drawn: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}}
    for parameter in documented:
        if parameter.get("required") or data.draw(st.booleans()):
            drawn[parameter["in"]][parameter["name"]] = data.draw(parameters(kind.contract, parameter))
    sent: list[httpx.Request] = []

    def record(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={})

    keys = connect(kind).credentials
    with Client(keys, "http://localhost/base/", http=httpx.MockTransport(record)) as client:
        client.send(operation.request(drawn["path"], drawn["query"], drawn["header"]))
    (request,) = sent
    template = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape("/base" + operation.path))
    found = re.fullmatch(template, request.url.raw_path.decode().partition("?")[0])
    assert found is not None
    path = {name: unquote(text) for name, text in found.groupdict().items()}
    query = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True, strict_parsing=bool(drawn["query"])))
    assert (path, query) == (
        {k: str(v) for k, v in drawn["path"].items()},
        {k: str(v) for k, v in drawn["query"].items()},
    )
    assert {name: request.headers[name] for name in drawn["header"]} == drawn["header"]
    for scheme in kind.credentials_type.SCHEMES:
        assert request.headers[scheme.header].startswith(getattr(scheme, "prefix", "Basic "))


def test_the_contract_agrees_with_the_strategies() -> None:
    """The strategies are independent of the validator, so they cannot both be wrong in the same way unnoticed."""

    @given(data=st.data())
    @settings(max_examples=50)
    def check(data: st.DataObject) -> None:
        kind = data.draw(st.sampled_from(list(known().values())))
        schema = data.draw(st.sampled_from([each.schema for op in operations(kind) for each in op.responses.values()]))
        assert not kind.contract.check(schema, data.draw(bodies(kind.contract, schema))).violations
        assert kind.contract.check(schema, data.draw(broken_bodies(kind.contract, schema)).body).violations

    check()


def test_a_violation_is_raised_with_its_pointer() -> None:
    for kind in known().values():
        transport = httpx.MockTransport(lambda _: httpx.Response(200, json={"un": "expected"}))
        with Folio(connect(kind), http=transport) as folio, pytest.raises(ContractViolation) as raised:
            list(folio.accounts())
        assert raised.value.violations
        assert decode(b"[1.10]") != [1.1]
