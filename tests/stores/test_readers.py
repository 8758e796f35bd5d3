"""Other libraries read a folder while a snapshot is written to it."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.dataset as ds
import pytest

from onefolio import Account, Position, Snapshot, Store, StoreError, open_store
from onefolio.stores.database import Database

from .test_stores import LOCKED_SECONDS, all_stores

TAKEN_AT = datetime(2026, 11, 21, 9, tzinfo=UTC)


def build(taken_at: datetime = TAKEN_AT, **numbers: int) -> Snapshot:
    """Return a snapshot with a number of positions for each provider, whose symbol is the number."""
    return Snapshot(
        accounts=[Account(provider=each, connection=each, id=each) for each in numbers],
        balances=[],
        positions=[
            Position(provider=each, connection=each, account_id=each, symbol=str(number), quantity=Decimal(at))
            for each, number in numbers.items()
            for at in range(number)
        ],
        failures=[],
        taken_at=taken_at,
    )


OLD, NEW = build(a=3, b=4, c=5), build(a=6, c=7)

LATER = build(TAKEN_AT + timedelta(hours=1), a=8, b=9)


def read_pandas(place: Path) -> Counter[str]:
    return Counter(pd.read_parquet(place / "positions", dtype_backend="pyarrow")["symbol"])


def read_pyarrow(place: Path) -> Counter[Any]:
    return Counter(ds.dataset(place / "positions", partitioning="hive").to_table()["symbol"].to_pylist())


def read_polars(place: Path) -> Counter[str]:
    return Counter(pl.scan_parquet(place / "positions").select("symbol").collect()["symbol"])


def read_duckdb(place: Path) -> Counter[str]:
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT symbol FROM '{place}/positions/**/*.parquet'").fetchall()
    return Counter(symbol for (symbol,) in rows)


READERS = [read_pandas, read_pyarrow, read_polars, read_duckdb]


@pytest.mark.parametrize("read", READERS)
def test_a_reader_meets_no_error_between_the_steps_of_a_writer(
    read: Callable[[Path], Counter[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It finds each file as it was before or after, never a part of one, and no row twice."""
    OLD.write(tmp_path)
    replace, found = os.replace, []

    def observed(*paths: str | Path) -> None:
        replace(*paths)
        found.append(read(tmp_path))

    monkeypatch.setattr(os, "replace", observed)
    for each in (NEW, LATER, build(), OLD):
        each.write(tmp_path)
    assert len(found) > 4 * 12
    for symbols in found:
        assert all(number == int(symbol) for symbol, number in symbols.items())
        for versions in ("36", "4", "57"):
            assert sum(each in symbols for each in versions) <= 1
    assert found[-1] == Counter({"3": 3, "4": 4, "5": 5, "8": 8, "9": 9})


def test_files_that_were_listed_before_a_snapshot_is_replaced_can_be_opened(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    listed, listed_too = (ds.dataset(tmp_path / "positions", partitioning="hive") for _ in range(2))
    frame = pl.scan_parquet(sorted((tmp_path / "positions").rglob("*.parquet")), hive_partitioning=True)
    NEW.write(tmp_path)
    wanted = Counter({"6": 6, "7": 7})
    assert Counter(listed.to_table()["symbol"].to_pylist()) == wanted
    assert Counter(frame.select("symbol").collect()["symbol"]) == wanted
    build().write(tmp_path)
    assert listed_too.to_table().num_rows == 0


def test_a_writer_waits_for_other_libraries_inside_reading(tmp_path: Path) -> None:
    OLD.write(tmp_path)
    started, store = threading.Event(), open_store(tmp_path)

    def write() -> None:
        started.set()
        NEW.write(tmp_path)

    with ThreadPoolExecutor(1) as pool:
        with store.reading():
            writer = pool.submit(write)
            assert started.wait(60)
            with pytest.raises(TimeoutError):
                writer.result(LOCKED_SECONDS)
            assert [read(tmp_path) for read in READERS] == [Counter({"3": 3, "4": 4, "5": 5})] * len(READERS)
            assert store.read().positions.num_rows == 12
        writer.result(60)
    assert [read(tmp_path) for read in READERS] == [Counter({"6": 6, "7": 7})] * len(READERS)


@pytest.mark.parametrize("place", ["parquet", "duckdb"], indirect=True)
def test_an_error_inside_reading_passes_unchanged(store: Store) -> None:
    OLD.write(store.name)
    for error in (OSError("mine"), duckdb.Error("mine")):
        with pytest.raises(type(error), match=r"^mine$") as caught, store.reading():
            raise error
        assert caught.value is error
    NEW.write(store.name)


@all_stores
def test_reading_a_store_that_does_not_exist_raises_an_error(place: str) -> None:
    if "://" in place:
        place = place.replace("/test_", "/missing_")
    with pytest.raises(StoreError, match="cannot be read"), open_store(place).reading():
        raise AssertionError


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_all_tables_of_a_database_are_read_in_one_state(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A snapshot that is replaced between two tables is read as it was when reading began."""
    OLD.write(place)
    read = Database._read

    def read_and_replace(store: Database, table: str, taken_at: datetime) -> Any:
        result = read(store, table, taken_at)
        if table == "accounts":
            NEW.write(place)
        return result

    monkeypatch.setattr(Database, "_read", read_and_replace)
    found = open_store(place).read()
    assert (found.accounts.num_rows, found.positions.num_rows) == (3, 12)
    monkeypatch.undo()
    assert open_store(place).read().positions.num_rows == 13


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_writer_waits_for_another_one_for_a_limited_time(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    OLD.write(place)
    store = open_store(place)
    assert isinstance(store, Database)
    monkeypatch.setattr("onefolio.stores.postgresql.LOCK_SECONDS", 1)
    with store._open(write=True) as connection:
        store._lock_writers(connection)
        with pytest.raises(StoreError, match=r"cannot be written: .*lock timeout"):
            NEW.write(place)
    NEW.write(place)
