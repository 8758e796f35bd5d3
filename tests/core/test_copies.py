"""Errors, models and reports can be copied and pickled completely, and have a short `repr`. Keys refuse."""

import copy
import multiprocessing
import pickle
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

import attrs
import httpx
import pytest

from onefolio import (
    Account,
    AsyncFolio,
    AuthenticationError,
    ContractViolation,
    Folio,
    NotFoundError,
    OnefolioError,
    ProviderError,
    RateLimitedError,
    Snapshot,
    mock,
    to_jsonable,
)
from onefolio.contract.report import DriftFound
from onefolio.contract.report import Report as ContractReport
from onefolio.drift import Change, Comparison, Level, Place
from onefolio.drift.news import News, NewsItem
from onefolio.providers.registry import known
from onefolio.reconciliation import compare
from onefolio.watch.report import ConnectionCount
from onefolio.watch.report import Report as WatchReport
from onefolio_clients.alpaca import Client, Credentials, operations
from onefolio_clients.alpaca.models import Position as RawPosition
from onefolio_runtime import ContractError, StatusError, Violation
from tests.scripted import Script, connect, example

Copy = Callable[[Any], Any]


def through_pickle(value: Any, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


COPIES: list[Copy] = [
    copy.copy,
    copy.deepcopy,
    *(partial(through_pickle, protocol=each) for each in range(2, pickle.HIGHEST_PROTOCOL + 1)),
]


class ForeignError(NotFoundError):
    """An error of an adapter in another package, with arguments of its own."""

    def __init__(self, left: int) -> None:
        super().__init__("gone", provider="p", connection="c", operation="o", status_code=404)
        self.left = left


def error_types(kind: type[OnefolioError]) -> Iterator[type[OnefolioError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from error_types(each)


def errors() -> Iterator[Exception]:
    facts: Any = {"provider": "p", "connection": "c", "operation": "o", "status_code": 429, "request_id": "r\u202e"}
    for kind in error_types(OnefolioError):
        if kind is ForeignError:
            yield ForeignError(3)
        else:
            yield kind("m\n", **facts, code="x", body="b") if issubclass(kind, ProviderError) else kind("m\n")
    limited = RateLimitedError("m", **facts)
    limited.retry_after = 1.5
    limited.add_note("read at night")
    violation = ContractViolation("m", **facts)
    violation.violations, violation.is_misdirected = (Violation("/a", "b", "c"),), True
    yield from (limited, violation, ContractError([Violation("/a", "b", "c"), Violation("", "b", "c")]))


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_an_error_has_its_type_message_and_attributes(copied: Copy) -> None:
    for error in errors():
        twin: Exception = copied(error)
        assert type(twin) is type(error)
        assert (str(twin), twin.args, vars(twin)) == (str(error), error.args, vars(error))


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_a_status_error_has_a_usable_response(copied: Copy, mock_url: str) -> None:
    with Client(Credentials(key_id="x", secret_key="y"), mock_url) as client:
        error = StatusError(client.send(operations.get_account()))
    twin = copied(error)
    assert str(twin) == str(error)
    assert twin.response.error() == error.response.error() is not None
    assert twin.response.headers["Content-Type"] == "application/json"


@pytest.fixture(scope="module")
def mock_url() -> Iterator[str]:
    with mock.running() as urls:
        yield urls["alpaca"]


def serve(request: httpx.Request) -> httpx.Response:
    """Serve positions with a defect in a field that no model uses, a row that is quarantined, and a wrong key."""
    if "positions" not in request.url.path:
        return httpx.Response(401, json={"code": 40110000, "message": "request is not authorized"})
    row = example("alpaca", "/v2/positions")[0]
    changes: list[dict[str, Any]] = [{"lastday_price": "x"}, {"asset_id": row["asset_id"][:-1] + "7", "qty": "x"}]
    return httpx.Response(200, json=[{**row, **each} for each in changes])


def with_defects(snapshot: Snapshot) -> Snapshot:
    """Return a snapshot that also has a row with a defect, a quarantined row, and a wrong key."""
    failures = list(snapshot.failures)
    with Folio(connect("alpaca"), http=Script(serve).transport, contract="quarantine", on_failure=failures.append) as f:
        positions = list(f.positions(Account(provider="alpaca", connection="alpaca", id="1")))
        failures += f.snapshot().failures
    assert [type(each.error) for each in failures[1:]] == [ContractViolation, AuthenticationError]
    return attrs.evolve(snapshot, positions=snapshot.positions + positions, failures=failures)


@pytest.mark.parametrize("copied", COPIES)
def test_a_copy_of_a_snapshot_has_all_of_it(copied: Copy, snapshot: Snapshot) -> None:
    taken = with_defects(snapshot)
    twin = copied(taken)
    assert to_jsonable(twin) == to_jsonable(taken)
    assert repr(twin) == repr(taken)
    assert [each.raw for each in twin.positions] == [each.raw for each in taken.positions]
    assert [vars(each.error) for each in twin.failures] == [vars(each.error) for each in taken.failures]
    with pytest.raises(ContractViolation, match="/0/lastday_price"):
        _ = twin.positions[-1].raw.lastday_price


PLACES = tuple(Place(f"GET /{number}", "response 200 /data", "/a", "/a") for number in range(1000))
CHANGE = Change(Level.RISKY, "rule", "title", "detail", ("GET /a",), "place", "/a", "/a", places=PLACES)
DRIFT = DriftFound("GET /a", "/a", "unknown value", "'x'", 1)
LARGE: dict[str, Callable[[Snapshot], Any]] = {
    "snapshot": lambda snapshot: snapshot,
    "failure": lambda snapshot: snapshot.failures[0],
    "frames": Snapshot.to_arrow,
    "reconciliation": lambda snapshot: compare(snapshot, attrs.evolve(snapshot, positions=[])),
    "drift": lambda _: Comparison("a 1", "a 2", 3, ("GET /b",) * 1000, ("alpaca",), (CHANGE,) * 1000),
    "change": lambda _: CHANGE,
    "news": lambda _: News("alpaca", "a 1", "a 2", items=(NewsItem(CHANGE, PLACES),) * 900),
    "contract tests": lambda _: ContractReport("p", "u", "ci", 1, 0.5, {"GET /a": {"x": 1}}, drifts=(DRIFT,) * 1000),
    "watch": lambda _: WatchReport("ledger", None, (ConnectionCount("c", "p", 1, 1, {}),) * 1000, ()),
    "raw": lambda _: RawPosition.view({"s": "x" * 9999, **{str(n): n for n in range(999)}}),
}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_object_has_a_repr_of_one_line_and_can_be_copied(name: str, snapshot: Snapshot) -> None:
    many = attrs.evolve(
        snapshot,
        positions=snapshot.positions * 200,
        failures=[attrs.evolve(snapshot.failures[0], row={"rows": ["x"] * 9999})] * 300,
    )
    value = LARGE[name](many)
    assert len(repr(value)) < 3000
    assert repr(value).isprintable()
    if name != "raw":
        assert re.search(r"00 items>|1 fields>", repr(value))
    for copied in COPIES:
        assert repr(copied(value)) == repr(value)


def read_accounts(_: int) -> None:
    with Folio(connect("alpaca"), http=Script(serve).transport) as folio:
        list(folio.accounts())


def test_a_wrong_key_in_a_process_pool_is_an_authentication_error() -> None:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        error = pool.submit(read_accounts, 1).exception()
    assert isinstance(error, AuthenticationError)
    assert (error.status_code, error.code, error.connection) == (401, "40110000", "alpaca")


@pytest.mark.parametrize("copied", COPIES)
def test_nothing_that_holds_keys_can_be_copied(copied: Copy) -> None:
    for connection in (connect(provider) for provider in known()):
        with Folio(connection) as folio:
            for each in (connection, folio, AsyncFolio(connection)):
                with pytest.raises(TypeError, match=r"cannot be copied or pickled, because .* keys. Create "):
                    copied(each)
