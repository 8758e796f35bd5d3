"""Every response of the mock matches the spec; no provider is named here."""

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


def documented_response(provider: str, operation: str, status: int) -> Any:
    spec = known()[provider].contract.spec
    return resolve(spec, operations(provider)[operation]["responses"][str(status)])


def schema(provider: str, operation: str, status: int) -> str:
    content = documented_response(provider, operation, status)["content"]["application/json"]
    return str(content["schema"]["$ref"].rpartition("/")[2])


def assert_conforms(response: httpx.Response, provider: str, operation: str, status: int) -> None:
    """Assert that a response has a status and a body without undocumented fields or values."""
    assert response.status_code == status, response.text
    verdict = known()[provider].contract.check(schema(provider, operation, status), decode(response.content))
    assert verdict == Verdict()
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-request-id"]


def account_ids(caller: Caller, provider: str) -> dict[str, Any]:
    """Return the ids of the listed accounts, by the operation that has one in its path."""
    listed: dict[str, Any] = {}
    for name in operations(provider):
        for link in documented_response(provider, name, HTTPStatus.OK).get("links", {}).values():
            pointer = link["parameters"].get("account_id", "").removeprefix("$response.body#/")
            if pointer.startswith("data/"):
                field = pointer.rpartition("/")[2]
                listed[link["operationId"]] = [row[field] for row in caller.call(provider, name).json()["data"]]
    return listed


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("fixture", ["caller", "large"])
def test_every_response_conforms(request: pytest.FixtureRequest, fixture: str, provider: str) -> None:
    caller: Caller = request.getfixturevalue(fixture)
    ids = account_ids(caller, provider)
    for name in operations(provider):
        for account in ids.get(name, [None]):
            assert_conforms(caller.call(provider, name, account_id=account), provider, name, HTTPStatus.OK)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_missing_and_wrong_keys_are_rejected(caller: Caller, provider: str) -> None:
    ids = account_ids(caller, provider)
    for name in operations(provider):
        path = {"account_id": ids[name][0]} if name in ids else {}
        documented = documented_response(provider, name, HTTPStatus.UNAUTHORIZED)["content"]["application/json"][
            "examples"
        ]
        expected = without_request_id(next(iter(documented.values()))["value"])
        credentials = caller.operations[provider, name]["credentials"]
        for header, value in credentials.items():
            for wrong in ("", value + "x", value.replace("demo", "live")):
                response = caller.call(provider, name, headers={header: wrong}, **path)
                assert_conforms(response, provider, name, HTTPStatus.UNAUTHORIZED)
                assert without_request_id(response.json()) == expected
        missing = caller.get(caller.operations[provider, name]["path"].format_map(path))
        assert_conforms(missing, provider, name, HTTPStatus.UNAUTHORIZED)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_invalid_parameters_are_rejected(caller: Caller, provider: str) -> None:
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
                response = caller.call(
                    provider, name, account_id=account, headers=given if header else {}, **({} if header else given)
                )
                assert_conforms(response, provider, name, HTTPStatus.BAD_REQUEST)
                assert parameter["name"] in response.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_unknown_accounts_are_not_found(caller: Caller, provider: str) -> None:
    for name, ids in account_ids(caller, provider).items():
        for unknown in (min(ids) - 1, max(ids) + 1, 2**62):
            assert_conforms(caller.call(provider, name, account_id=unknown), provider, name, HTTPStatus.NOT_FOUND)
        assert_conforms(caller.call(provider, name, account_id="x"), provider, name, HTTPStatus.BAD_REQUEST)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_are_not_allowed(caller: Caller, provider: str, method: str) -> None:
    path = caller.served["providers"][provider]["operations"][0]["path"]
    response = caller.get(path, method=method)
    assert (response.status_code, response.headers["allow"]) == (HTTPStatus.METHOD_NOT_ALLOWED, "GET")
    if method == "HEAD":
        assert not response.content
    else:
        assert_error_like_401(caller, provider, response)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("path", ["", "/", "/nothing", "/v1/accounts/", "/v1/accounts/1/nothing"])
def test_unknown_paths_are_not_found(caller: Caller, provider: str, path: str) -> None:
    response = caller.get(caller.served["providers"][provider]["base_path"] + path)
    assert response.status_code == HTTPStatus.NOT_FOUND
    assert_error_like_401(caller, provider, response)


def assert_error_like_401(caller: Caller, provider: str, response: httpx.Response) -> None:
    """Assert that a body has the form of the provider's errors and does not mention status 401."""
    name = next(iter(operations(provider)))
    verdict = known()[provider].contract.check(
        schema(provider, name, HTTPStatus.UNAUTHORIZED), decode(response.content)
    )
    assert verdict == Verdict()
    assert "401" not in response.text.replace(response.headers["x-request-id"], "")
    assert "UNAUTHORIZED" not in response.text


@pytest.mark.parametrize("provider", PROVIDERS)
def test_rate_limit_headers_are_sent_where_documented(caller: Caller, provider: str) -> None:
    ids = account_ids(caller, provider)
    for name in operations(provider):
        documented = documented_response(provider, name, HTTPStatus.OK).get("headers", {})
        response = caller.call(provider, name, account_id=ids.get(name, [None])[0])
        sent = {header for header in response.headers if "ratelimit" in header}
        assert sent == {header.lower() for header in documented if "RateLimit" in header}
        assert all(response.headers[header].isdigit() for header in sent)


def without_request_id(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: without_request_id(value) for key, value in body.items() if key != "request_id"}
    return body
