"""Bodies that take long to process: they delay no other provider, end at the deadline and take bounded memory."""

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psutil
import pytest

from onefolio import AsyncFolio, Connection, ContractViolation, Folio, ProviderUnavailableError, mock
from onefolio.providers.registry import known
from onefolio_runtime import Sliced

from .corpus import CAP, data, response
from .folios import MODES, read_accounts, take_snapshot
from .test_hostile_responses import serving

ROW = json.dumps(
    known()["clear_street"].contract.spec["paths"]["/v1/accounts"]["get"]["responses"]["200"]["content"][
        "application/json"
    ]["examples"]["accounts"]["value"]["data"][0]
).encode()
VALUES, OBJECTS = CAP // 24, CAP // 96


def listed(item: bytes, times: int) -> bytes:
    return b"[" + b",".join([item] * times) + b"]"


BODIES: dict[str, bytes] = {
    "numbers": listed(b"0", VALUES - 50),
    "decimals": listed(b"1.25", VALUES - 50),
    "empty objects": listed(b"{}", OBJECTS - 50),
    "small objects": listed(b'{"a":0}', OBJECTS - 50),
    "nested lists": listed(b"[" * 100 + b"]" * 100, OBJECTS // 100 - 2),
    "rows without a field": listed(ROW.replace(b'"id"', b'"ID"'), 6000),
    "rows with a defect": listed(ROW.replace(b'"CUSTOMER"', b"5"), 20_000),
    "rows with an undocumented list": listed(ROW[:-1] + b',"x":[1,2,3]}', 6000),
    "one row with a long list": b"[" + ROW[:-1] + b',"x":' + listed(b"1.25", VALUES - 200) + b"}]",
    "long strings": listed(b'"' + "\N{GRINNING FACE}".encode() * (2**16 - 10) + b'"', CAP // 2**18 - 1),
    "one string": b'["' + b"x" * (CAP - 100) + b'"]',
    "blanks": b" " * (CAP - 100) + b"[]",
    "long numbers": listed(b"9" * 4000, CAP // 4001 - 2),
    "too many values": listed(b"0", CAP // 2 - 50),
}


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """Yield a list that holds, after the block, the bytes by which the process's memory grew at most."""
    process, ended = psutil.Process(), threading.Event()
    before = process.memory_info().rss
    grown = [0]

    def watch() -> None:
        while not ended.wait(0.002):
            grown[0] = max(grown[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield grown
    finally:
        ended.set()
        watcher.join()


def connection(url: str, provider: str = "clear_street", **options: Any) -> Connection:
    kind: Any = known()[provider]
    made: Connection = kind(**kind.demo_credentials(), base_url=url, **options)
    return made


@pytest.mark.parametrize("name", BODIES)
def test_other_tasks_run_while_a_large_body_is_processed(name: str) -> None:
    """A task that only counts its turns is delayed by slices, not by the whole body."""

    async def read(url: str) -> int:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                await asyncio.sleep(0)
                turns += 1

        async with AsyncFolio(connection(url), retries=0) as folio:
            counting = asyncio.create_task(count())
            parsing = folio._states["clear_street"].turn
            began: list[int] = []
            acquire = parsing.acquire

            async def acquire_and_note() -> Any:
                held = await acquire()
                began.append(turns)
                return held

            parsing.acquire = acquire_and_note  # type: ignore[method-assign]  # notes when parsing begins
            snapshot = await folio.snapshot(capabilities=())
            counting.cancel()
            assert snapshot.failures or snapshot.accounts or name == "blanks"
            return turns - began[0]

    with serving(data(BODIES[name])) as url:
        assert asyncio.run(read(url)) >= 2


@pytest.mark.parametrize("mode", MODES)
def test_a_provider_with_large_bodies_does_not_fail_the_others(mode: str) -> None:
    body = gzip.compress(gzip.compress(data(BODIES["rows without a field"]).partition(b"\r\n\r\n")[2]))
    hostile = response(body, "Content-Encoding: gzip, gzip")
    with serving(hostile) as url, mock.running() as honest:
        snapshot = take_snapshot(mode, connection(url), connection(honest["alpaca"], "alpaca"), retries=0)
    assert {each.connection for each in snapshot.failures} == {"clear_street"}
    assert snapshot.positions


@pytest.mark.parametrize("name", BODIES)
def test_a_large_body_takes_no_more_than_8_times_the_limit(name: str) -> None:
    with (
        serving(data(BODIES[name])) as url,
        Folio(connection(url), retries=0, contract="quarantine") as folio,
        peak_memory() as grown,
        suppress(ContractViolation),
    ):
        list(folio.accounts())
    assert 0 < grown[0] < 8 * CAP


def test_parsing_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> Sliced[list[Any]]:
        while True:
            yield

    with serving(data(b"[]")) as url, Folio(connection(url), retries=0, deadline=0.2) as folio:
        paginator = folio._account_paginators(None)[0]
        monkeypatch.setattr(paginator, "feed", endless)
        with pytest.raises(ProviderUnavailableError, match="the deadline is over"):
            next(folio._rows(folio._call(paginator)))
        assert next(iter(folio.accounts()), None) is None


@pytest.mark.parametrize("status", ["200 OK", "503 Unavailable"])
def test_a_single_object_and_an_error_have_a_lower_limit(status: str) -> None:
    body = b'{"message":"' + b"x" * 2**20 + b'"}'
    expected = ContractViolation if status == "200 OK" else ProviderUnavailableError
    with serving(response(body, status=status)) as url, pytest.raises(expected) as caught:
        read_accounts("sync", connection(url, "alpaca"), retries=0)
    if isinstance(caught.value, ContractViolation):
        assert caught.value.violations[0].expected == f"a body of at most {2**20} bytes"
