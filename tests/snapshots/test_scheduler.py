"""The circuit breaker of a snapshot: an unresponsive server does not delay the other servers."""

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
from tests.scripted import Script, connect, example, example_of


def test_snapshot_stops_sending_requests_to_an_unresponsive_server(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(200)]

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        if request.url.path.startswith("/v1"):
            return httpx.Response(503)
        return httpx.Response(200, json=example("conduit", "/clients/accounts"))

    script = Script(respond)
    folio = folio_of(
        script, connect("clear_street"), connect("conduit", base_url="http://127.0.0.1"), max_concurrency=4
    )
    snapshot = folio.snapshot()
    assert len(script.requests) < 15
    assert not snapshot.complete
    assert len(snapshot.accounts) == 201
    assert {each.connection for each in snapshot.balances} == {"conduit"}
    failures = Counter((each.operation, each.account_id) for each in snapshot.failures)
    assert failures == {(operation, str(number)): 1 for operation in ("balances", "positions") for number in range(200)}
    assert {type(each.error) for each in snapshot.failures} == {ProviderUnavailableError}
    assert sum("not requested" in str(each.error) for each in snapshot.failures) > 380
    list(folio.accounts("clear_street"))  # the circuit applies to snapshots only


def test_permission_errors_do_not_open_the_circuit(folio_of: Callable[..., Folio]) -> None:
    page = example("clear_street", "/v1/accounts")
    rows = [{**page["data"][0], "id": number} for number in range(20)]

    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/v1/accounts":
            return httpx.Response(200, json={"data": rows, "metadata": {"request_id": "r"}})
        if request.url.path.endswith("positions"):
            return httpx.Response(403, json={})
        body = example_of("clear_street", "/v1/accounts/{account_id}/balances", request.url.path.split("/")[3])
        return httpx.Response(200, json=body)

    script = Script(respond)
    snapshot = folio_of(script, connect("clear_street")).snapshot()
    assert len(script.requests) == 41
    assert (len(snapshot.balances), len(snapshot.positions), len(snapshot.failures)) == (20, 0, 20)


def test_timeouts_of_one_provider_do_not_delay_the_others() -> None:
    outcomes: list[str] = []

    def record(event: RequestSent | WaitStarted) -> None:
        if isinstance(event, RequestSent):
            outcomes.append("timeout" if event.status_code is None else event.connection)

    async def respond(request: httpx.Request) -> httpx.Response:
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
        deadline=1, retries=3, max_concurrency=4, http=httpx.MockTransport(respond), on_event=record,
    ) as folio:  # fmt: skip
        snapshot = folio.snapshot()
    assert outcomes.index("conduit") < outcomes.index("timeout"), "the other provider is read before the first timeout"
    assert outcomes.count("timeout") <= 8, "at most two rounds of four requests instead of fifty"
    assert len(snapshot.failures) == 200
    assert {each.connection for each in snapshot.failures} == {"clear_street"}
