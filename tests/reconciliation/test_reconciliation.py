"""Reconciliation: every difference is a break, and rows that could not be read have not vanished."""

import csv
import io
import json
import os
from collections import Counter
from datetime import UTC, datetime
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onefolio import (
    Account,
    Balance,
    ComparisonError,
    Failure,
    Position,
    ProviderUnavailableError,
    Snapshot,
    open_store,
)
from onefolio._models.jsonable import to_jsonable
from onefolio.reconciliation import Books, Break, BreakKind, Reconciliation, compare

EXACT = st.decimals(min_value=0, max_value=10**20, places=30)
FIGURES = st.none() | st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-1000, max_value=1000)


def position(symbol: str = "AAPL", quantity: str | Decimal | None = "3", **fields: Any) -> Position:
    stated: dict[str, Any] = {"provider": "alpaca", "connection": "main", "account_id": "A1", "instrument_id": symbol}
    stated |= {"symbol": symbol, "quantity": None if quantity is None else Decimal(quantity)}
    return Position(**stated | fields)


def balance(asset: str = "USD", cash: str | None = "10", **fields: Any) -> Balance:
    stated: dict[str, Any] = {"provider": "alpaca", "connection": "main", "account_id": "A1", "asset": asset}
    return Balance(**stated | {"cash": None if cash is None else Decimal(cash)} | fields)


def snapshot(*rows: Position | Balance, failures: list[Failure] | None = None) -> Snapshot:
    return Snapshot(
        accounts=[Account(provider="alpaca", connection="main", id="A1")],
        balances=[row for row in rows if isinstance(row, Balance)],
        positions=[row for row in rows if isinstance(row, Position)],
        failures=failures or [],
        taken_at=datetime(2026, 11, 20, tzinfo=UTC),
    )


def failure(operation: str, account_id: str | None = "A1", connection: str = "main") -> Failure:
    error = ProviderUnavailableError("no answer", provider="alpaca", connection=connection, operation="getPositions")
    return Failure(connection=connection, operation=operation, account_id=account_id, error=error)


def breaks_of(found: Reconciliation) -> list[tuple[Any, ...]]:
    return [(each.kind, each.what, each.field, each.a, each.b, each.difference) for each in found.breaks]


def test_rows_appear_vanish_and_change() -> None:
    a = snapshot(position("AAPL", "3"), position("TSLA", "-4"), balance("USD", "10"))
    b = snapshot(position("AAPL", "5.50"), position("MSFT", "1"), balance("USD", "10.00"), balance("EUR", "2"))
    found = compare(a, b)
    assert breaks_of(found) == [
        (BreakKind.CHANGED, "AAPL", "quantity", Decimal(3), Decimal("5.50"), Decimal("2.50")),
        (BreakKind.VANISHED, "TSLA", "quantity", Decimal(-4), None, None),
        (BreakKind.APPEARED, "MSFT", "quantity", None, Decimal(1), None),
        (BreakKind.APPEARED, "EUR", "cash", None, Decimal(2), None),
    ]
    assert found.compared == {"positions": 1, "balances": 1}
    assert found.summary() == "1 position, 1 balance on both sides; 2 appeared, 1 vanished, 1 changed"


rows = st.lists(
    st.builds(
        position,
        st.sampled_from(["AAPL", "TSLA", "MSFT"]),
        FIGURES,
        account_id=st.sampled_from(["A1", "A2"]),
        market_value=FIGURES,
    ),
    max_size=8,
)


@given(rows)
def test_a_snapshot_has_no_break_with_itself_in_any_order(some: list[Position]) -> None:
    assert not compare(snapshot(*some), snapshot(*reversed(some))).breaks


@given(rows, rows)
def test_every_row_is_compared_or_a_break_and_swapped_sides_give_the_same_result(
    first: list[Position], second: list[Position]
) -> None:
    found, mirrored = compare(snapshot(*first), snapshot(*second)), compare(snapshot(*second), snapshot(*first))
    counts = found.counts()
    assert found.compared["positions"] + counts[BreakKind.VANISHED] == len(first)
    assert found.compared["positions"] + counts[BreakKind.APPEARED] == len(second)
    swapped = {BreakKind.APPEARED: BreakKind.VANISHED, BreakKind.VANISHED: BreakKind.APPEARED}
    assert mirrored.counts() == {kind: counts[swapped.get(kind, kind)] for kind in BreakKind}
    assert bool(found.breaks) == (Counter(first) != Counter(second))


@given(EXACT, EXACT)
def test_tolerance_is_exact_to_the_last_digit(base: Decimal, limit: Decimal) -> None:
    wide = Context(prec=200)
    at, nearest = wide.add(base, limit), wide.add(wide.add(base, limit), Decimal("1E-60"))
    for quantity, is_break in ((at, False), (nearest, True)):
        found = compare(
            snapshot(position(quantity=base)), snapshot(position(quantity=quantity)), tolerance={"quantity": limit}
        )
        assert bool(found.breaks) is is_break


def test_one_tolerance_applies_to_all_figures_and_not_to_strings() -> None:
    a = snapshot(position(quantity="3", market_value=Decimal("10.00"), currency="USD"))
    b = snapshot(position(quantity="3.01", market_value=Decimal("10.02"), currency="EUR"))
    found = compare(a, b, tolerance=Decimal("0.01"))
    assert [each.field for each in found.breaks] == ["market_value", "currency"]
    assert [each.field for each in compare(a, b, fields=["currency"]).breaks] == ["currency"]


def test_a_missing_value_is_not_zero() -> None:
    found = compare(snapshot(position(quantity=None)), snapshot(position(quantity="0")), tolerance=Decimal(5))
    assert breaks_of(found) == [(BreakKind.CHANGED, "AAPL", "quantity", None, Decimal(0), None)]


@pytest.mark.parametrize(
    ("failed", "hides"),
    [
        (failure("positions"), True),
        (failure("accounts", None), True),
        (failure("positions", None), True),
        (failure("balances"), False),
        (failure("positions", "A2"), False),
        (failure("positions", connection="other"), False),
    ],
)
def test_rows_that_were_not_read_have_not_vanished(failed: Failure, hides: bool) -> None:
    there, gone = snapshot(position()), snapshot(failures=[failed])
    for a, b, kind in ((there, gone, BreakKind.VANISHED), (gone, there, BreakKind.APPEARED)):
        counts = compare(a, b).counts()
        assert counts[kind] == (0 if hides else 1)
        assert counts[BreakKind.UNREAD] == 1
    (unread,) = [each for each in compare(there, gone).breaks if each.kind is BreakKind.UNREAD]
    assert "no answer" in (unread.why or "")
    assert (unread.what == "1 row on the other side") is hides


def test_rows_that_a_failure_hides_are_counted_on_each_side() -> None:
    failed = failure("accounts", None)
    found = compare(snapshot(position("AAPL"), failures=[failed]), snapshot(position("TSLA"), failures=[failed]))
    assert [(each.kind, each.what) for each in found.breaks] == [(BreakKind.UNREAD, "1 row on the other side")] * 2


def test_a_single_connection_can_be_compared() -> None:
    a = snapshot(position(), position(connection="second"), failures=[failure("positions", connection="second")])
    assert [each.kind for each in compare(a, snapshot(position()), connection="main").breaks] == []
    assert compare(a, snapshot(position())).breaks


def test_a_connection_that_was_not_read_has_not_vanished(tmp_path: Path) -> None:
    there = snapshot(position(), position("TSLA", connection="second"), position("MSFT", connection="second"))
    for a, b in ((there, snapshot(position())), (snapshot(position()), there)):
        (found,) = compare(a, b).breaks
        assert (found.kind, found.connection, found.what) == (BreakKind.UNREAD, "second", "2 rows on the other side")
        assert "was not read" in (found.why or "")
    path = books(tmp_path, "connection,account_id,symbol\nmain,A1,AAPL\n")
    assert [each.kind for each in compare(path, there).breaks] == [BreakKind.APPEARED, BreakKind.APPEARED]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"connection": "alpca"}, "neither side has the connection 'alpca'; available: main"),
        ({"fields": ["quantity", "market_value"]}, "do not both have the column 'market_value'"),
    ],
)
def test_options_that_would_compare_nothing_raise_an_error(
    tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    path = books(tmp_path, "account_id,symbol,quantity\nA1,AAPL,3\n")
    with pytest.raises(ComparisonError, match=message):
        compare(path, snapshot(position()), **options)


@pytest.mark.parametrize("tolerance", ["0", "0.01"])
def test_many_rows_with_one_key_are_matched_quickly(tolerance: str) -> None:
    lots = [position("AAPL", str(number)) for number in range(3000)]
    other = [*reversed(lots[1:]), position("AAPL", "-7")]
    found = compare(snapshot(*lots), snapshot(*other), tolerance=Decimal(tolerance))
    assert breaks_of(found) == [(BreakKind.CHANGED, "AAPL", "quantity", Decimal(0), Decimal(-7), Decimal(-7))]


def test_spaces_in_option_symbols_are_ignored() -> None:
    a = snapshot(position("AAPL  250117C00190000", instrument_id=None))
    b = snapshot(position("AAPL250117C00190000", instrument_id=None))
    assert not compare(a, b).breaks


def test_positions_are_matched_by_instrument_id_if_both_sides_have_it() -> None:
    found = compare(snapshot(position("FB", instrument_id="7")), snapshot(position("META", instrument_id="7")))
    assert breaks_of(found) == [(BreakKind.CHANGED, "FB", "symbol", "FB", "META", None)]


def books(tmp_path: Path, text: str, name: str = "books.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_books_are_compared_in_their_columns(tmp_path: Path) -> None:
    path = books(tmp_path, "\ufeffaccount_id,symbol,quantity\r\nA1,AAPL,3.0\r\n\r\nA1,TSLA,\r\n")
    found = compare(path, snapshot(position("AAPL", "3"), position("TSLA", "1"), balance()))
    assert found.fields == {"positions": ["quantity"]}
    assert breaks_of(found) == [(BreakKind.CHANGED, "TSLA", "quantity", None, Decimal(1), None)]


@pytest.mark.parametrize("name", ["books.csv", "snapshot.json"])
def test_a_pipe_is_not_waited_for(name: str, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(ComparisonError, match=f"{name} cannot be read: it is not a regular file"):
        compare(tmp_path / name, tmp_path / name)


def test_books_written_by_spreadsheets(tmp_path: Path) -> None:
    """Spaces around cells, empty columns and lines, and line breaks in cells are accepted."""
    text = 'account_id , symbol,quantity,currency,,\r\nA1 ,AAPL  , 3 ,"US\r\nD",,\r\n , ,,,,\r\nA1,T\u2028,1,USD,,\r\n'
    kept = snapshot(position(currency="US\r\nD"), position("T", "1", currency="USD"))
    path = tmp_path / "books.csv"
    path.write_bytes(text.encode())
    assert not compare(path, kept).breaks


def test_books_with_instrument_ids_only_may_lack_some(tmp_path: Path) -> None:
    path = books(tmp_path, "account_id,instrument_id,quantity\nA1,AAPL,3\nA1,,4\n")
    found = compare(path, snapshot(position()))
    assert breaks_of(found) == [(BreakKind.VANISHED, None, "quantity", Decimal(4), None, None)]


def test_books_with_other_column_names_and_ignored_columns(tmp_path: Path) -> None:
    path = books(tmp_path, 'Account,Ticker,Qty,Desk\nA1,AAPL,"3",x\n')
    named = Books(path=path, columns={"account_id": "Account", "symbol": "Ticker", "quantity": "Qty"}, ignore=["Desk"])
    assert not compare(named, snapshot(position())).breaks


def test_books_of_balances(tmp_path: Path) -> None:
    path = books(tmp_path, "account_id,asset,cash\nA1,USD,10.01\nA1,EUR,1\n")
    found = compare(path, snapshot(balance(), balance("EUR", "1")))
    assert breaks_of(found) == [(BreakKind.CHANGED, "USD", "cash", Decimal("10.01"), Decimal(10), Decimal("-0.01"))]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "is empty"),
        ("account_id,quantity\n", {}, "require account_id and symbol or instrument_id"),
        ("symbol,quantity\n", {}, "require account_id"),
        ("account_id,symbol,Qty\n", {}, "Qty is not a column of positions"),
        ("account_id,symbol,symbol\n", {}, "the column symbol twice"),
        ("account_id,symbol,quantity\nA1,AAPL\n", {}, "line 2: 2 cells, but the header has 3"),
        ("account_id,symbol,quantity\nA1,AAPL,3\nA1,TSLA,1e5\n", {}, "line 3, quantity: '1e5' is not a plain decimal"),
        ('account_id,symbol,quantity\nA1,AAPL,"1,000"\n', {}, "'1,000' is not a plain decimal"),
        ('account_id,symbol,quantity,side\nA1,A,3,"a\nb"\nA1,B,(3),\n', {}, "line 4, quantity: '(3)'"),
        (f"account_id,symbol,quantity\nA1,AAPL,{'9' * 3000}\n", {}, "line 2, quantity: 999"),
        ("account_id;symbol;quantity\nA1;AAPL;3\n", {}, "separated by ';'"),
        ("account_id,symbol,\nA1,AAPL,3\n", {}, "line 2: '3' is in a column without a name"),
        ("account_id,symbol,Qty\n", {"columns": {"quantity": "Qty", "price": "Qty"}}, "mapped twice"),
        ("account_id,symbol,Qty\n", {"columns": {"quantity": "Qty"}, "ignore": ["Qty"]}, "both mapped and ignored"),
        ("account_id,symbol,Qty\n", {"columns": {"qty": "Qty"}}, "'qty' is not a column of positions"),
        ("account_id,symbol,quantity\nA1,AAPL,NaN\n", {}, "'NaN' is not a plain decimal"),
        ("account_id,symbol,quantity\nA1,AAPL,٣\n", {}, "is not a plain decimal"),
        ("account_id,symbol,quantity\n,AAPL,3\n", {}, "line 2: account_id is missing"),
        ('account_id,symbol\n"A1,AAPL\n', {}, "cannot be read"),
        ("account_id,symbol\n", {"columns": {"quantity": "Qty"}}, "has no column 'Qty'"),
        ("account_id,symbol\n", {"ignore": ["Desk"]}, "has no column 'Desk'"),
        ("account_id,symbol\n", {"table": "orders"}, "cannot contain 'orders'"),
        ("account_id,asset,symbol\n", {}, "symbol is not a column of balances"),
    ],
)
def test_invalid_books_raise_an_error_that_names_the_line(
    tmp_path: Path, text: str, options: dict[str, Any], message: str
) -> None:
    path = books(tmp_path, text)
    with pytest.raises(ComparisonError) as caught:
        compare(Books(path=path, **options), snapshot(position()))
    assert message in str(caught.value)
    assert str(path) in str(caught.value) or "orders" in message


def test_books_that_are_not_utf_8_or_missing(tmp_path: Path) -> None:
    (tmp_path / "books.csv").write_bytes(b"account_id,symbol\n\xff\xfe\n")
    with pytest.raises(ComparisonError, match="not encoded in UTF-8"):
        compare(tmp_path / "books.csv", snapshot())
    with pytest.raises(ComparisonError, match=r"none\.csv cannot be read: No such file"):
        compare(tmp_path / "none.csv", snapshot())


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"accounts": 1}', '{"accounts": [], "balances": [], "positions": []}']
)
def test_json_that_is_not_a_snapshot(tmp_path: Path, text: str) -> None:
    with pytest.raises(ComparisonError, match=r"s\.json"):
        compare(books(tmp_path, text, "s.json"), snapshot())


def edited(tmp_path: Path, table: str, **changes: Any) -> Path:
    """Return a JSON file of a snapshot with changed values."""
    kept = snapshot(position(), failures=[failure("balances")])
    value = {name: to_jsonable(getattr(kept, name)) for name in ("accounts", "balances", "positions", "failures")}
    value[table][0] |= changes
    return books(tmp_path, json.dumps(value), "edited.json")


def test_a_number_in_json_is_exact(tmp_path: Path) -> None:
    path = books(
        tmp_path, edited(tmp_path, "positions", quantity=3.1).read_text().replace("3.1", "3.10"), "edited.json"
    )
    assert not compare(path, snapshot(position(quantity="3.1"))).counts()[BreakKind.CHANGED]


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("positions", {"account_id": 7}, "positions, row 1, account_id: 7 is not a string"),
        ("positions", {"quantity": "NaN"}, "positions, row 1, quantity: 'NaN' is not a plain decimal"),
        ("positions", {"quantity": float("nan")}, "positions, row 1, quantity: nan is not a figure"),
        ("positions", {"quantity": "1E+999999"}, "is not a plain decimal"),
        ("positions", {"quantity": True}, "True is not a figure"),
        ("positions", {"option": ["x"]}, "malformed"),
        ("failures", {"connection": None}, "failures, row 1: operation and connection must be strings"),
        ("failures", {"error": "x"}, "malformed"),
    ],
)
def test_invalid_json_raises_an_error_that_names_the_value(
    tmp_path: Path, table: str, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(ComparisonError) as caught:
        compare(edited(tmp_path, table, **change), snapshot(position()))
    assert message in str(caught.value)
    assert "edited.json" in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"quantity": "3", ', "", "positions, row 1: quantity is missing"),
        ('"quantity": "3"', '"quantity": "3", "quantity": "4"', "has the name 'quantity' twice"),
        ("[", "[" * 100_000, "nested too deeply"),
    ],
)
def test_json_with_a_missing_or_duplicate_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = edited(tmp_path, "positions").read_text()
    with pytest.raises(ComparisonError, match=message):
        compare(books(tmp_path, text.replace(old, new, 1), "edited.json"), snapshot(position()))


def test_invalid_figures_raise_an_error() -> None:
    for text in ("NaN", "1E+5000"):
        with pytest.raises(ComparisonError, match="positions, row 1, quantity"):
            compare(snapshot(position(quantity=text)), snapshot(position()))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fields": ["qty"]}, "unknown column 'qty'"),
        ({"tolerance": {"side": Decimal(1)}}, "'side' is not a figure"),
        ({"tolerance": Decimal(-1)}, "zero or more"),
        ({"tolerance": Decimal("NaN")}, "zero or more"),
    ],
)
def test_invalid_options_raise_an_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ComparisonError, match=message):
        compare(snapshot(), snapshot(), **options)


def test_sides_without_common_columns_raise_an_error(tmp_path: Path) -> None:
    a = books(tmp_path, "account_id,symbol\n", "a.csv")
    b = books(tmp_path, "account_id,asset\n", "b.csv")
    with pytest.raises(ComparisonError, match="no table in common"):
        compare(a, b)
    c = books(tmp_path, "account_id,instrument_id\n", "c.csv")
    with pytest.raises(ComparisonError, match="by different columns"):
        compare(a, c)


@pytest.mark.parametrize("place", ["out", "out.duckdb", "out.json"])
def test_a_snapshot_equals_its_stored_form(tmp_path: Path, place: str) -> None:
    huge = Decimal("12345678901234567890.123456789012345678")
    kept = snapshot(
        position("AAPL  250117C00190000", huge, market_value=None), balance(), failures=[failure("positions", "A9")]
    )
    where = tmp_path / place
    if place.endswith(".json"):
        where.write_text(
            json.dumps(
                {name: to_jsonable(getattr(kept, name)) for name in ("accounts", "balances", "positions", "failures")}
            )
        )
    else:
        kept.write(where)
    found = compare(kept, where)
    assert [each.kind for each in found.breaks] == [BreakKind.UNREAD, BreakKind.UNREAD]
    assert found.compared == {"positions": 1, "balances": 1}


def test_a_stored_snapshot_is_selected_by_its_time(tmp_path: Path) -> None:
    store = open_store(tmp_path / "out")
    store.write(snapshot(position(quantity="1")))
    store.write(attrs.evolve(snapshot(position(quantity="2")), taken_at=datetime(2026, 11, 21, tzinfo=UTC)))
    found = compare(f"{tmp_path}/out@2026-11-20", f"{tmp_path}/out")
    assert breaks_of(found) == [(BreakKind.CHANGED, "AAPL", "quantity", Decimal(1), Decimal(2), Decimal(1))]
    with pytest.raises(ComparisonError, match="contains no snapshot taken at 2026-11-19"):
        compare(f"{tmp_path}/out@2026-11-19", f"{tmp_path}/out")


@pytest.fixture
def broken() -> Reconciliation:
    a = snapshot(position("<script>", "3"), position("TSLA", "1"), balance())
    return compare(a, snapshot(position("<script>", "2"), failures=[failure("balances")]))


def test_json_and_csv_contain_every_break_with_exact_figures(broken: Reconciliation) -> None:
    value = json.loads(broken.to_json(), parse_float=lambda text: pytest.fail(f"a float: {text}"))
    lines = list(csv.DictReader(io.StringIO(broken.to_csv())))
    assert len(value["breaks"]) == len(lines) == len(broken.breaks) == 3
    assert value["counts"] == {"appeared": 0, "vanished": 1, "changed": 1, "unread": 1}
    for row, line in zip(value["breaks"], lines, strict=True):
        assert {name: text or "" for name, text in row.items()} == line
        assert list(row) == [field.name for field in attrs.fields(Break)]


def test_the_page_contains_every_break_and_escapes_values(broken: Reconciliation) -> None:
    page = broken.to_html()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert page.count('<tr class="') == len(broken.breaks)


def test_the_page_lists_unread_accounts_and_is_rendered_quickly() -> None:
    some = [position(str(number)) for number in range(5000)]
    found = compare(snapshot(*some), snapshot(failures=[failure("accounts", None, "other"), failure("balances")]))
    page = found.to_html()
    assert page.count('<tr class="') == len(found.breaks) == 5002
    assert "<h2>Accounts</h2>" in page


def test_the_page_without_jinja_raises_an_error_with_the_command_that_installs_it(
    broken: Reconciliation, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    from onefolio import ConfigurationError

    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[report\]"'):
        broken.to_html()
