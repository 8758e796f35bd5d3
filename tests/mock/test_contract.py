"""Every answer of the mock holds against the spec that it was made from; no provider is named here."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from onefolio.providers.registry import known
from onefolio_runtime import Verdict, decode

if TYPE_CHECKING:
    import httpx

    from .conftest import Caller

PROVIDERS = list(known())


def resolve(document: Any, node: Any) -> Any:
    while "$ref" in node:
        target = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def operations(provider: str) -> dict[str, Any]:
    """Return the operations of a provider's spec by id."""
    paths = known()[provider].contract.spec["paths"]
    return {item["get"]["operationId"]: item["get"] for item in paths.values()}


def response(provider: str, operation: str, status: int) -> Any:
    spec = known()[provider].contract.spec
    return resolve(spec, operations(provider)[operation]["responses"][str(status)])


def schema(provider: str, operation: str, status: int) -> str:
    content = response(provider, operation, status)["content"]["application/json"]
    return str(content["schema"]["$ref"].rpartition("/")[2])


def conforms(answer: httpx.Response, provider: str, operation: str, status: int) -> None:
    """Assert that an answer has a status and the body that its spec documents, nothing undocumented in it."""
    assert answer.status_code == status, answer.text
    check = known()[provider].contract.check(schema(provider, operation, status), decode(answer.content))
    assert check == Verdict()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]


def account_ids(caller: Caller, provider: str) -> dict[str, Any]:
    """Return the ids of the listed accounts by the operation that takes one."""
    listed: dict[str, Any] = {}
    for name in operations(provider):
        for link in response(provider, name, HTTPStatus.OK).get("links", {}).values():
            pointer = link["parameters"].get("account_id", "").removeprefix("$response.body#/")
            if pointer.startswith("data/"):
                field = pointer.rpartition("/")[2]
                listed[link["operationId"]] = [row[field] for row in caller.call(provider, name).json()["data"]]
    return listed


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fixture", ["caller", "large"])
def test_every_answer_conforms(request: pytest.FixtureRequest, fixture: str, provider: str) -> None:
    caller: Caller = request.getfixturevalue(fixture)
    ids = account_ids(caller, provider)
    for name in operations(provider):
        for account in ids.get(name, [None]):
            conforms(caller.call(provider, name, account_id=account), provider, name, HTTPStatus.OK)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_keys_are_wanted(caller: Caller, provider: str) -> None:
    ids = account_ids(caller, provider)
    for name in operations(provider):
        path = {"account_id": ids[name][0]} if name in ids else {}
        documented = response(provider, name, HTTPStatus.UNAUTHORIZED)["content"]["application/json"]["examples"]
        expected = without_request_id(next(iter(documented.values()))["value"])
        credentials = caller.operations[provider, name]["credentials"]
        for header, value in credentials.items():
            for wrong in ("", value + "x", value.replace("demo", "live")):
                answer = caller.call(provider, name, headers={header: wrong}, **path)
                conforms(answer, provider, name, HTTPStatus.UNAUTHORIZED)
                assert without_request_id(answer.json()) == expected
        missing = caller.get(caller.operations[provider, name]["path"].format_map(path))
        conforms(missing, provider, name, HTTPStatus.UNAUTHORIZED)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_bad_parameters(caller: Caller, provider: str) -> None:
    spec = known()[provider].contract.spec
    ids = account_ids(caller, provider)
    for name, operation in operations(provider).items():
        for parameter in (resolve(spec, each) for each in operation.get("parameters", [])):
            if parameter["schema"].keys().isdisjoint({"minimum", "const", "minLength"}):
                continue
            for value in ("", "0", "x", "1001", "1.0", "+1"):
                given = {parameter["name"]: value}
                header = parameter["in"] == "header"
                account = ids.get(name, [None])[0]
                answer = caller.call(
                    provider, name, account_id=account, headers=given if header else {}, **({} if header else given)
                )
                conforms(answer, provider, name, HTTPStatus.BAD_REQUEST)
                assert parameter["name"] in answer.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_unknown_account(caller: Caller, provider: str) -> None:
    for name, ids in account_ids(caller, provider).items():
        for unknown in (min(ids) - 1, max(ids) + 1, 2**62):
            conforms(caller.call(provider, name, account_id=unknown), provider, name, HTTPStatus.NOT_FOUND)
        conforms(caller.call(provider, name, account_id="x"), provider, name, HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods(caller: Caller, provider: str, method: str) -> None:
    path = caller.served["providers"][provider]["operations"][0]["path"]
    answer = caller.get(path, method=method)
    assert (answer.status_code, answer.headers["allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET")
    if method == "HEAD":
        assert not answer.content
    else:
        error_like_401(caller, provider, answer)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("path", ["", "/", "/nothing", "/v1/accounts/", "/v1/accounts/1/nothing"])
def test_unknown_path(caller: Caller, provider: str, path: str) -> None:
    answer = caller.get(caller.served["providers"][provider]["base_path"] + path)
    assert answer.status_code == HTTPStatus.NOT_FOUND
    error_like_401(caller, provider, answer)


def error_like_401(caller: Caller, provider: str, answer: httpx.Response) -> None:
    """Assert that a body is the provider's own kind of error and does not speak of another status."""
    name = next(iter(operations(provider)))
    checked = known()[provider].contract.check(schema(provider, name, HTTPStatus.UNAUTHORIZED), decode(answer.content))
    assert checked == Verdict()
    assert "401" not in answer.text.replace(answer.headers["x-request-id"], "")
    assert "UNAUTHORIZED" not in answer.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_rate_limit_headers_are_sent_where_documented(caller: Caller, provider: str) -> None:
    ids = account_ids(caller, provider)
    for name in operations(provider):
        documented = response(provider, name, HTTPStatus.OK).get("headers", {})
        answer = caller.call(provider, name, account_id=ids.get(name, [None])[0])
        sent = {header for header in answer.headers if "ratelimit" in header}
        assert sent == {header.lower() for header in documented if "RateLimit" in header}
        assert all(answer.headers[header].isdigit() for header in sent)


def without_request_id(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: without_request_id(value) for key, value in body.items() if key != "request_id"}
    return body
