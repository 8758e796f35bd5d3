"""Golden vectors: pairs of a provider's payload and its unified result, which define the behaviour of every adapter.

A vector is a file `PROVIDER/OPERATION/CASE.json`, readable in any language. `payload` is the body of the response.
The result is either `expected`, a list of unified objects as `to_jsonable` returns them, or `error`, the name of the
exception and the JSON pointers of its violations. `drifts` are the reported drifts, with `*` for list indexes.
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
    vector: dict[str, Any] = json.loads(path.read_text())
    return vector


@pytest.fixture
def content(path: Path) -> bytes:
    """Return the bytes of the payload in the file, which keep all digits of its numbers."""
    text = path.read_text()
    start = text.index('"payload": ') + len('"payload": ')
    _, end = json.JSONDecoder().raw_decode(text, start)
    return text[start:end].encode()


@pytest.fixture
def connection(path: Path, vector: dict[str, Any]) -> Connection:
    kind = known()[path.relative_to(HERE).parts[0]]
    # A provider has more vectors than its rate limit allows requests a minute.
    options: dict[str, Any] = {**kind.demo_credentials(), "base_url": "http://localhost", "rate_limit": None}
    options |= vector.get("options", {})
    return kind(**options)


def account(connection: Connection, vector: dict[str, Any]) -> Account:
    return Account(provider=connection.provider, connection=connection.name, **vector["account"])


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


def check_outcome(vector: dict[str, Any], content: bytes, outcome: Any, folio: Folio | AsyncFolio) -> None:
    if "error" in vector:
        assert type(outcome) is getattr(onefolio, vector["error"]["type"]), outcome
        if isinstance(outcome, ContractViolation):
            assert [each.pointer for each in outcome.violations] == vector["error"]["pointers"]
        return
    assert not isinstance(outcome, Exception), outcome
    assert to_jsonable(outcome) == vector["expected"]
    payload = decode(content)
    for each in outcome:
        assert contains(payload, each.raw.to_dict()), "raw is the unchanged row, with all digits"
    drifts = Counter((drift.pointer, drift.kind) for drift in folio.drifts)
    assert drifts == Counter((drift["pointer"], drift["kind"]) for drift in vector.get("drifts", []))


def contains(value: Any, row: Any) -> bool:
    if value == row:
        return True
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(contains(each, row) for each in children)


def transport(content: bytes) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, content=content))


def test_sync_result_matches_the_vector(vector: dict[str, Any], content: bytes, connection: Connection) -> None:
    with Folio(connection, http=transport(content)) as folio:
        try:
            outcome: Any = read(folio, connection, vector)
        except ProviderError as error:
            outcome = error
        check_outcome(vector, content, outcome, folio)


def test_async_result_matches_the_vector(vector: dict[str, Any], content: bytes, connection: Connection) -> None:
    async def run() -> None:
        async with AsyncFolio(connection, http=transport(content)) as folio:
            try:
                outcome: Any = await read_async(folio, connection, vector)
            except ProviderError as error:
                outcome = error
            check_outcome(vector, content, outcome, folio)

    asyncio.run(run())


def test_every_capability_has_vectors() -> None:
    for name, kind in known().items():
        assert {path.name for path in (HERE / name).iterdir()} == kind.capabilities


def test_every_documented_value_of_a_mapped_enum_has_a_vector() -> None:
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
            for member in schemas.get(schema, {"anyOf": [{"enum": []}]})["anyOf"][0]["enum"]:
                assert f'"{member}"' in text, f"{name}: {schema} {member}"
