"""Measure the time from the bytes of a response to unified objects, against official SDKs and msgspec structs."""

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
from onefolio_runtime import Response, finish

from .data import account_body, connection, position_page
from .figures import Figure, interleaved, milliseconds

with warnings.catch_warnings():
    # The SDKs use deprecated parts of other libraries.
    warnings.simplefilter("ignore")
    import clearstreet
    from alpaca.trading.models import TradeAccount
    from broker_sdk.adapters.alpaca import alpaca as luxalgo

ROWS = 1000


class _Position(msgspec.Struct):
    """A row of the spec, with exact decimals and all other values as sent."""

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
    """Measure decoding.

    Args:
        seconds: the time for each of the two comparisons.
    """
    yield from _positions(seconds)
    yield from _account(seconds)


def _positions(seconds: float) -> Iterator[Figure]:
    body = position_page(ROWS)
    ours, theirs = position_reader(body), _clear_street_reader(body)
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
    yield Figure(group, "time relative to msgspec structs", of_limit, "×", 3, "less", detail)
    share = 100 * taken["check"] / taken["onefolio"]
    yield Figure(group, "share of validation", share, "%", 20, "less", detail)


def _account(seconds: float) -> Iterator[Figure]:
    body = account_body()
    ours = _reader("alpaca", "accounts", body)
    taken = interleaved(
        {
            "onefolio": _repeat(100, ours),
            "alpaca-py": _repeat(100, lambda: TradeAccount(**json.loads(body))),
            "luxalgo": _repeat(100, lambda: luxalgo.normalize({"account": json.loads(body)})),
        },
        seconds=seconds,
    )
    detail = milliseconds(taken) + ", a hundred each"
    faster = taken["alpaca-py"] / taken["onefolio"]
    yield Figure("decode an account", "times as fast as alpaca-py", faster, "×", 3, "more", detail)
    floats = taken["luxalgo"] / taken["onefolio"]
    yield Figure(
        "decode an account", "times as fast as luxalgo, which does not validate", floats, "×", None, "more", detail
    )


def position_reader(body: bytes) -> Any:
    """Return a function that reads a page of positions like a call."""
    return _reader("clear_street", "positions", body)


def _reader(provider: str, capability: str, body: bytes) -> Any:
    """Return a function that reads a response like a call, without the network."""
    made = connection(provider)
    account = Account(provider=provider, connection=provider, id="19816")
    resource = made.accounts() if capability == "accounts" else getattr(made, capability)(account)

    def read() -> list[Any]:
        paginator: Paginator[Any] = Paginator(made, resource, DriftLog(), "strict", account.id)
        request: Any = paginator.next_request()
        return finish(paginator.feed(Response(request, status_code=200, headers={}, content=body)))

    return read


def _clear_street_reader(body: bytes) -> Any:
    """Return a function that reads a page with the official SDK, without the network."""
    headers = {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body, headers=headers))
    client = clearstreet.ClearStreet(
        api_key="demo-key", base_url="http://127.0.0.1:1", http_client=httpx.Client(transport=transport)
    )
    return lambda: list(client.v1.positions.get_positions(19816).data or [])


def _repeat(times: int, work: Any) -> Any:
    def repeated() -> None:
        for _ in range(times):
            work()

    return repeated
