"""Connections, calls and snapshots: who is asked, what is refused before anything is sent, what is listed."""

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
from tests.scripted import Script, connect, example

PATHS = {name: kind.contract.spec["paths"] for name, kind in known().items()}


def serve_examples(request: httpx.Request) -> httpx.Response:
    """Every provider under its name, answering with the first example."""
    _, provider, *rest = request.url.path.split("/")
    for path in PATHS[provider]:
        parts = path.strip("/").split("/")
        if len(parts) == len(rest) and all(
            want in ("{account_id}", got) for want, got in zip(parts, rest, strict=True)
        ):
            return httpx.Response(200, json=example(provider, path))
    return httpx.Response(404)


def all_connections() -> list[Any]:
    return [connect(name, base_url=f"http://localhost/{name}") for name in known()]


# Before anything is sent


@pytest.mark.parametrize("provider", known())
def test_an_environment_or_a_url_that_cannot_be_is_refused(provider: str) -> None:
    keys = known()[provider].demo_credentials()
    kind: Any = known()[provider]
    with pytest.raises(ConfigurationError, match="environment"):
        kind(**keys, environment="moon")
    bad = [
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
    bad += ["http://10.0.0.1", "http://example.com", "http://127.0.0.1.example.com", "http://x:99999", "http://x:0"]
    for url in [url for url in bad if url]:
        with pytest.raises(ConfigurationError, match=known()[provider].base_url_variable):
            kind(**keys, base_url=url)
    for url in ("http://localhost:1", "http://127.0.0.2", "http://[::1]:80/", "https://example.com/base/"):
        assert not kind(**keys, base_url=url).base_url.endswith("/")
    for name in keys:
        for secret in ("", None, "two\nlines", " padded", "ümlaut"):
            with pytest.raises(ConfigurationError, match=name):
                kind(**{**keys, name: secret})


def test_an_environment_is_a_server_and_a_base_url_wins() -> None:
    for kind in known().values():
        for environment, url in kind.environments.items():
            options: Any = {**kind.demo_credentials(), "environment": environment}
            assert kind(**options).base_url == url.rstrip("/")
            assert kind(**options, base_url="https://other.example/").base_url == "https://other.example"


def test_from_env_takes_what_is_set_and_refuses_half() -> None:
    with pytest.raises(ConfigurationError) as nothing:
        Folio.from_env({})
    for name, kind in known().items():
        variables = dict.fromkeys(kind.variables.values(), "key")
        assert all(variable in str(nothing.value) for variable in variables)
        assert Folio.from_env(variables).connections == (name,)
        assert "https://other.example" in repr(
            Folio.from_env({**variables, kind.base_url_variable: "https://other.example"})
        )
        for missing in variables if len(variables) > 1 else ():
            half = {variable: key for variable, key in variables.items() if variable != missing}
            with pytest.raises(ConfigurationError, match=missing):
                Folio.from_env(half)
    with pytest.raises(ConfigurationError):
        Folio.from_env({kind.base_url_variable: "http://localhost:1" for kind in known().values()})


def test_names_are_unique_and_calls_go_where_the_account_came_from(folio_of: Callable[..., Folio]) -> None:
    with pytest.raises(ConfigurationError, match="two connections"):
        Folio(connect("alpaca"), connect("alpaca"))
    script = Script(serve_examples)
    two = [
        connect("alpaca", name=name, base_url=f"http://localhost/alpaca?{name}".split("?")[0]) for name in ("a", "b")
    ]
    folio = folio_of(script, *two)
    assert folio.connections == ("a", "b")
    assert [account.connection for account in folio.accounts()] == ["a", "b"]
    (account,) = folio.accounts("b")
    assert [balance.connection for balance in folio.balances(account)] == ["b"]
    with pytest.raises(ConfigurationError, match="'c'"):
        folio.accounts("c")
    with pytest.raises(ConfigurationError):
        folio.positions(structs.replace(account, connection="c"))


def test_what_a_provider_lacks_is_said_at_the_call(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    for name, kind in known().items():
        assert folio.supports(name, "accounts")
        assert folio.supports(name, "positions") == ("positions" in kind.capabilities)
        if not folio.supports(name, "positions"):
            with pytest.raises(NotSupportedError):
                folio.positions(Account(provider=name, connection=name, id="1"))
    with pytest.raises(ConfigurationError):
        folio.supports("nobody", "accounts")
    with pytest.raises(ConfigurationError):
        folio.supports("alpaca", "orders")  # type: ignore[arg-type]  # a wrong word on purpose
    assert script.requests == []


@pytest.mark.parametrize(
    "options",
    [{"timeout": 0}, {"deadline": -1}, {"retries": -1}, {"max_concurrency": 0}, {"contract": "lax"}],
)
def test_options_out_of_range_are_refused(options: Any) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        Folio(connect("alpaca"), **options)
    with pytest.raises(ConfigurationError):
        Folio()


def test_a_closed_folio_says_so_and_closing_twice_is_fine() -> None:
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


# Reading


def test_an_account_gone_from_the_list_is_not_found(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(serve_examples), *all_connections())
    for account in folio.accounts():
        if known()[account.provider].balances_with_accounts:
            with pytest.raises(NotFoundError):
                folio.balances(structs.replace(account, id="gone"))


def test_a_snapshot_asks_as_little_as_it_can_and_is_the_same_sync_and_async(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    snapshot = folio.snapshot()
    asked = [request.url.path for request in script.requests]
    assert len(asked) == len(set(asked)), "nothing is asked twice"
    assert len(asked) == sum(
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

    found = asyncio.run(run())
    for table in ("accounts", "balances", "positions", "failures"):
        assert to_jsonable(getattr(found, table)) == to_jsonable(getattr(snapshot, table))


def test_a_part_can_be_chosen(folio_of: Callable[..., Folio]) -> None:
    script = Script(serve_examples)
    folio = folio_of(script, *all_connections())
    found = folio.snapshot("clear_street", capabilities=["balances"])
    assert (bool(found.balances), found.positions) == (True, [])
    assert not [request for request in script.requests if "positions" in request.url.path]
    with pytest.raises(ConfigurationError):
        folio.snapshot(capabilities=["orders"])  # type: ignore[list-item]  # a wrong word on purpose


def test_a_snapshot_works_inside_a_running_loop(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(serve_examples), *all_connections())

    async def notebook() -> Snapshot:
        return folio.snapshot()

    assert asyncio.run(notebook()).complete


def test_a_failure_is_listed_with_account_and_operation_and_never_an_empty_result(
    folio_of: Callable[..., Folio],
) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/19817/positions"):
            return httpx.Response(403)
        return httpx.Response(500) if "conduit" in request.url.path else serve_examples(request)

    snapshot = folio_of(Script(answer), *all_connections()).snapshot()
    assert [(each.connection, each.operation, each.account_id) for each in snapshot.failures] == [
        ("clear_street", "positions", "19817"),
        ("conduit", "accounts", None),
    ]
    assert not snapshot.complete
    assert {balance.account_id for balance in snapshot.balances} >= {"19816", "19817"}


def bad_rows(request: httpx.Request) -> httpx.Response:
    """Positions of which the middle one is broken."""
    answer = serve_examples(request)
    if not request.url.path.endswith("positions"):
        return answer
    body = answer.json()
    rows = body if isinstance(body, list) else body["data"]
    for row in rows[1:2]:
        row["symbol"] = None
    return httpx.Response(200, json=body)


def test_one_bad_row_fails_a_strict_call_and_only_itself_in_a_snapshot(folio_of: Callable[..., Folio]) -> None:
    folio = folio_of(Script(bad_rows), *all_connections())
    for account in folio.accounts():
        if folio.supports(account.connection, "positions"):
            with pytest.raises(ContractViolation) as refused:
                list(folio.positions(account))
            assert all(each.pointer.endswith("/1/symbol") for each in refused.value.violations)
    snapshot = folio.snapshot()
    assert not snapshot.complete
    for failure in snapshot.failures:
        assert isinstance(failure.error, ContractViolation)
        assert isinstance(failure.row, dict)
        assert failure.row["symbol"] is None
        kept = [each for each in snapshot.positions if each.account_id == failure.account_id]
        assert kept


def test_quarantine_hands_the_bad_row_over(folio_of: Callable[..., Folio]) -> None:
    handed: list[Failure] = []
    folio = folio_of(
        Script(bad_rows),
        connect("alpaca", base_url="http://localhost/alpaca"),
        contract="quarantine",
        on_failure=handed.append,
    )
    (account,) = folio.accounts()
    assert len(list(folio.positions(account))) == 1
    assert [(each.operation, each.account_id) for each in handed] == [("positions", account.id)]


def test_a_single_bad_answer_in_quarantine_is_a_failure_and_no_empty_list(folio_of: Callable[..., Folio]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = serve_examples(request).json()
        if request.url.path.endswith("balances"):
            body["data"]["equity"] = None
        return httpx.Response(200, json=body)

    folio = folio_of(
        Script(answer), connect("clear_street", base_url="http://localhost/clear_street"), contract="quarantine"
    )
    account = next(folio.accounts())
    with pytest.raises(ContractViolation):
        folio.balances(account)
    failed = [each for each in folio.snapshot().failures if each.operation == "balances"]
    assert [each.account_id for each in failed] == ["19816", "19817"]


def test_drift_is_told_once_a_kind_and_counted(folio_of: Callable[..., Folio]) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        body = serve_examples(request).json()
        for row in body["data"]:
            row |= {"region": "US", "status": "FROZEN"}
        return httpx.Response(200, json=body)

    told: list[DriftReport] = []
    folio = folio_of(
        Script(answer), connect("clear_street", base_url="http://localhost/clear_street"), on_drift=told.append
    )
    for _ in range(2):
        assert len(list(folio.accounts())) == 2
    kinds = [("/data/*/region", "undocumented field", "'US'"), ("/data/*/status", "unknown value", "'FROZEN'")]
    assert sorted((each.pointer, each.kind, each.first) for each in told) == kinds
    assert {each.count for each in told} == {1}
    assert [(each.operation, each.count) for each in folio.drifts] == [("getAccounts", 4), ("getAccounts", 4)]


# The models


@pytest.mark.parametrize("model", [Account, Balance, Position])
def test_models_are_immutable_hashable_and_slotted_and_raw_is_outside(model: type[Any]) -> None:
    names = {"provider": "p", "connection": "c", "account_id": "1", "id": "1"}
    required = {field.name: names[field.name] for field in structs.fields(model) if field.required}
    one, other = model(**required), model(**required, raw=object())
    assert (one, hash(one)) == (other, hash(other))
    assert "raw" not in repr(other)
    assert not hasattr(one, "__dict__")
    with pytest.raises(AttributeError, match="immutable"):
        one.provider = "q"
    assert pickle.loads(pickle.dumps(one)) == one


def test_every_public_name_is_there_and_documented() -> None:
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


def test_a_client_of_the_user_stays_open() -> None:
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
def test_an_http_choice_that_does_not_exist_is_refused(http: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Folio(*all_connections(), http=http)
