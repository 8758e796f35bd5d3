"""Requests that no client of ours sends: the mock responds with a documented error, never with an exception."""

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import ConfigurationError, mock
from onefolio.mock.asgi_app import base_path
from onefolio.openapi.specs import Spec
from onefolio.providers.registry import known

from .conftest import Caller
from .test_contract import PROVIDERS, assert_conforms, operations, schema

DIGITS = st.builds(
    lambda sign, digit, count: sign + digit * count,
    st.sampled_from(["", "-", "+", "0x", "1e", "0", " "]),
    st.sampled_from("0123456789٣²"),
    st.sampled_from([1, 19, 400, 640, 641, 4301, 5000]),
)
ODD = st.sampled_from(
    ["", "%", "%zz", "%ff", "..", "\ud800", "\udcff", "=", "==", "A" * 5000, "YQ==", "{}", "null", "é", "😀"]
)
VALUES = DIGITS | ODD | st.text(max_size=10)
STATUSES = {HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}
APP = mock.app(accounts=3)


def encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def send(method: str, path: str, query: bytes, headers: dict[str, str]) -> tuple[int, Any]:
    """Return the status and the JSON body of the response to a raw ASGI request."""
    sent: list[Any] = []

    async def record(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    encoded = [(encode(name.lower()), encode(value)) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": encoded}

    async def run() -> None:
        await APP(scope, receive, record)

    asyncio.run(run())
    return sent[0]["status"], json.loads(sent[1]["body"])


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_value_of_a_parameter_gets_a_documented_response(caller: Caller, provider: str) -> None:
    parameters = st.sampled_from(["page_size", "page_token", "account_id", "account_name", "x"])
    queries = st.lists(st.tuples(parameters, VALUES), max_size=2)

    @given(st.sampled_from([*operations(provider)]), VALUES, queries, st.booleans())
    def request(name: str, account: str, query: list[tuple[str, str]], escapes: bool) -> None:
        described = caller.operations[provider, name]
        path = re.sub(r"\{[^}]+\}", lambda _: account, described["path"])
        pairs = [f"{key}={quote(value, errors='surrogatepass') if escapes else value}" for key, value in query]
        text = encode("&".join(pairs))
        status, body = send("GET", path, text, described["credentials"])
        assert status in STATUSES
        if str(status) in operations(provider)[name]["responses"]:
            assert known()[provider].contract.check(schema(provider, name, status), body).violations == ()

    request()


@given(st.sampled_from(PROVIDERS), VALUES, VALUES, VALUES)
def test_any_method_path_and_key_gets_json(provider: str, method: str, path: str, key: str) -> None:
    status, _ = send(method, base_path(provider) + path, encode(path), {"authorization": key, key: key})
    assert status in STATUSES | {HTTPStatus.METHOD_NOT_ALLOWED}


@pytest.mark.parametrize("digits", ["9" * 641, "9" * 5000, "-" + "9" * 5000])
def test_a_number_of_any_length_is_an_invalid_parameter(caller: Caller, digits: str) -> None:
    tested = set()
    for provider, kind in known().items():
        for operation in Spec(kind.contract.spec).operations:
            for parameter in operation.parameters:
                if parameter.is_integer:
                    values = {"account_id": 1, parameter.name: digits}
                    response = caller.call(provider, operation.id, **values)
                    assert_conforms(response, provider, operation.id, HTTPStatus.BAD_REQUEST)
                    tested.add(parameter.name)
    assert tested == {"account_id", "page_size"}


@pytest.mark.parametrize("name", ["accounts", "positions", "latency_ms"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 10**400, pytest.param(10**5000, id="huge")])
def test_an_amount_of_data_out_of_range_is_an_error(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=name):
        mock.app(**{name: value})
