"""The circuit breaker of a snapshot: a failing server neither slows nor fails the others."""

import asyncio
from collections import Counter
from collections.abc import Callable

import httpx

from onefolio import (
    Folio,
    ProviderUnavailableError,
    RequestSent,
    WaitStarted,
)
from tests.scripted import Script, connect, example


def test_a_server_that_stops_responding_is_not_asked_for_every_account(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(200)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        if request.url.path.startswith("/v1"):
            return httpx.Response(503)
        return httpx.Response(200, json=example("conduit", "/clients/accounts"))

    script = Script(answer)
    folio = folio_of(
        script, connect("clear_street"), connect("conduit", base_url="http://127.0.0.1"), max_concurrency=4
    )
    snapshot = folio.snapshot()
    assert len(script.requests) < 15
    assert not snapshot.complete
    assert len(snapshot.accounts) == 201
    assert {each.connection for each in snapshot.balances} == {"conduit"}
    listed = Counter((each.operation, each.account_id) for each in snapshot.failures)
    assert listed == {(what, str(number)): 1 for what in ("balances", "positions") for number in range(200)}
    assert {type(each.error) for each in snapshot.failures} == {ProviderUnavailableError}
    assert sum("not requested" in str(each.error) for each in snapshot.failures) > 380
    list(folio.accounts("clear_street"))  # a call is always sent


def test_refusals_do_not_open_the_circuit(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(20)]
    body = example("clear_street", "/v1/accounts/{account_id}/balances")

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        status = 403 if request.url.path.endswith("positions") else 200
        return httpx.Response(status, json=body if status == 200 else {})

    script = Script(answer)
    snapshot = folio_of(script, connect("clear_street")).snapshot()
    assert len(script.requests) == 41
    assert (len(snapshot.balances), len(snapshot.positions), len(snapshot.failures)) == (20, 0, 20)


def test_a_provider_in_a_black_hole_does_not_slow_the_others() -> None:
    outcomes: list[str] = []

    def note(event: RequestSent | WaitStarted) -> None:
        if isinstance(event, RequestSent):
            outcomes.append("timeout" if event.status_code is None else event.connection)

    async def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path.startswith("/v1/accounts/"):
            await asyncio.sleep(60)
        provider = {"/v1/accounts": "clear_street", "/clients/accounts": "conduit"}[path]
        body = example(provider, path)
        if provider == "clear_street":
            rows = [{**body["data"][0], "id": number} for number in range(100)]
            body = {"data": rows, "metadata": {"request_id": "r"}}
        return httpx.Response(200, json=body)

    with Folio(
        connect("clear_street"), connect("conduit", base_url="http://127.0.0.1"),
        deadline=1, retries=3, max_concurrency=4, http=httpx.MockTransport(answer), on_event=note,
    ) as folio:  # fmt: skip
        snapshot = folio.snapshot()
    assert outcomes.index("conduit") < outcomes.index("timeout"), "the other provider is read meanwhile"
    assert outcomes.count("timeout") <= 8, "two rounds of four requests, not fifty"
    assert len(snapshot.failures) == 200
    assert {each.connection for each in snapshot.failures} == {"clear_street"}
