"""Totals and exposure: every row is in exactly one line, and only comparable values are added."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, localcontext
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import Balance, ConfigurationError, Exposure, InstrumentType, Position, Total, Unit, exposure, totals
from onefolio._models.option_symbols import parse_option_symbol
from onefolio.analysis.exposure import ExposureBy
from onefolio.analysis.totals import FIGURES, TotalsBy

MONEY = st.none() | st.decimals(-(10**30), 10**30, places=12)
RATES = {"EUR": Decimal("1.0837465520192837465"), "JPY": Decimal("0.00671234567")}
OWNERS: dict[str, Any] = {
    "provider": st.sampled_from(["north", "south"]),
    "connection": st.sampled_from(["north", "south", "second"]),
    "account_id": st.sampled_from("12"),
}
CURRENCY = st.none() | st.sampled_from(["USD", "EUR", "JPY"])
BALANCES = st.lists(
    st.builds(
        Balance,
        **OWNERS,
        asset=CURRENCY,
        unit=st.sampled_from(Unit),
        **dict.fromkeys(("cash", "equity", "available"), MONEY),
    )
)
CALL, PADDED = "AAPL250117C00190000", "AAPL  250117C00190000"


@st.composite
def _positions(draw: st.DrawFn) -> Position:
    symbol = draw(st.none() | st.sampled_from(["AAPL", "BTC/USD", "BTCUSD", CALL, PADDED]))
    return draw(
        st.builds(
            Position,
            **OWNERS,
            symbol=st.just(symbol),
            option=st.just(parse_option_symbol(symbol or "")),
            instrument_type=st.sampled_from(InstrumentType),
            native_instrument_type=st.sampled_from(["bond", "fund"]),
            quantity=MONEY,
            market_value=MONEY,
            currency=CURRENCY,
        )
    )


POSITIONS = st.lists(_positions())


def exact(values: Iterable[Decimal]) -> Decimal:
    with localcontext(prec=400):
        return sum(values, Decimal())


def in_dollars(value: Decimal, asset: str | None) -> Decimal:
    with localcontext(prec=400):
        return value * RATES.get(asset or "", Decimal(1))


@given(BALANCES, st.sampled_from(get_args(TotalsBy)), st.booleans())
def test_every_balance_is_in_exactly_one_total(balances: list[Balance], by: TotalsBy, convert: bool) -> None:
    options: dict[str, Any] = {"rates": RATES, "into": "USD"} if convert else {}
    lines = totals(balances, by=by, **options)
    assert sum(line.balances for line in lines) == len(balances)
    assert [line.alone for line in lines if line.alone] == [
        each for each in balances if each.unit is Unit.AS_SENT or each.asset is None
    ]
    for name in FIGURES:
        assert sum(line.unstated[name] for line in lines) == sum(getattr(each, name) is None for each in balances)
    added = [each for each in balances if each.unit is Unit.MAJOR and each.asset is not None]
    lines = [line for line in lines if line.alone is None]
    for asset in {line.asset for line in lines}:
        of = [each for each in added if (convert and each.asset in RATES and asset == "USD") or each.asset == asset]
        values = [
            each.cash if not convert else in_dollars(each.cash, each.asset) for each in of if each.cash is not None
        ]
        assert exact(line.figures["cash"] or Decimal() for line in lines if line.asset == asset) == exact(values)
    keys = Counter((line.provider, line.connection, line.account_id, line.asset) for line in lines)
    assert set(keys.values()) <= {1}
    assert lines == sorted(
        lines, key=lambda line: (line.provider or "", line.connection or "", line.account_id or "", line.asset or "")
    )


@given(POSITIONS, st.sampled_from(get_args(ExposureBy)), st.booleans(), st.booleans())
def test_every_position_is_in_exactly_one_exposure(
    positions: list[Position], by: ExposureBy, convert: bool, say: bool
) -> None:
    currencies = {"north": "USD", "second": "EUR"} if say else {}

    def currency(each: Position) -> str | None:
        return each.currency or currencies.get(each.connection) or currencies.get(each.provider)

    options: dict[str, Any] = {"rates": RATES, "into": "USD"} if convert else {}
    lines = exposure(positions, by=by, currencies=currencies, **options)
    assert sum(line.positions for line in lines) == len(positions)
    alone = [each for each in positions if currency(each) is None or (by == "instrument" and each.symbol is None)]
    assert [line.alone for line in lines if line.alone] == alone
    unvalued = sum(each.market_value is None for each in positions)
    assert {sum(line.unstated[name] for line in lines) for name in ("long", "short", "net", "gross")} == {unvalued}
    assert sum(line.unstated["quantity"] for line in lines) == sum(each.quantity is None for each in positions)
    for line in lines:
        check_figures(line)
    sums = [line for line in lines if line.alone is None]
    for code in {line.currency for line in sums}:
        values = [
            in_dollars(each.market_value, currency(each)) if convert else each.market_value
            for each in positions
            if each not in alone
            and each.market_value is not None
            and (currency(each) == code or (convert and code == "USD" and currency(each) in RATES))
        ]
        assert exact(line.figures["net"] or Decimal() for line in sums if line.currency == code) == exact(values)
        assert exact(line.figures["gross"] or Decimal() for line in sums if line.currency == code) == exact(
            map(abs_, values)
        )


def abs_(value: Decimal) -> Decimal:
    return value.copy_abs()


def check_figures(line: Exposure) -> None:
    figures = line.figures
    values = [figures[name] for name in ("long", "short", "net", "gross")]
    if line.unstated["net"] == line.positions:
        assert values == [None] * 4
        return
    long, short, net, gross = (exact([value]) for value in values if value is not None)
    assert long >= 0 >= short
    assert (net, gross) == (exact([long, short]), exact([long, abs_(short)]))


@pytest.mark.parametrize("by", ["instrument", "provider", "instrument_type"])
def test_spaces_in_option_symbols_are_ignored_and_other_symbols_are_distinct(by: ExposureBy) -> None:
    def position(symbol: str, kind: InstrumentType, provider: str) -> Position:
        return Position(
            provider=provider,
            connection=provider,
            account_id="1",
            symbol=symbol,
            option=parse_option_symbol(symbol),
            instrument_type=kind,
            currency="USD",
            quantity=Decimal(2),
            market_value=Decimal("-3.10"),
        )

    held = [
        position(CALL, InstrumentType.OPTION, "north"),
        position(PADDED, InstrumentType.OPTION, "south"),
        position("BTC/USD", InstrumentType.CRYPTO, "north"),
        position("BTCUSD", InstrumentType.CRYPTO, "south"),
        position("BTCUSD", InstrumentType.EQUITY, "south"),
    ]
    found = [
        (line.symbol, line.positions, line.figures["quantity"], line.figures["short"]) for line in exposure(held, by=by)
    ]
    two, four = Decimal("-6.20"), Decimal(4)
    assert (
        found
        == {
            "instrument": [
                (CALL, 2, four, two),
                ("BTC/USD", 1, Decimal(2), Decimal("-3.10")),
                ("BTCUSD", 1, Decimal(2), Decimal("-3.10")),
                ("BTCUSD", 1, Decimal(2), Decimal("-3.10")),
            ],
            "provider": [(None, 2, None, two), (None, 3, None, Decimal("-9.30"))],
            "instrument_type": [(None, 2, None, two), (None, 1, Decimal(2), Decimal("-3.10")), (None, 2, four, two)],
        }[by]
    )


def test_unknown_types_are_distinguished_by_the_native_type() -> None:
    def position(native: str) -> Position:
        return Position(
            provider="north",
            connection="north",
            account_id="1",
            symbol="X",
            native_instrument_type=native,
            currency="USD",
        )

    assert [line.positions for line in exposure(map(position, ["bond", "fund", "bond"]))] == [2, 1]


def test_a_stated_currency_precedes_the_connections_and_this_the_providers() -> None:
    def position(connection: str, currency: str | None = None) -> Position:
        return Position(
            provider="north",
            connection=connection,
            account_id="1",
            symbol="X",
            currency=currency,
            market_value=Decimal(1),
        )

    lines = exposure(
        [position("north"), position("second"), position("second", "JPY")],
        by="connection",
        currencies={"north": "USD", "second": "EUR"},
    )
    assert [(line.connection, line.currency) for line in lines] == [
        ("north", "USD"),
        ("second", "EUR"),
        ("second", "JPY"),
    ]


BALANCE = Balance(provider="north", connection="north", account_id="1", asset="EUR", cash=Decimal("1.10"))


def test_a_conversion_is_exact_and_lists_the_converted_assets() -> None:
    dollars = Balance(provider="south", connection="south", account_id="1", asset="USD", cash=Decimal("0.01"))
    yen = Balance(provider="south", connection="south", account_id="1", asset="JPY", cash=Decimal(7))
    tiny = Decimal("1.00000000000000000000000000000000000001")
    (own, converted) = totals([BALANCE, dollars, yen], rates={"EUR": tiny}, into="USD")
    assert (own.asset, own.figures["cash"], own.converted) == ("JPY", Decimal(7), ())
    assert (converted.asset, converted.converted, converted.balances) == ("USD", ("EUR",), 2)
    assert converted.figures["cash"] == Decimal("1.110000000000000000000000000000000000011")


WRONG_RATES: list[Any] = [
    1.08,
    1,
    "1.08",
    True,
    None,
    Decimal(0),
    Decimal("-1"),
    Decimal("NaN"),
    Decimal("sNaN"),
    Decimal("Infinity"),
    Decimal("1E+99999"),
    Decimal("1E-99999"),
    Decimal("1E+38"),
]


@pytest.mark.parametrize("rate", WRONG_RATES, ids=repr)
def test_an_invalid_rate_is_rejected(rate: Any) -> None:
    for function in (totals, exposure):
        with pytest.raises(ConfigurationError, match="EUR"):
            function([], rates={"EUR": rate}, into="USD")


@pytest.mark.parametrize(
    "options",
    [
        {"by": "moon"},
        {"rates": RATES},
        {"into": "USD"},
        {"rates": {}, "into": ""},
        {"rates": {"USD": Decimal("1.01")}, "into": "USD"},
    ],
    ids=repr,
)
def test_invalid_options_are_rejected(options: dict[str, Any]) -> None:
    for function in (totals, exposure):
        with pytest.raises(ConfigurationError):
            function([], **options)


@pytest.mark.parametrize("currency", ["", None, 5])
def test_an_invalid_currency_is_rejected(currency: Any) -> None:
    with pytest.raises(ConfigurationError, match="north"):
        exposure([], currencies={"north": currency})


def test_no_rows_have_no_totals_and_missing_values_are_counted() -> None:
    nothing: list[Any] = []
    assert (totals(nothing), exposure(nothing)) == ([], [])
    (line,) = totals([BALANCE])
    assert isinstance(line, Total)
    assert line.unstated["equity"] == 1
    assert line.figures["equity"] is None
