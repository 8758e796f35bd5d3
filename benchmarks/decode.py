"""From the bytes of an answer to unified objects, against the official SDKs and against plain typed structs."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import msgspec

from onefolio import Account
from onefolio._reading.drift_log import DriftLog
from onefolio._reading.paginator import Paginator
from onefolio_runtime import Response

from .data import account_body, connection, position_page
from .figures import Figure, interleaved, milliseconds

with warnings.catch_warnings():
    # They import parts of other libraries that are on their way out.
    warnings.simplefilter("ignore")
    import clearstreet
    from alpaca.trading.models import TradeAccount
    from broker_sdk.adapters.alpaca import alpaca as luxalgo

ROWS = 1000


class _Position(msgspec.Struct):
    """A row as the spec has it; decimals exact, the rest as on the wire."""

    account_id: int
    instrument_id: str
    instrument_type: str
    symbol: str
    position_type: str
    quantity: Decimal
    available_quantity: Decimal
    market_value: Decimal
    underlying_instrument_id: str | None = None
    underlying_instrument_type: str | None = None
    cost_basis: Decimal | None = None
    avg_price: Decimal | None = None
    instrument_price: Decimal | None = None
    closing_price: Decimal | None = None
    closing_price_date: str | None = None
    unrealized_pnl: Decimal | None = None
    unrealized_pnl_pct: Decimal | None = None
    daily_realized_pnl: Decimal | None = None
    daily_unrealized_pnl: Decimal | None = None
    daily_unrealized_pnl_pct: Decimal | None = None


class _Page(msgspec.Struct):
    data: list[_Position]


def figures(*, seconds: float) -> Iterator[Figure]:
    """Measure decoding; `seconds` for each of the two comparisons."""
    yield from _positions(seconds)
    yield from _account(seconds)


def _positions(seconds: float) -> Iterator[Figure]:
    body = position_page(ROWS)
    ours, theirs = position_reader(body), _clear_street(body)
    structs = msgspec.json.Decoder(_Page)
    page = json.loads(body)
    contract = connection("clear_street").contract
    assert len(ours()) == len(structs.decode(body).data) == len(theirs()) == ROWS

    def check() -> None:
        assert contract.check("PositionPage", page) == ((), ())

    taken = interleaved(
        {
            "onefolio": ours,
            "clearstreet": theirs,
            "msgspec": lambda: structs.decode(body),
            "check": check,
        },
        seconds=seconds,
    )
    group, detail = "decode positions", milliseconds(taken) + f", {ROWS:,} each"
    faster, of_limit = taken["clearstreet"] / taken["onefolio"], taken["onefolio"] / taken["msgspec"]
    yield Figure(group, "times as fast as clearstreet", faster, "×", 10, "more", detail)
    yield Figure(group, "of msgspec into typed structs", of_limit, "×", 3, "less", detail)
    share = 100 * taken["check"] / taken["onefolio"]
    yield Figure(group, "share of the contract check", share, "%", 20, "less", detail)


def _account(seconds: float) -> Iterator[Figure]:
    body = account_body()
    ours = _reader("alpaca", "accounts", body)
    taken = interleaved(
        {
            "onefolio": _times(100, ours),
            "alpaca-py": _times(100, lambda: TradeAccount(**json.loads(body))),
            "luxalgo": _times(100, lambda: luxalgo.normalize({"account": json.loads(body)})),
        },
        seconds=seconds,
    )
    detail = milliseconds(taken) + ", a hundred each"
    faster = taken["alpaca-py"] / taken["onefolio"]
    yield Figure("decode an account", "times as fast as alpaca-py", faster, "×", 3, "more", detail)
    floats = taken["luxalgo"] / taken["onefolio"]
    yield Figure(
        "decode an account", "times as fast as luxalgo, which checks nothing", floats, "×", None, "more", detail
    )


def position_reader(body: bytes) -> Any:
    """Return what reads a page of positions as a call does."""
    return _reader("clear_street", "positions", body)


def _reader(provider: str, what: str, body: bytes) -> Any:
    """Return what reads an answer as a call does: all but the network."""
    made = connection(provider)
    account = Account(provider=provider, connection=provider, id="19816")
    reading = made.accounts() if what == "accounts" else getattr(made, what)(account)

    def read() -> list[Any]:
        listing: Paginator[Any] = Paginator(made, reading, DriftLog(), "strict", account.id)
        request: Any = listing.next_request()
        return listing.feed(Response(request, status_code=200, headers={}, content=body))

    return read


def _clear_street(body: bytes) -> Any:
    """Return what reads a page with the official SDK, all but the network."""
    headers = {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body, headers=headers))
    client = clearstreet.ClearStreet(
        api_key="demo-key", base_url="http://127.0.0.1:1", http_client=httpx.Client(transport=transport)
    )
    return lambda: list(client.v1.positions.get_positions(19816).data or [])


def _times(times: int, work: Any) -> Any:
    def repeated() -> None:
        for _ in range(times):
            work()

    return repeated
