"""Each fault of a provider is one finding, and the ledger contains neither values nor keys."""

from __future__ import annotations

import copy
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from onefolio._core.errors import ConfigurationError
from onefolio.watch.canaries import BASELINE
from onefolio.watch.exchanges import ResponseFields, read_request
from onefolio.watch.ledger import Ledger
from onefolio.watch.recorder import Recorder
from onefolio.watch.report import make_report
from tests.scripted import example

KEY, OTHER_KEY = "k3y-of-a-person", "another-key"
POSITIONS = ("alpaca", "/v2/positions", "/v2/positions")
ACCOUNT = ("alpaca", "/v2/account", "/v2/account")
HELD = ("clear_street", "/v1/accounts/{account_id}/positions", "/v1/accounts/19816/positions")
ACCOUNTS = ("clear_street", "/v1/accounts", "/v1/accounts")
JSON = ResponseFields(content_type="application/json")


class Traffic:
    """Records exchanges with a provider."""

    def __init__(self, folder: Path, provider: str) -> None:
        self.folder = folder
        self.at = 1_000_000.0
        self.recorder = Recorder(provider, folder / "ledger")

    def send(
        self,
        path: str,
        body: Any,
        *,
        status: int = 200,
        key: str = KEY,
        fields: ResponseFields = JSON,
        state: str = "complete",
        method: str = "GET",
    ) -> None:
        """Record an exchange."""
        self.at += 1
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {"apca-api-key-id": "", "authorization": "Bearer "}
        asked = read_request(method, path, [("apca-api-key-id", key), ("x-api-key", key)], names)
        self.recorder.record(asked.exchange(self.at, status, fields, content, state))

    def findings(self) -> list[tuple[str, ...]]:
        """Return the findings in the ledger: kind, operation, status, place and detail."""
        self.recorder.write()
        report = make_report(Ledger(self.folder / "ledger"))
        report.to_html()
        assert not any(connection.unchecked.get("fault of the check") for connection in report.connections)
        return [(each.kind, each.operation, each.status, each.place, each.detail) for each in report.findings]

    def content(self) -> bytes:
        """Return the bytes of all files."""
        return b"".join(path.read_bytes() for path in self.folder.iterdir())


def rows_of(body: Any) -> list[dict[str, Any]]:
    rows = body["data"] if isinstance(body, dict) and "data" in body else body
    return rows if isinstance(rows, list) else [rows]


def setting(**fields: Any) -> Callable[[Any], Any]:
    """Return a function that sets fields of all rows; the value `...` removes one."""

    def change(body: Any) -> Any:
        for row in rows_of(body):
            for name, value in fields.items():
                row[name] = value
            for name in [name for name, value in row.items() if value is ...]:
                del row[name]
        return body

    return change


def at_top(**fields: Any) -> Callable[[Any], Any]:
    return lambda body: body | fields


SECRET = "Zx81-private"
CODING = "a body in another coding than Content-Encoding states"
AT = "GET /v2/positions"
CASES: dict[str, tuple[tuple[str, str, str], Callable[[Any], Any], list[tuple[str, ...]]]] = {
    "unchanged": (POSITIONS, lambda body: body, []),
    "new field": (POSITIONS, setting(born="1980-02-03"), [("undocumented field", AT, "200", "/*/born", "")]),
    "new object": (
        POSITIONS,
        setting(more={"AAPL": SECRET, "deep": [{"a": SECRET}]}),
        [("undocumented field", AT, "200", "/*/more", "")],
    ),
    "identifier as a name": (POSITIONS, setting(**{"98765": 1}), [("undocumented field", AT, "200", "/*/{…}", "")]),
    "key as a name": (POSITIONS, setting(**{KEY: 1}), [("undocumented field", AT, "200", "/*/{…}", "")]),
    "markup as a name": (POSITIONS, setting(**{"<b>\x1b": 1}), [("undocumented field", AT, "200", "/*/{…}", "")]),
    "new value": (POSITIONS, setting(side="flat"), [("unknown value", AT, "200", "/*/side", "flat")]),
    "key as a value": (POSITIONS, setting(side=KEY), [("unknown value", AT, "200", "/*/side", "(string)")]),
    "number as a value": (
        POSITIONS,
        setting(side="98765"),
        [("unknown value", AT, "200", "/*/side", "(string, integer)")],
    ),
    "read field missing": (
        POSITIONS,
        setting(qty=...),
        [("contract violation", AT, "200", "/*/qty", "the field is missing")],
    ),
    "read field broken, new field and new value": (
        POSITIONS,
        setting(qty=[SECRET], side="flat", born=1),
        [
            ("contract violation", AT, "200", "/*/qty", "expected string, got a list"),
            ("undocumented field", AT, "200", "/*/born", ""),
            ("unknown value", AT, "200", "/*/side", "flat"),
        ],
    ),
    "unread field missing": (
        POSITIONS,
        setting(exchange=...),
        [("missing field", AT, "200", "/*/exchange", "the field is missing")],
    ),
    "unread field broken": (
        POSITIONS,
        setting(exchange={"a": SECRET}),
        [("invalid value", AT, "200", "/*/exchange", "expected string, got an object")],
    ),
    "envelope broken": (
        HELD,
        at_top(metadata=[]),
        [
            (
                "contract violation",
                "GET /v1/accounts/{account_id}/positions",
                "200",
                "/metadata",
                "expected object, got a list",
            )
        ],
    ),
    "error inside a success": (
        ACCOUNTS,
        lambda body: {"error": {"code": 500, "message": SECRET}, "metadata": body["metadata"]},
        [("error in body", "GET /v1/accounts", "200", "", "")],
    ),
    "rows of another account": (
        HELD,
        setting(account_id=55555),
        [("another account", "GET /v1/accounts/{account_id}/positions", "200", "/account_id", "")],
    ),
    "negative quantity of a long position": (
        POSITIONS,
        lambda body: [body[0] | {"side": "long", "qty": "-4.25"}],
        [
            (
                "contract violation",
                AT,
                "200",
                "/*/qty",
                "expected a quantity that is not negative, the position is said to be long",
            )
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_is_one_finding(name: str, tmp_path: Path) -> None:
    (provider, template, path), change, expected = CASES[name]
    body = change(copy.deepcopy(example(provider, template)))
    traffic = Traffic(tmp_path, provider)
    for _ in range(3):
        traffic.send(path, body)
    assert traffic.findings() == expected
    content = traffic.content()
    for private in (KEY, SECRET, "1980-02-03", "98765", "55555", "19816", "AAPL", "4.25", "PALPACA"):
        assert private.encode() not in content, private


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"status": 410}, ("undocumented status", AT, "410", "", "")),
        ({"status": 302}, ("undocumented status", AT, "302", "", "")),
        ({"status": 503, "body": b"<html>"}, ("error status", AT, "503", "", "")),
        ({"body": b"<html>"}, ("contract violation", AT, "200", "", "no JSON")),
        ({"body": b'[{"a":1,"a":2}]'}, ("contract violation", AT, "200", "", "no JSON")),
        ({"body": b""}, ("contract violation", AT, "200", "", "an empty body")),
        ({"body": b"[", "state": "cut off"}, ("failed response", AT, "200", "", "the body is cut off")),
        ({"status": 0, "state": "no response"}, ("failed response", AT, "", "", "no response")),
        ({"fields": ResponseFields("gzip", "application/json")}, ("contract violation", AT, "200", "", CODING)),
        ({"fields": ResponseFields("", "text/html; charset=x")}, ("content type", AT, "200", "", "text/html")),
        ({"method": "DELETE"}, ("undocumented operation", "DELETE /v2/positions", "", "", "")),
        ({"path": "/v2/orders/61e69015?x=secret"}, ("undocumented operation", "GET /v2/orders/{}", "", "", "")),
        ({"path": "/v2/aapl/jane.doe/positions"}, ("undocumented operation", "GET /v2/{}/{}/positions", "", "", "")),
    ],
)  # fmt: skip
def test_a_failure_is_one_finding(arguments: dict[str, Any], expected: tuple[str, ...], tmp_path: Path) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    traffic.send(**{"path": "/v2/positions", "body": [], **arguments})
    assert traffic.findings() == [expected]


def test_compressed_bodies_are_checked_and_unknown_codings_are_counted(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    body = json.dumps([{**example("alpaca", "/v2/positions")[0], "born": 1}]).encode()
    traffic.send("/v2/positions", gzip.compress(body), fields=ResponseFields("gzip", "application/json"))
    traffic.send("/v2/positions", body, fields=ResponseFields("br", "application/json"))
    assert [each[3] for each in traffic.findings()] == ["/*/born"]
    assert Ledger(tmp_path / "ledger").unchecked() == {("alpaca", "content coding"): 1}


def test_a_share_of_null_that_jumps_is_found_once_and_a_usual_one_is_not(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    full = example("alpaca", "/v2/positions")
    null = setting(current_price=None)(copy.deepcopy(full))
    for _ in range(BASELINE):
        traffic.send("/v2/positions", full)
        traffic.send("/v2/positions", null, key=OTHER_KEY)
    for _ in range(5):
        traffic.send("/v2/positions", null)
        traffic.send("/v2/positions", null, key=OTHER_KEY)
    assert traffic.findings() == [("null share", AT, "200", "/*/current_price", "")]
    (finding,) = make_report(Ledger(tmp_path / "ledger")).findings
    assert [each.count for each in finding.keys] == [3], "the first two are no streak yet"


@pytest.mark.parametrize(
    ("value", "seconds", "expected"),
    [
        ("1000.5", 1, [("empty positions", AT, "200", "", "")]),
        ("0", 1, []),
        ("1000.5", 1000, []),
    ],
)
def test_positions_that_become_empty_while_market_value_stays_are_found(
    value: str, seconds: float, expected: list[tuple[str, ...]], tmp_path: Path
) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    account = example("alpaca", "/v2/account") | {"long_market_value": value, "short_market_value": "0"}
    traffic.send("/v2/positions", example("alpaca", "/v2/positions"))
    traffic.send("/v2/account", account)
    traffic.at += seconds
    traffic.send("/v2/positions", [])
    assert traffic.findings() == expected
    assert b"1000.5" not in traffic.content()
    traffic.send("/v2/account", account)
    assert len(traffic.findings()) == (value != "0"), "a balance that is read later confirms it"


def test_names_without_end_have_a_bound(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    row = example("alpaca", "/v2/positions")[0]
    for start in range(0, 1_000, 100):
        new = {f"a_{chr(97 + n // 26)}{chr(97 + n % 26)}_{chr(97 + start // 100)}": n for n in range(100)}
        traffic.send("/v2/positions", [row | new | {"side": "".join(sorted(new)[0])}])
    found = traffic.findings()
    assert (len(found) <= 212, ("undocumented field", AT, "200", "(more)", "(more)") in found) == (True, True)


def test_counts_wait_for_a_ledger_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "write", raise_error)
        for _ in range(3):
            traffic.send("/v2/positions", [], status=410)
            traffic.recorder.write()
    traffic.send("/v2/positions", [], status=410)
    assert traffic.findings() == [("undocumented status", AT, "410", "", "")]
    assert make_report(Ledger(tmp_path / "ledger")).findings[0].count == 4


def raise_error(*_: object) -> None:
    raise ConfigurationError("the disk is full")


def test_a_fault_of_the_check_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traffic = Traffic(tmp_path, "alpaca")
    monkeypatch.setattr(type(traffic.recorder._inspector), "inspect", lambda *_: 1 / 0)
    traffic.send("/v2/positions", [])
    traffic.recorder.write()
    assert Ledger(tmp_path / "ledger").unchecked() == {("alpaca", "fault of the check"): 1}
