"""Strings of every kind are stored as they are, or an error names the row and the column."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from onefolio import Account, Failure, Position, ProviderUnavailableError, Snapshot, StoreError, open_store

from .test_stores import all_stores

TAKEN_AT = datetime(2026, 11, 21, 9, tzinfo=UTC)

ACCOUNT = Account(provider="p", connection="c", id="17")

POSITION = Position(provider="p", connection="c", account_id="17", symbol="AAPL", quantity=Decimal(1))

SURROGATES = ("\ud800", "a\udfffb", "\udc80", "\ud83d \ude00")


def build(**tables: Any) -> Snapshot:
    names = ("accounts", "balances", "positions", "failures")
    return Snapshot(**{name: tables.get(name, []) for name in names}, taken_at=TAKEN_AT)


@pytest.mark.parametrize("text", SURROGATES)
@all_stores
def test_an_unpaired_surrogate_raises_an_error_and_nothing_is_stored(place: str, text: str) -> None:
    store = open_store(place)
    store.write(build(accounts=[ACCOUNT]))
    snapshots = [
        (build(accounts=[ACCOUNT, structs.replace(ACCOUNT, name=text)]), "accounts: name of a row in account 17 of c"),
        (build(accounts=[structs.replace(ACCOUNT, restrictions=frozenset({"ok", text}))]), "accounts: restrictions of"),
        (build(accounts=[structs.replace(ACCOUNT, provider=text)]), "accounts: provider of"),
        (build(positions=[structs.replace(POSITION, currency=text)]), "positions: currency of AAPL in account 17 of c"),
        (build(positions=[structs.replace(POSITION, symbol=text)]), "positions: symbol of"),
    ]
    for snapshot, message in snapshots:
        for call in (lambda: store.write(snapshot), snapshot.to_arrow, snapshot.to_pandas, snapshot.to_polars):  # noqa: B023
            with pytest.raises(StoreError, match=message) as caught:
                call()
            assert "unpaired surrogate" in str(caught.value)
            str(caught.value).encode()
    assert store.read().accounts.num_rows == 1


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_nul_character_that_postgresql_cannot_store_is_named(place: str) -> None:
    store = open_store(place)
    store.write(build(accounts=[ACCOUNT]))
    for account, column in (
        (structs.replace(ACCOUNT, name="a\0b"), "name"),
        (structs.replace(ACCOUNT, restrictions=frozenset({"\0"})), "restrictions"),
    ):
        with pytest.raises(StoreError, match=f"accounts: {column} of a row in account 17 of c contains a NUL"):
            store.write(build(accounts=[ACCOUNT, account]))
    assert store.read().accounts.num_rows == 1


@all_stores
def test_the_message_of_a_failure_cannot_prevent_that_a_snapshot_is_stored(place: str) -> None:
    """aiohttp decodes bytes of a header that are not UTF-8 to surrogates, for example in a request id."""
    error = ProviderUnavailableError(
        "\ud800 \0 down", provider="p", connection="c", operation="x", code="\0", request_id="\udcff"
    )
    failure = Failure(connection="c", operation="positions", account_id="17", error=error, row={"a\0": "\ud800"})
    build(failures=[failure]).write(place)
    (row,) = open_store(place).read().failures.to_pylist()
    assert (row["message"], row["code"], row["request_id"]) == ("\\ud800 \\x00 down", "\\x00", "\\udcff")
    assert json.loads(row["row"]) == {"a\0": "\ud800"}


@pytest.mark.parametrize("suffix", ["out", "out.duckdb"])
@settings(max_examples=6)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), min_size=1, max_size=12, unique=True))
def test_every_string_is_stored_in_files_as_it_is(suffix: str, texts: list[str]) -> None:
    rows = [structs.replace(ACCOUNT, id=text, name=text, restrictions=frozenset({text})) for text in texts]
    with TemporaryDirectory() as folder:
        snapshot = build(accounts=rows, positions=[structs.replace(POSITION, provider=text) for text in texts[:4]])
        snapshot.write(Path(folder) / suffix)
        found = open_store(Path(folder) / suffix).read()
    stored = [(row["id"], row["name"], row["restrictions"]) for row in found.accounts.to_pylist()]
    assert sorted(stored) == sorted((text, text, [text]) for text in texts)
    assert sorted(row["provider"] for row in found.positions.to_pylist()) == sorted(texts[:4])


@given(st.text(st.characters(codec=None, categories=["Cs", "Cc", "L"]), min_size=1, max_size=5))
def test_every_string_is_converted_or_refused(text: str) -> None:
    try:
        found = build(accounts=[structs.replace(ACCOUNT, name=text)]).to_arrow().accounts["name"].to_pylist()
    except StoreError:
        with pytest.raises(UnicodeEncodeError):
            text.encode()
    else:
        assert found == [text]
