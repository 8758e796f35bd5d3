"""The generated clients without a folio: secrets, requests, and responses of any status."""

import asyncio
import copy
import importlib
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import Connection
from onefolio.providers.registry import known
from onefolio_runtime import (
    AsyncClient,
    Client,
    ContractError,
    Model,
    Operation,
    Request,
    Response,
    Secret,
    StatusError,
)

KINDS = [pytest.param(kind, id=name) for name, kind in known().items()]
SECRET = "s3cr3t+/=&"


def values_of(kind: type[Connection], module: str, base: type[Any]) -> list[Any]:
    return [
        value
        for value in vars(importlib.import_module(f"{kind.contract.package}.{module}")).values()
        if isinstance(value, base) or (isinstance(value, type) and issubclass(value, base) and value is not base)
    ]


def credentials(kind: type[Connection]) -> Any:
    return kind.credentials_type(**dict.fromkeys(kind.variables, SECRET))


def requests(kind: type[Connection]) -> list[Request[Any, Any]]:
    operations: list[Operation[Any, Any]] = values_of(kind, "operations", Operation)
    assert operations
    return [each.request(path={"account_id": 1}) if "{" in each.path else each.request() for each in operations]


def send(kind: type[Connection], request: Request[Any, Any], reply: Any) -> Response[Any, Any]:
    handler: Callable[[httpx.Request], httpx.Response] = reply if callable(reply) else lambda _: reply
    with Client(credentials(kind), "https://api.example/base/", http=httpx.MockTransport(handler)) as client:
        return client.send(request)


@pytest.mark.parametrize("kind", KINDS)
def test_no_repr_str_or_pickle_shows_a_secret(kind: type[Connection]) -> None:
    keys = credentials(kind)
    with Client(keys, "https://api.example") as client:
        texts = [repr(keys), str(keys), repr(client), str(client), f"{keys}", repr(keys._secrets), str(vars(client))]
        assert not [text for text in texts if SECRET in text]
    assert SECRET in "".join(keys.headers().values())
    for secret in (keys, Secret(SECRET)):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
        with pytest.raises(TypeError):
            copy.deepcopy(secret)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "status", [*range(200, 206), 300, 304, 400, 401, 403, 404, 418, 429, 499, 500, 503, 520, 561, 599, 799]
)
def test_any_status_is_a_response_and_not_an_exception(kind: type[Connection], status: int) -> None:
    for request in requests(kind):
        response = send(kind, request, httpx.Response(status, content=b"<html>not json</html>"))
        assert response.status_code == status
        assert response.error() is None
        with pytest.raises((ContractError, StatusError)):
            response.parsed()
        with pytest.raises(ContractError):
            response.json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_redirect_is_not_followed(kind: type[Connection]) -> None:
    for request in requests(kind):
        sent: list[httpx.Request] = []

        def reply(received: httpx.Request, sent: list[httpx.Request] = sent) -> httpx.Response:
            sent.append(received)
            return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

        assert send(kind, request, reply).status_code == 302
        assert [each.url.host for each in sent] == ["api.example"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_documented_error_body_is_typed(kind: type[Connection]) -> None:
    bodies = 0
    for request in requests(kind):
        spec = kind.contract.spec
        responses = spec["paths"][request.operation.path]["get"]["responses"]
        for status, found in responses.items():
            if status.startswith("2"):
                continue
            documented = spec["components"]["responses"][found["$ref"].rpartition("/")[2]] if "$ref" in found else found
            for example in documented["content"]["application/json"]["examples"].values():
                code = int(status.replace("XX", "02"))
                error = send(kind, request, httpx.Response(code, json=example["value"])).error()
                assert isinstance(error, Model)
                assert error.to_dict() == example["value"]
                bodies += 1
    assert bodies > 1


@pytest.mark.parametrize("kind", KINDS)
def test_both_clients_parse_every_example_alike_and_return_it_unchanged(kind: type[Connection]) -> None:
    for request in requests(kind):
        documented = kind.contract.spec["paths"][request.operation.path]["get"]["responses"]["200"]
        for example in documented["content"]["application/json"]["examples"].values():

            async def parse(request: Request[Any, Any] = request, value: Any = example["value"]) -> Any:
                transport = httpx.MockTransport(lambda _: httpx.Response(200, json=value))
                async with AsyncClient(credentials(kind), "https://api.example", http=transport) as client:
                    return (await client.send(request)).parsed()

            parsed = send(kind, request, httpx.Response(200, json=example["value"])).parsed()
            assert parsed == asyncio.run(parse())
            dictionaries = [each.to_dict() for each in parsed] if isinstance(parsed, list) else parsed.to_dict()
            assert dictionaries == example["value"]


EXTRA = st.dictionaries(
    st.text(min_size=1).map("x-{}".format), st.none() | st.integers() | st.text() | st.lists(st.booleans())
)


@pytest.mark.parametrize("kind", KINDS)
@given(extra=EXTRA, deep=EXTRA)
def test_from_dict_and_to_dict_keep_unknown_fields_at_any_depth(kind: type[Connection], extra: Any, deep: Any) -> None:
    for request in requests(kind):
        documented = kind.contract.spec["paths"][request.operation.path]["get"]["responses"]["200"]
        value = next(iter(documented["content"]["application/json"]["examples"].values()))["value"]
        model = {each.SCHEMA: each for each in values_of(kind, "models", Model)}.get(
            request.operation.responses["200"].schema
        )
        if model is not None:
            value = {
                name: {**below, **deep}
                if isinstance(below, dict)
                else [{**row, **deep} for row in below if isinstance(row, dict)]
                if isinstance(below, list)
                else below
                for name, below in value.items()
            } | extra
            assert model.from_dict(value).to_dict() == value
