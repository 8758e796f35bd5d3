"""Error responses, invalid responses and transport errors, and the exceptions they raise."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest

import onefolio
from onefolio import ContractViolation, Folio, ProviderError, ProviderUnavailableError, RateLimitedError
from onefolio.providers.registry import known
from tests.scripted import Script, connect

BODIES = {
    "alpaca": {"code": 40110000, "message": "request is not authorized"},
    "clear_street": {"error": {"code": 403, "message": "no"}, "metadata": {"request_id": "req-1"}},
    "conduit": {"errors": [{"code": "UNAUTHORIZED", "detail": "no key"}]},
}
STATUSES = {
    400: "InvalidRequestError",
    401: "AuthenticationError",
    403: "PermissionDeniedError",
    404: "NotFoundError",
    408: "ProviderUnavailableError",
    422: "InvalidRequestError",
    429: "RateLimitedError",
    500: "ProviderUnavailableError",
    503: "ProviderUnavailableError",
    520: "ProviderUnavailableError",
    561: "ProviderUnavailableError",
    499: "ProviderUnavailableError",
    204: "UnexpectedStatusError",
    201: "UnexpectedStatusError",
    301: "UnexpectedStatusError",
    302: "UnexpectedStatusError",
    418: "UnexpectedStatusError",
}


def catch_error(folio: Folio) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        list(folio.accounts())
    return caught.value


@pytest.mark.parametrize("provider", known())
@pytest.mark.parametrize(("status", "error"), STATUSES.items())
@pytest.mark.parametrize("own_body", [True, False])
def test_each_status_raises_its_error_class_regardless_of_the_body(
    provider: str, status: int, error: str, own_body: bool, folio_of: Callable[..., Folio]
) -> None:
    content: dict[str, Any] = {"json": BODIES[provider]} if own_body else {"text": "<html>out of order</html>"}
    headers = {"location": "https://elsewhere.example"} if status in (301, 302) else {}
    script = Script(lambda _: httpx.Response(status, headers=headers, **content))
    raised = catch_error(folio_of(script, connect(provider, name="mine")))
    assert type(raised) is getattr(onefolio, error)
    assert (raised.provider, raised.connection, raised.status_code) == (provider, "mine", status)
    assert raised.operation in known()[provider].contract.spec["paths"].__str__()
    assert len(script.requests) == 1, "redirects are not followed"
    assert raised.body
    assert len(raised.body) <= 201


@pytest.mark.parametrize(
    ("provider", "code", "message", "request_id"),
    [
        ("alpaca", "40110000", "request is not authorized", "from-header"),
        ("clear_street", "403", "no", "req-1"),
        ("conduit", "UNAUTHORIZED", "no key", "from-header"),
    ],
)
def test_error_has_the_providers_code_message_and_request_id(
    provider: str, code: str, message: str, request_id: str, folio_of: Callable[..., Folio]
) -> None:
    response = httpx.Response(401, json=BODIES[provider], headers={"X-Request-ID": "from-header"})
    raised = catch_error(folio_of(Script(lambda _: response), connect(provider)))
    assert (raised.code, raised.message, raised.request_id) == (code, message, request_id)
    assert all(part in str(raised) for part in (provider, code, message, request_id, "401"))


@pytest.mark.parametrize(
    ("provider", "headers", "wait"),
    [
        ("conduit", {"Retry-After": "7"}, 7.0),
        ("clear_street", {"Retry-After": "Fri, 01 Jan 2100 00:00:00 GMT"}, pytest.approx(2.3e9, rel=0.1)),
        ("clear_street", {"Retry-After": "soon"}, None),
        ("alpaca", {"X-RateLimit-Reset": "1"}, 0.0),
        ("alpaca", {"X-RateLimit-Reset": "1", "Retry-After": "3"}, 3.0),
        ("alpaca", {}, None),
    ],
)
def test_rate_limited_error_has_retry_after(
    provider: str, headers: dict[str, str], wait: object, folio_of: Callable[..., Folio]
) -> None:
    raised = catch_error(folio_of(Script(lambda _: httpx.Response(429, headers=headers)), connect(provider)))
    assert isinstance(raised, RateLimitedError)
    assert raised.retry_after == wait


@pytest.mark.parametrize("provider", known())
@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"<html></html>", b"null", b"[]", b"{}", b'"text"', b"{", b"\xff\xfe", b"\xef\xbb\xbf{}"),
        *(b"[1e999999999]", b'{"a":1,"a":1}', b"[NaN]", b"[" * 10000, b"[1" + b"0" * 5000 + b"]"),
    ],
)
def test_invalid_200_body_raises_contract_violation(
    provider: str, content: bytes, folio_of: Callable[..., Folio]
) -> None:
    raised = catch_error(folio_of(Script(lambda _: httpx.Response(200, content=content)), connect(provider)))
    assert isinstance(raised, ContractViolation)
    assert raised.violations
    assert raised.status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("slow"),
        httpx.ReadTimeout("slow"),
        httpx.PoolTimeout("full"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("closed early"),
        httpx.DecodingError("bad gzip"),
        OSError("no route"),
        TimeoutError("deadline"),
    ],
)
def test_transport_error_raises_provider_unavailable(fault: Exception, folio_of: Callable[..., Folio]) -> None:
    def respond(_: httpx.Request) -> httpx.Response:
        raise fault

    raised = catch_error(folio_of(Script(respond), connect("conduit")))
    assert type(raised) is ProviderUnavailableError
    assert raised.status_code is None


def test_only_transient_statuses_are_retried(folio_of: Callable[..., Folio]) -> None:
    counts = {}
    for status in (503, 429, 401, 404):
        script = Script(lambda _, status=status: httpx.Response(status, headers={"Retry-After": "0"}))  # type: ignore[misc]  # mypy does not infer a lambda with a default
        catch_error(folio_of(script, connect("conduit"), retries=1))
        counts[status] = len(script.requests)
    assert counts == {503: 2, 429: 2, 401: 1, 404: 1}


def test_retry_wait_beyond_the_deadline_raises_immediately(folio_of: Callable[..., Folio]) -> None:
    script = Script(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}))
    raised = catch_error(folio_of(script, connect("conduit"), retries=3, deadline=5))
    assert isinstance(raised, RateLimitedError)
    assert len(script.requests) == 1


@pytest.mark.parametrize("provider", known())
def test_credentials_echoed_by_a_server_are_in_no_error(provider: str, folio_of: Callable[..., Folio]) -> None:
    secrets = {name: f"s3cr3t-{name}" for name in known()[provider].variables}
    connection = connect(provider, **secrets)

    def respond(request: httpx.Request) -> httpx.Response:
        echo = " ".join(request.headers.values())
        return httpx.Response(401, json={"code": 1, "message": echo, "error": {"code": 1, "message": echo}})

    script = Script(respond)
    folio = folio_of(script, connection)
    raised = catch_error(folio)
    assert "s3cr3t" in "".join(script.requests[0].headers.values()), "the credentials were sent"
    outputs = [str(raised), repr(raised), raised.message, raised.body, repr(vars(raised))]
    outputs += [repr(folio), repr(connection), repr(vars(connection)), str(folio.snapshot().failures)]
    assert not [output for output in outputs if "s3cr3t" in output]


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))])
@pytest.mark.parametrize(("status", "kind"), [(200, ContractViolation), (429, RateLimitedError)])
def test_an_error_can_be_pickled_and_copied(
    copied: Callable[..., Any], status: int, kind: type[Any], folio_of: Callable[..., Folio]
) -> None:
    script = Script(lambda _: httpx.Response(status, json={"message": "m\n"}, headers={"retry-after": "7"}))
    error: Any = catch_error(folio_of(script, connect("conduit")))
    again = copied(error)
    assert type(again) is type(error) is kind
    assert (str(again), vars(again)) == (str(error), vars(error))
    assert again.violations if kind is ContractViolation else again.retry_after == 7
