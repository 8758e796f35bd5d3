"""The golden vectors: a provider's payload in, the unified result out. They gate every adapter.

A vector is `PROVIDER/OPERATION/CASE.json`. It says in plain JSON, for any language, what was answered (`payload`) and
what that means: `expected` unified objects in the form of every output, or an `error` with its type and the pointers
of its violations. `drifts` are told on the way, list indexes as `*`.
"""

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

import onefolio
from onefolio import Account, AsyncFolio, Connection, ContractViolation, Folio, ProviderError
from onefolio._models.jsonable import to_jsonable
from onefolio.providers.registry import known
from onefolio_runtime import decode

HERE = Path(__file__).parent
FILES = sorted(HERE.rglob("*.json"))


@pytest.fixture(params=[pytest.param(path, id=str(path.relative_to(HERE).with_suffix(""))) for path in FILES])
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture
def vector(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.fixture
def content(path: Path) -> bytes:
    """The payload as it stands in the file: its numbers keep their digits."""
    text = path.read_text()
    start = text.index('"payload": ') + len('"payload": ')
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


@pytest.fixture
def connection(path: Path, vector: dict[str, Any]) -> Connection:
    kind = known()[path.relative_to(HERE).parts[0]]
    # The vectors of a provider are more than its rate limit allows in a minute.
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": "http://localhost", "rate_limit": None}
    options |= vector.get("options", {})
    return kind(**options)


def account(connection: Connection, vector: dict[str, Any]) -> Account:
    return Account(provider=connection.provider, connection=connection.name, id=vector["account"]["id"])


def read(folio: Folio, connection: Connection, vector: dict[str, Any]) -> list[Any]:
    if vector["operation"] == "accounts":
        return list(folio.accounts())
    return list(getattr(folio, vector["operation"])(account(connection, vector)))


async def read_async(folio: AsyncFolio, connection: Connection, vector: dict[str, Any]) -> list[Any]:
    if vector["operation"] == "accounts":
        return [each async for each in folio.accounts()]
    if vector["operation"] == "balances":
        return list(await folio.balances(account(connection, vector)))
    return [each async for each in folio.positions(account(connection, vector))]


def hold(vector: dict[str, Any], content: bytes, outcome: Any, folio: Folio | AsyncFolio) -> None:
    if "error" in vector:
        assert type(outcome) is getattr(onefolio, vector["error"]["type"]), outcome
        if isinstance(outcome, ContractViolation):
            assert [each.pointer for each in outcome.violations] == vector["error"]["pointers"]
        return
    assert not isinstance(outcome, Exception), outcome
    assert to_jsonable(outcome) == vector["expected"]
    payload = decode(content)
    for each in outcome:
        assert contains(payload, each.raw.to_dict()), "raw is the row as it came, to the digit"
    told = Counter((drift.pointer, drift.kind) for drift in folio.drifts)
    assert told == Counter((drift["pointer"], drift["kind"]) for drift in vector.get("drifts", []))


def contains(value: Any, row: Any) -> bool:
    if value == row:
        return True
    below = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(contains(each, row) for each in below)


def transport(content: bytes) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, content=content))


def test_sync(vector: dict[str, Any], content: bytes, connection: Connection) -> None:
    with Folio(connection, http=transport(content)) as folio:
        try:
            outcome: Any = read(folio, connection, vector)
        except ProviderError as error:
            outcome = error
        hold(vector, content, outcome, folio)


def test_async(vector: dict[str, Any], content: bytes, connection: Connection) -> None:
    async def run() -> None:
        async with AsyncFolio(connection, http=transport(content)) as folio:
            try:
                outcome: Any = await read_async(folio, connection, vector)
            except ProviderError as error:
                outcome = error
            hold(vector, content, outcome, folio)

    asyncio.run(run())


def test_every_provider_has_vectors_for_all_that_it_can() -> None:
    for name, kind in known().items():
        assert {path.name for path in (HERE / name).iterdir()} == kind.capabilities


def test_every_word_of_the_specs_that_a_unified_enum_is_made_from_has_a_vector() -> None:
    # The fields that `native_…` and the other words of the unified model come from.
    for name, kind in known().items():
        text = "".join(path.read_text() for path in (HERE / name).rglob("*.json"))
        schemas = kind.contract.spec["components"]["schemas"]
        for schema in (
            "AccountStatus",
            "AccountSubtype",
            "AssetClass",
            "InstrumentType",
            "PositionSide",
            "PositionType",
        ):
            for word in schemas.get(schema, {"anyOf": [{"enum": []}]})["anyOf"][0]["enum"]:
                assert f'"{word}"' in text, f"{name}: {schema} {word}"
