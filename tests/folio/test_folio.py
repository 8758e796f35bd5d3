"""Argument validation, calls, snapshots, failures, drift, models and HTTP libraries."""

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from msgspec import structs

import onefolio
from onefolio import (
    Account,
    AsyncFolio,
    Balance,
    ConfigurationError,
    ContractViolation,
    DriftReport,
    Failure,
    Folio,
    NotFoundError,
    NotSupportedError,
    Position,
    Snapshot,
    mock,
)
from onefolio._models.jsonable import to_jsonable
from onefolio.providers.registry import known
from tests.scripted import Script, connect, example_of

PATHS = {name: kind.contract.spec["paths"] for name, kind in known().items()}


def serve_examples(request: httpx.Request) -> httpx.Response:
    """Respond with the first example of the operation; the first path segment is the provider."""
    _, provider, *rest = request.url.path.split("/")
    for path in PATHS[provider]:
        parts = path.strip("/").split("/")
        if len(parts) == len(rest) and all(
            expected in ("{account_id}", actual) for expected, actual in zip(parts, rest, strict=True)
        ):
            account_id = dict(zip(parts, rest, strict=True)).get("{account_id}", "")
            return httpx.Response(200, json=example_of(provider, path, account_id))
    return httpx.Response(404)


def all_connections() -> list[Any]:
    return [connect(name, base_url=f"http://localhost/{name}") for name in known()]


# Validation before any request


@pytest.mark.parametrize("provider", known())
def test_invalid_environments_urls_and_credentials_are_rejected(provider: str) -> None:
    keys = known()[provider].demo_credentials()
    kind: Any = known()[provider]
    with pytest.raises(ConfigurationError, match="environment"):
        kind(**keys, environment="moon")
    invalid = [
        "ftp://x",
        "x",
        "",
        "https://",
        "https://user:pw@x",
        "https://x/?q=1",
        "https://x/#f",
        "http://[::1",
        "https://a b",
    ]
    invalid += ["http://10.0.0.1", "http://example.com", "http://127.0.0.1.example.com", "http://x:99999", "http://x:0"]
    for url in [url for url in invalid if url]:
        with pytest.raises(ConfigurationError, match=known()[provider].base_url_variable):
            kind(**keys, base_url=url)
    for url in ("http://localhost:1", "http://127.0.0.2", "http://[::1]:80/", "https://example.com/base/"):
        assert not kind(**keys, base_url=url).base_url.endswith("/")
    for name in keys:
        for secret in ("", None, "two\nlines", " padded", "ümlaut"):
            with pytest.raises(ConfigurationError, match=name):
                kind(**{**keys, name: secret})


def test_environment_selects_the_server_and_base_url_overrides_it() -> None:
    for kind in known().values():
        for environment, url in kind.environments.items():
            options: Any = {**kind.demo_credentials(), "environment": environment}
            assert kind(**options).base_url == url.rstrip("/")
            assert kind(**options, base_url="https://other.example/").base_url == "https://other.example"


def test_from_env_connects_configured_providers_and_rejects_incomplete_credentials() -> None:
    with pytest.raises(ConfigurationError) as caught:
        Folio.from_env({})
    for name, kind in known().items():
        variables = dict.fromkeys(kind.variables.values(), "key")
        assert all(variable in str(caught.value) for variable in variables)
        assert Folio.from_env(variables).connections == (name,)
        assert "https://other.example" in repr(
            Folio.from_env({**variables, kind.base_url_variable: "https://other.example"})
        )
        for missing in variables if len(variables) > 1 else ():
            incomplete = {variable: key for variable, key in variables.items() if variable != missing}
            with pytest.raises(ConfigurationError, match=missing):
                Folio.from_env(incomplete)
    with pytest.raises(ConfigurationError):
        Folio.from_env({kind.base_url_variable: "http://localhost:1" for kind in known().values()})


def test_connection_names_are_unique_and_route_calls_of_an_account(folio_of: Callable[..., Folio]) -> None:
    with pytest.raises(ConfigurationError, match="two connections"):
        Folio(connect("alpaca"), connect("alpaca"))
    script = Script(serve_examples)
    connections = [
        connect("alpaca", name=name, base_url=f"http://localhost/alpaca?{name}".split("?")[0]) for name in ("a", "b")
    ]
    folio = folio_of(script, *connections)
    assert folio.connections == ("a", "b")
    assert [account.connection for account in folio.accounts()] == ["a", "b"]
    (account,) = folio.accounts("b")
    assert [balance.connection for balance in folio.balances(account)] == ["b"]
    with pytest.raises(ConfigurationError, match="'c'"):
        folio.accounts("c")
    with pytest.raises(ConfigurationError):
        folio.positions(structs.replace(account, connection="c"))


def test_unsupported_capabilities_raise_before_any_request(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    for name, kind in known().items():
        assert folio.supports(name, "accounts")
        assert folio.supports(name, "positions") == ("positions" in kind.capabilities)
        if not folio.supports(name, "positions"):
            with pytest.raises(NotSupportedError):
                folio.positions(Account(provider=name, connection=name, id="1"))
    with pytest.raises(ConfigurationError):
        folio.supports("unknown", "accounts")
    with pytest.raises(ConfigurationError):
        folio.supports("alpaca", "orders")  # type: ignore[arg-type]  # deliberately invalid
    assert script.requests == []


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"deadline": -1}, {"retries": -1}, {"max_concurrency": 0}, {"contract": "lax"}],
)
def test_options_out_of_range_are_rejected(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        Folio(connect("alpaca"), **options)
    with pytest.raises(ConfigurationError):
        Folio()


def test_closed_folio_rejects_calls_and_close_is_idempotent() -> None:
    script = Script(serve_examples)
    folio = Folio(*all_connections(), http=script.transport)
    account = next(folio.accounts("alpaca"))
    folio.close()
    folio.close()
    for call in (
        folio.accounts,
        lambda: folio.balances(account),
        lambda: folio.positions(account),
        folio.snapshot,
    ):
        with pytest.raises(ConfigurationError, match="closed"):
            call()

    async def run() -> None:
        closed = AsyncFolio(*all_connections(), http=script.transport)
        assert [each async for each in closed.accounts()]
        await closed.aclose()
        await closed.aclose()
        with pytest.raises(ConfigurationError, match="closed"):
            closed.accounts()
        with pytest.raises(ConfigurationError, match="closed"):
            await closed.snapshot()

    asyncio.run(run())


# Calls and snapshots


def test_balances_of_an_unlisted_account_raise_not_found(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(serve_examples), *all_connections())
    for account in folio.accounts():
        if known()[account.provider].balances_with_accounts:
            with pytest.raises(NotFoundError):
                folio.balances(structs.replace(account, id="gone"))


def test_snapshot_sends_the_fewest_requests_and_is_equal_sync_and_async(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    snapshot = folio.snapshot()
    paths = [request.url.path for request in script.requests]
    assert len(paths) == len(set(paths)), "no request is sent twice"
    assert len(paths) == sum(
        1
        + len([account for account in snapshot.accounts if account.provider == name])
        * (("positions" in kind.capabilities) + (not kind.balances_with_accounts))
        for name, kind in known().items()
    )
    assert snapshot.complete
    assert snapshot.taken_at.utcoffset() is not None
    assert [account.provider for account in snapshot.accounts] == sorted(a.provider for a in snapshot.accounts)

    async def run() -> Snapshot:
        async with AsyncFolio(*all_connections(), http=Script(serve_examples).transport) as other:
            accounts = [each async for each in other.accounts()]
            assert accounts == snapshot.accounts
            assert await other.balances(accounts[0]) == folio.balances(accounts[0])
            assert [each async for each in other.positions(accounts[0])] == list(folio.positions(accounts[0]))
            return await other.snapshot()

    async_snapshot = asyncio.run(run())
    for table in ("accounts", "balances", "positions", "failures"):
        assert to_jsonable(getattr(async_snapshot, table)) == to_jsonable(getattr(snapshot, table))


def test_snapshot_is_limited_to_selected_connections_and_capabilities(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    snapshot = folio.snapshot("clear_street", capabilities=["balances"])
    assert (bool(snapshot.balances), snapshot.positions) == (True, [])
    assert not [request for request in script.requests if "positions" in request.url.path]
    with pytest.raises(ConfigurationError):
        folio.snapshot(capabilities=["orders"])  # type: ignore[list-item]  # deliberately invalid


def test_snapshot_works_inside_a_running_event_loop(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(serve_examples), *all_connections())

    async def run() -> Snapshot:
        return folio.snapshot()

    assert asyncio.run(run()).complete


def test_snapshot_reports_failures_with_operation_and_account(
    folio_of: Callable[..., Folio],
) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/19817/positions"):
            return httpx.Response(403)
        return httpx.Response(500) if "conduit" in request.url.path else serve_examples(request)

    snapshot = folio_of(Script(respond), *all_connections()).snapshot()
    assert [(each.connection, each.operation, each.account_id) for each in snapshot.failures] == [
        ("clear_street", "positions", "19817"),
        ("conduit", "accounts", None),
    ]
    assert not snapshot.complete
    assert {balance.account_id for balance in snapshot.balances} >= {"19816", "19817"}


def serve_invalid_rows(request: httpx.Request) -> httpx.Response:
    """Respond with the examples, but without a symbol in the second position."""
    response = serve_examples(request)
    if not request.url.path.endswith("positions"):
        return response
    body = response.json()
    rows = body if isinstance(body, list) else body["data"]
    for row in rows[1:2]:
        row["symbol"] = None
    return httpx.Response(200, json=body)


def test_invalid_row_fails_a_strict_call_but_only_itself_in_a_snapshot(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(serve_invalid_rows), *all_connections())
    for account in folio.accounts():
        if folio.supports(account.connection, "positions"):
            with pytest.raises(ContractViolation) as caught:
                list(folio.positions(account))
            assert all(each.pointer.endswith("/1/symbol") for each in caught.value.violations)
    snapshot = folio.snapshot()
    assert not snapshot.complete
    for failure in snapshot.failures:
        assert isinstance(failure.error, ContractViolation)
        assert isinstance(failure.row, dict)
        assert failure.row["symbol"] is None
        assert [each for each in snapshot.positions if each.account_id == failure.account_id]


def test_quarantined_row_is_passed_to_on_failure(folio_of: Callable[..., Folio]) -> None:
    failures: list[Failure] = []
    folio = folio_of(
        Script(serve_invalid_rows),
        connect("alpaca", base_url="http://localhost/alpaca"),
        contract="quarantine",
        on_failure=failures.append,
    )
    (account,) = folio.accounts()
    assert len(list(folio.positions(account))) == 1
    assert [(each.operation, each.account_id) for each in failures] == [("positions", account.id)]


def test_invalid_single_object_fails_in_quarantine_mode(folio_of: Callable[..., Folio]) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        body = serve_examples(request).json()
        if request.url.path.endswith("balances"):
            body["data"]["equity"] = None
        return httpx.Response(200, json=body)

    folio = folio_of(
        Script(respond), connect("clear_street", base_url="http://localhost/clear_street"), contract="quarantine"
    )
    account = next(folio.accounts())
    with pytest.raises(ContractViolation):
        folio.balances(account)
    failures = [each for each in folio.snapshot().failures if each.operation == "balances"]
    assert [each.account_id for each in failures] == ["19816", "19817"]


def test_drift_is_reported_once_per_kind_and_counted(folio_of: Callable[..., Folio]) -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        body = serve_examples(request).json()
        for row in body["data"]:
            row |= {"region": "US", "status": "FROZEN"}
        return httpx.Response(200, json=body)

    reports: list[DriftReport] = []
    folio = folio_of(
        Script(respond), connect("clear_street", base_url="http://localhost/clear_street"), on_drift=reports.append
    )
    for _ in range(2):
        assert len(list(folio.accounts())) == 2
    expected = [
        ("/data/*/region", "undocumented field", "a string of 2 characters"),
        ("/data/*/status", "unknown value", "'FROZEN'"),
    ]
    assert sorted((each.pointer, each.kind, each.first) for each in reports) == expected
    assert {each.count for each in reports} == {1}
    assert [(each.operation, each.count) for each in folio.drifts] == [("getAccounts", 4), ("getAccounts", 4)]


# Models and the public API


@pytest.mark.parametrize("model", [Account, Balance, Position])
def test_models_are_immutable_hashable_and_slotted_and_do_not_compare_raw(model: type[Any]) -> None:
    names = {"provider": "p", "connection": "c", "account_id": "1", "id": "1"}
    required = {field.name: names[field.name] for field in structs.fields(model) if field.required}
    record, with_raw = model(**required), model(**required, raw=object())
    assert (record, hash(record)) == (with_raw, hash(with_raw))
    assert "raw" not in repr(with_raw)
    assert not hasattr(record, "__dict__")
    with pytest.raises(AttributeError, match="immutable"):
        record.provider = "q"
    assert pickle.loads(pickle.dumps(record)) == record


def test_every_public_name_exists_and_is_documented() -> None:
    assert onefolio.__all__ == sorted(onefolio.__all__)
    for name in onefolio.__all__:
        assert name == "__version__" or getattr(onefolio, name).__doc__, name


@pytest.mark.parametrize("http", ["aiohttp", "httpx", "httpx2"])
def test_each_http_library_reads_the_mock(http: Any) -> None:
    with mock.running() as urls:
        connections = [connect(provider, base_url=url) for provider, url in urls.items()]
        with Folio(*connections, http=http) as folio:
            snapshot = folio.snapshot()
    assert snapshot.complete
    assert {each.connection for each in snapshot.accounts} == set(known())


def test_closing_a_folio_keeps_the_users_client_open() -> None:
    async def read() -> bool:
        async with httpx.AsyncClient(transport=Script(serve_examples).transport) as client:
            async with AsyncFolio(*all_connections(), http=client) as folio:
                assert (await folio.snapshot()).complete
            return client.is_closed

    assert not asyncio.run(read())


@pytest.mark.parametrize(
    ("http", "message"),
    [("requests", "'requests' is unknown"), (httpx.Client(), "synchronous Client"), (7, "of type int")],
    ids=["unknown name", "synchronous client", "another type"],
)
def test_unsupported_http_arguments_are_rejected(http: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Folio(*all_connections(), http=http)
