"""The official SDKs of the providers read the mock without an error and agree with onefolio in every field."""

from __future__ import annotations

import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import clearstreet
import pytest

from onefolio import Account, Alpaca, Balance, ClearStreet, Folio, Position, mock

with warnings.catch_warnings():
    # alpaca-py imports a deprecated part of websockets.
    warnings.simplefilter("ignore", DeprecationWarning)
    from alpaca.trading.client import TradingClient

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ACCOUNTS = 25
POSITIONS = 7


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with mock.running(accounts=ACCOUNTS, positions=POSITIONS) as served:
        yield served


@pytest.fixture(scope="module")
def folio(urls: dict[str, str]) -> Iterator[Folio]:
    alpaca = Alpaca(key_id="demo-key", secret_key="demo-secret", base_url=urls["alpaca"])
    clear_street = ClearStreet(api_key="demo-key", base_url=urls["clear_street"])
    with Folio(alpaca, clear_street) as opened:
        yield opened


@pytest.fixture(scope="module")
def trading(urls: dict[str, str]) -> TradingClient:
    return TradingClient("demo-key", "demo-secret", url_override=urls["alpaca"])


@pytest.fixture(scope="module")
def street(urls: dict[str, str]) -> Iterator[clearstreet.ClearStreet]:
    client = clearstreet.ClearStreet(
        api_key="demo-key", base_url=urls["clear_street"], max_retries=0, _strict_response_validation=False
    )
    with client:
        yield client


def is_equal(ours: Any, theirs: Any) -> bool:
    """Return whether a JSON value is equal to the value that an SDK converted it to."""
    match theirs:
        case None | bool():
            return ours is theirs
        case datetime():
            return isinstance(ours, str) and datetime.fromisoformat(ours) == theirs
        case date():
            return bool(ours == theirs.isoformat())
        case UUID():
            return bool(ours == str(theirs))
        case list():
            return len(ours) == len(theirs) and all(map(is_equal, ours, theirs))
        case dict():
            return all(is_equal(ours[name], value) for name, value in theirs.items())
        case int() | float() | Decimal():
            return Decimal(ours) == Decimal(str(theirs))
    if hasattr(theirs, "model_dump"):
        return not differences(ours, fields(theirs))
    return bool(ours == getattr(theirs, "value", theirs))


def fields(model: Any) -> dict[str, Any]:
    """Return the fields that an SDK's model was created with, including unknown ones."""
    return {**{name: getattr(model, name) for name in model.model_fields_set}, **(model.model_extra or {})}


def differences(raw: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields in which a JSON object and an SDK's model differ, with both values."""
    return {name: (raw.get(name), value) for name, value in theirs.items() if not is_equal(raw.get(name), value)}


def unexpected(row: Account | Balance | Position, expected: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the fields of a unified model that differ from `expected`, which has to contain every field."""
    compared = set(type(row).__struct_fields__) - {"provider", "connection", "raw"}
    assert compared == set(expected)
    return {name: (getattr(row, name), value) for name, value in expected.items() if getattr(row, name) != value}


def number(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def signed(value: Any, side: str) -> Decimal | None:
    """Return a figure unchanged for a long position, and as a negative number for a short one."""
    figure = number(value)
    return figure if figure is None or side.upper().startswith("LONG") else -abs(figure)


def test_alpaca_account(trading: TradingClient, folio: Folio) -> None:
    theirs: Any = trading.get_account()
    (account,) = folio.accounts("alpaca")
    assert account.raw is not None
    # The SDK drops unknown fields; the rest has to be equal.
    assert set(fields(theirs)) - account.raw.to_dict().keys() == set()
    assert not differences(account.raw.to_dict(), fields(theirs))
    flags = ("account_blocked", "trading_blocked", "transfers_blocked", "trade_suspended_by_user")
    assert not unexpected(
        account,
        {
            "id": str(theirs.id),
            "name": None,
            "number": theirs.account_number,
            "status": theirs.status.value,
            "native_status": theirs.status.value,
            "kind": None,
            "currency": theirs.currency,
            "opened": theirs.created_at.astimezone(UTC).date(),
            "closed": None,
            "holder_id": None,
            "restrictions": {flag for flag in flags if getattr(theirs, flag)},
        },
    )
    (balance,) = folio.balances(account)
    assert not unexpected(
        balance,
        {
            "account_id": str(theirs.id),
            "asset": theirs.currency,
            "network": None,
            "country": None,
            "unit": "MAJOR",
            "available": None,
            "cash": number(theirs.cash),
            "settled_cash": None,
            "equity": number(theirs.equity),
            "buying_power": number(theirs.buying_power),
            "long_market_value": number(theirs.long_market_value),
            "short_market_value": -abs(Decimal(theirs.short_market_value)),
            "initial_margin": number(theirs.initial_margin),
            "maintenance_margin": number(theirs.maintenance_margin),
        },
    )


def test_alpaca_positions(trading: TradingClient, folio: Folio) -> None:
    theirs: Any = trading.get_all_positions()
    (account,) = folio.accounts("alpaca")
    ours = list(folio.positions(account))
    assert len(ours) == len(theirs) == 2
    for position, their in zip(ours, theirs, strict=True):
        assert position.raw is not None
        assert not differences(position.raw.to_dict(), fields(their))
        assert not unexpected(
            position,
            {
                "account_id": account.id,
                "symbol": their.symbol,
                "instrument_id": str(their.asset_id),
                "instrument_type": {"us_equity": "EQUITY"}[their.asset_class.value],
                "native_instrument_type": their.asset_class.value,
                "side": their.side.value.upper(),
                "quantity": signed(their.qty, their.side.value),
                "available_quantity": number(their.qty_available),
                "average_price": number(their.avg_entry_price),
                "price": number(their.current_price),
                "cost_basis": signed(their.cost_basis, their.side.value),
                "market_value": signed(their.market_value, their.side.value),
                "unrealized_pnl": number(their.unrealized_pl),
                "unrealized_pnl_ratio": number(their.unrealized_plpc),
                "currency": position.currency,
                "option": None,
            },
        )


def pages(read: Any, *path: int) -> Iterator[Any]:
    """Yield the rows of a Clear Street listing, read by its SDK in pages of three."""
    page = read(*path, page_size=3)
    while True:
        assert page.error is None
        yield from page.data
        token = page.metadata.next_page_token
        if token is None:
            return
        page = read(*path, page_token=token)


def test_clear_street_accounts(street: clearstreet.ClearStreet, folio: Folio) -> None:
    theirs = list(pages(street.v1.accounts.get_accounts))
    ours = list(folio.accounts("clear_street"))
    assert len(ours) == len(theirs) == ACCOUNTS
    for account, their in zip(ours, theirs, strict=True):
        assert account.raw is not None
        assert fields(their).keys() == account.raw.to_dict().keys()
        assert not differences(account.raw.to_dict(), fields(their))
        assert not unexpected(
            account,
            {
                "id": str(their.id),
                "name": their.full_name,
                "number": their.short_name,
                "status": their.status,
                "native_status": their.status,
                "kind": their.subtype,
                "currency": None,
                "opened": their.open_date,
                "closed": their.close_date,
                "holder_id": str(their.account_holder_entity_id),
                "restrictions": frozenset(),
            },
        )


def test_clear_street_balances(street: clearstreet.ClearStreet, folio: Folio) -> None:
    for account in folio.accounts("clear_street"):
        their: Any = street.v1.accounts.get_account_balances(int(account.id)).data
        (balance,) = folio.balances(account)
        assert balance.raw is not None
        assert fields(their).keys() == balance.raw.to_dict().keys()
        assert not differences(balance.raw.to_dict(), fields(their))
        margin = their.margin_details
        assert not unexpected(
            balance,
            {
                "account_id": str(their.account_id),
                "asset": their.currency,
                "network": None,
                "country": None,
                "unit": "MAJOR",
                "available": number(their.withdrawable_cash),
                "cash": number(their.trade_cash),
                "settled_cash": number(their.settled_cash),
                "equity": number(their.equity),
                "buying_power": number(their.buying_power),
                "long_market_value": number(their.long_market_value),
                "short_market_value": -abs(Decimal(their.short_market_value or 0)),
                "initial_margin": number(margin and margin.initial_margin_requirement),
                "maintenance_margin": number(margin and margin.maintenance_margin_requirement),
            },
        )


def test_clear_street_positions(street: clearstreet.ClearStreet, folio: Folio) -> None:
    counts = []
    for account in folio.accounts("clear_street"):
        theirs = list(pages(street.v1.positions.get_positions, int(account.id)))
        ours = list(folio.positions(account))
        counts.append(len(ours))
        assert len(ours) == len(theirs)
        for position, their in zip(ours, theirs, strict=True):
            assert position.raw is not None
            assert fields(their).keys() == position.raw.to_dict().keys()
            assert not differences(position.raw.to_dict(), fields(their))
            percent = number(their.unrealized_pnl_pct)
            is_option = their.instrument_type == "OPTION"
            assert (position.option is not None) == is_option
            assert not unexpected(
                position,
                {
                    "account_id": str(their.account_id),
                    "symbol": their.symbol,
                    "instrument_id": their.instrument_id,
                    "instrument_type": "OPTION" if is_option else "EQUITY",
                    "native_instrument_type": their.instrument_type,
                    "side": their.position_type.partition("_")[0],
                    "quantity": signed(their.quantity, their.position_type),
                    "available_quantity": number(their.available_quantity),
                    "average_price": number(their.avg_price),
                    "price": number(their.instrument_price),
                    "cost_basis": signed(their.cost_basis, their.position_type),
                    "market_value": signed(their.market_value, their.position_type),
                    "unrealized_pnl": number(their.unrealized_pnl),
                    "unrealized_pnl_ratio": None if percent is None else percent.scaleb(-2),
                    "currency": None,
                    "option": position.option,
                },
            )
            if position.option:
                strike = position.option.strike
                assert f"{position.option.underlying}250117C{int(strike * 1000):08}" == their.symbol
    assert counts == [3, 0, *[POSITIONS] * (ACCOUNTS - 2)]
