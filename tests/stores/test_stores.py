"""Stores of every kind: a snapshot is stored completely or not at all, and is read as it was written."""

import errno
import pickle
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi  # type: ignore[import-untyped]  # it has no types
import attrs
import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from onefolio import ConfigurationError, PrecisionError, Snapshot, Store, StoreError, open_store
from onefolio._core.decimals import exact_sum
from onefolio._tables.arrow_schema import VERSION_KEY
from onefolio.reconciliation import compare
from onefolio.stores import database as database_module
from onefolio.stores.atomic_folder import AtomicFolder
from onefolio.stores.database import Database
from onefolio.stores.parquet import ParquetFolder

KINDS = ("parquet", "duckdb", "postgres")
all_stores = pytest.mark.parametrize("place", KINDS, indirect=True)

LOCKED_SECONDS = 0.2
"""Time for an operation that should wait for a lock to complete if it does not."""


def rows(table: pa.Table) -> Counter[str]:
    return Counter(map(repr, table.to_pylist()))


def later(snapshot: Snapshot, **change: Any) -> Snapshot:
    return attrs.evolve(snapshot, taken_at=snapshot.taken_at + timedelta(days=1), **change)


def holds(store: Store, *snapshots: Snapshot) -> None:
    """Assert that a store contains exactly these snapshots."""
    assert store.times() == sorted(each.taken_at for each in snapshots)
    for each in snapshots:
        found = store.read(each.taken_at)
        for name, wanted in each.to_arrow(full=True).items():
            assert found[name].schema.equals(wanted.schema, check_metadata=True)
            assert rows(found[name]) == rows(wanted), name


@all_stores
def test_a_snapshot_is_read_as_it_was_written(store: Store, snapshot: Snapshot) -> None:
    store.write(snapshot)
    store.write(later(snapshot))
    holds(store, snapshot, later(snapshot))
    assert store.find() == later(snapshot).taken_at
    assert store.find(snapshot.taken_at.isoformat()[:10]) == snapshot.taken_at


@all_stores
def test_a_snapshot_with_the_same_time_is_replaced(store: Store, snapshot: Snapshot) -> None:
    less = attrs.evolve(
        snapshot,
        accounts=snapshot.accounts[:1],
        balances=snapshot.balances[:1],
        positions=snapshot.positions[:1],
        failures=[],
    )
    other = later(snapshot)
    for each in (snapshot, other, less):
        store.write(each)
    holds(store, less, other)


@all_stores
def test_a_snapshot_without_rows_is_stored(store: Store, snapshot: Snapshot) -> None:
    nothing = later(snapshot, accounts=[], balances=[], positions=[], failures=[])
    store.write(snapshot)
    store.write(nothing)
    holds(store, snapshot, nothing)


@all_stores
def test_times_are_compared_across_time_zones(store: Store, snapshot: Snapshot) -> None:
    from datetime import timezone

    store.write(snapshot)
    store.write(attrs.evolve(snapshot, taken_at=snapshot.taken_at.astimezone(timezone(timedelta(hours=9)))))
    holds(store, snapshot)
    with pytest.raises(StoreError, match="time zone"):
        store.write(attrs.evolve(snapshot, taken_at=datetime(2026, 1, 1)))  # noqa: DTZ001  # the case under test


@all_stores
def test_a_figure_that_is_not_finite_is_named_and_nothing_is_stored(store: Store, snapshot: Snapshot) -> None:
    store.write(snapshot)
    invalid = structs.replace(snapshot.balances[0], cash=Decimal("NaN"))
    with pytest.raises(PrecisionError, match="cash"):
        store.write(later(snapshot, balances=[invalid]))
    holds(store, snapshot)


LONG = Decimal("393.9945987569474165523984")
HUGE = Decimal("-" + "7" * 78 + "." + "3" * 37 + "0")


@all_stores
def test_a_figure_with_too_many_digits_is_stored_listed_and_compared_exactly(place: str, snapshot: Snapshot) -> None:
    long, huge = (structs.replace(snapshot.positions[0], cost_basis=figure) for figure in (LONG, HUGE))
    cash = structs.replace(snapshot.balances[0], cash=HUGE)
    odd = later(
        snapshot,
        balances=[*snapshot.balances[1:], cash],
        positions=[long, *snapshot.positions[1:], huge],
        failures=[],
    )
    snapshot.write(place)
    written = odd.write(place)
    assert [(each.table, each.column, each.text) for each in written] == [
        ("balances", "cash", str(HUGE)),
        ("positions", "cost_basis", str(LONG)),
        ("positions", "cost_basis", str(HUGE)),
    ]
    store = open_store(place)
    holds(store, snapshot, odd)
    found = store.read()
    assert {(each.table, each.column, each.text) for each in found.text_only} == {
        (each.table, each.column, each.text) for each in written
    }
    for each in found.text_only:
        row = found[each.table].slice(each.row, 1).to_pylist()[0]
        assert (row[each.column], row[f"{each.column}_text"], row["connection"]) == (None, each.text, each.connection)
    assert store.read(snapshot.taken_at).text_only == ()
    assert compare(place, odd).breaks == []
    changed = structs.replace(long, cost_basis=LONG + Decimal("1E-22"))
    missing = structs.replace(cash, cash=None)
    other = attrs.evolve(odd, balances=[*snapshot.balances[1:], missing], positions=[changed, *odd.positions[1:]])
    breaks = {each.field: (each.kind, each.a, each.b, each.difference) for each in compare(place, other).breaks}
    assert breaks == {
        "cost_basis": ("changed", LONG, Decimal("393.9945987569474165523985"), Decimal("1E-22")),
        "cash": ("changed", HUGE, None, None),
    }


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_postgresql_adds_the_texts_of_figures_exactly(place: str, snapshot: Snapshot) -> None:
    """The query of the documentation. Its columns have the same types as in the other stores."""
    odd = [structs.replace(snapshot.positions[0], cost_basis=figure) for figure in (LONG, HUGE)]
    attrs.evolve(snapshot, positions=odd).write(place)
    with adbc_driver_postgresql.dbapi.connect(place) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT CAST(sum(CAST(cost_basis_text AS NUMERIC)) AS VARCHAR) FROM onefolio.positions")
        assert cursor.fetchall() == [(str(exact_sum([LONG, HUGE])),)]


def test_other_libraries_read_snapshots_with_and_without_such_figures_as_one_table(
    tmp_path: Path, snapshot: Snapshot
) -> None:
    """Each of them rejects columns of different types, or rounds or converts them to floats."""
    odd = later(snapshot, positions=[structs.replace(snapshot.positions[0], cost_basis=LONG), snapshot.positions[-1]])
    for each in (snapshot, odd, later(odd, positions=snapshot.positions)):
        each.write(tmp_path)
    files = f"'{tmp_path}/positions/**/*.parquet'"
    read = [*snapshot.positions, snapshot.positions[-1], *snapshot.positions]
    wanted = [each.cost_basis for each in read if each.cost_basis is not None]
    query = "SELECT sum(cost_basis), any_value(typeof(cost_basis)) FROM "
    assert query_duckdb(query + files) == [(sum(wanted), "DECIMAL(38,18)")]
    assert pl.scan_parquet(tmp_path / "positions").select(pl.col("cost_basis").sum()).collect().item() == sum(wanted)
    frame = pd.read_parquet(tmp_path / "positions", dtype_backend="pyarrow")
    assert frame["cost_basis"].sum() == pd.read_parquet(tmp_path / "positions")["cost_basis"].sum() == sum(wanted)
    found = f"SELECT symbol, cost_basis_text FROM {files} WHERE cost_basis IS NULL AND cost_basis_text IS NOT NULL"
    assert query_duckdb(found) == [(snapshot.positions[0].symbol, str(LONG))]
    marks = f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{tmp_path}/*/**/*.parquet') "
    assert query_duckdb(marks + "WHERE decode(key) LIKE '%text_only'") == [("onefolio.text_only", '{"cost_basis": 1}')]


@all_stores
def test_a_missing_snapshot_raises_an_error(store: Store, snapshot: Snapshot) -> None:
    store.check()
    with pytest.raises(StoreError, match=r"contains no snapshot\. Store one"):
        store.read()
    store.write(snapshot)
    with pytest.raises(StoreError, match="contains no snapshot taken at 1999"):
        store.read("1999")


@pytest.mark.parametrize("place", ["parquet", "duckdb"], indirect=True)
def test_reading_creates_no_files(place: str) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        open_store(place).read()
    assert not Path(place).exists()


@pytest.mark.parametrize("version", ["0", "2"])
@all_stores
def test_another_schema_version_raises_and_is_unchanged(place: str, snapshot: Snapshot, version: str) -> None:
    store = open_store(place)
    store.write(snapshot)
    if isinstance(store, Database):
        with store._open(write=True) as connection, connection.cursor() as cursor:
            cursor.execute(f"UPDATE {store._schema}.snapshots SET schema_version = {version}")
            connection.commit()
    else:
        for path in Path(place).rglob("*.parquet"):
            table = pq.read_table(path, partitioning=None)
            pq.write_table(table.replace_schema_metadata({VERSION_KEY: version.encode()}), path)
    word = "older" if version == "0" else "newer"
    for call in (store.read, lambda: store.write(later(snapshot)), store.check):
        with pytest.raises(StoreError, match=f"{word} schema version {version}") as caught:
            call()
        assert store.name in str(caught.value)
    assert store.times() == [snapshot.taken_at]


def test_a_foreign_table_raises_and_is_unchanged(tmp_path: Path, snapshot: Snapshot) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE positions AS SELECT 1 AS mine")
    with pytest.raises(StoreError, match="columns of the table positions are not those of onefolio"):
        snapshot.write(path)
    with duckdb.connect(path) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("positions",)]


def test_a_missing_or_damaged_file_raises_an_error(tmp_path: Path, snapshot: Snapshot) -> None:
    store = open_store(tmp_path)
    store.write(snapshot)
    path = next(tmp_path.glob("positions/**/*.parquet"))
    content, table = path.read_bytes(), pq.read_table(path, partitioning=None)
    path.unlink()
    with pytest.raises(StoreError, match="is incomplete") as caught:
        store.read()
    assert str(path) in str(caught.value)
    pq.write_table(table.drop_columns("quantity_text"), path)
    with pytest.raises(StoreError, match=r"\.parquet lacks columns: quantity_text") as caught:
        store.read()
    path.write_bytes(content[:-9])
    with pytest.raises(StoreError, match="not a valid Parquet file") as caught:
        store.read()
    assert str(path) in str(caught.value)
    path.write_bytes(content)
    holds(store, snapshot)


def test_a_file_with_a_foreign_name_raises_an_error(tmp_path: Path, snapshot: Snapshot) -> None:
    snapshot.write(tmp_path)
    path = next(tmp_path.glob("accounts/**/*.parquet"))
    copy = path.with_stem(f"{path.stem} (1)")
    copy.write_bytes(path.read_bytes())
    with pytest.raises(StoreError, match="not written by onefolio") as caught:
        open_store(tmp_path).read()
    assert str(copy) in str(caught.value)


@pytest.mark.parametrize("statement", ["CREATE TABLE snapshots AS SELECT 1 AS mine", "CREATE TABLE snapshots (x INT)"])
@pytest.mark.parametrize("call", ["check", "times", "read"])
def test_a_foreign_table_of_snapshots_raises_an_error(tmp_path: Path, statement: str, call: str) -> None:
    with duckdb.connect(tmp_path / "theirs.duckdb") as connection:
        connection.execute(statement)
    with pytest.raises(StoreError, match="columns of the table snapshots are not those of onefolio"):
        getattr(open_store(tmp_path / "theirs.duckdb"), call)()


@pytest.mark.parametrize("place", ["duckdb", "postgres"], indirect=True)
@pytest.mark.parametrize("change", ["DROP TABLE {}.positions", "ALTER TABLE {}.positions DROP COLUMN quantity_text"])
def test_a_missing_table_or_column_raises_an_error(place: str, snapshot: Snapshot, change: str) -> None:
    snapshot.write(place)
    store = open_store(place)
    assert isinstance(store, Database)
    with store._open(write=True) as connection, connection.cursor() as cursor:
        cursor.execute(change.format(store._schema))
        connection.commit()
    with pytest.raises(StoreError, match="positions") as caught:
        store.read()
    assert store.name in str(caught.value)
    assert "use another place" in str(caught.value)


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_a_user_without_permission_to_create_schemas_can_write(place: str, snapshot: Snapshot) -> None:
    """In many companies an administrator creates the schema."""
    role = f"writer_{uuid.uuid4().hex}"
    with adbc_driver_postgresql.dbapi.connect(place, autocommit=True) as connection, connection.cursor() as cursor:
        for statement in (f"CREATE ROLE {role} LOGIN", f"CREATE SCHEMA onefolio AUTHORIZATION {role}"):
            cursor.execute(statement)
    theirs = place.replace("//postgres:", f"//{role}:")
    for each in (snapshot, later(snapshot)):
        each.write(theirs)
    holds(open_store(theirs), snapshot, later(snapshot))


@pytest.mark.parametrize("place", ["postgres"], indirect=True)
def test_missing_permission_to_read_is_not_an_empty_store(place: str, snapshot: Snapshot) -> None:
    snapshot.write(place)
    role = f"reader_{uuid.uuid4().hex}"
    with adbc_driver_postgresql.dbapi.connect(place, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
    with pytest.raises(StoreError, match=r"cannot be read: .*permission denied"):
        open_store(place.replace("//postgres:", f"//{role}:")).times()


def test_foreign_parquet_files_raise_an_error(tmp_path: Path, snapshot: Snapshot) -> None:
    snapshot.write(tmp_path / "out")
    path = next((tmp_path / "out").glob("accounts/**/*.parquet"))
    pq.write_table(pa.table({"mine": [1]}), path)
    with pytest.raises(StoreError, match="was not written by onefolio"):
        later(snapshot).write(tmp_path / "out")


CRASH = """
import os, pickle, sys
from pathlib import Path
from onefolio import Snapshot
from onefolio.stores import atomic_folder
place, at = sys.argv[1], int(sys.argv[2])
real, calls = os.replace, 0
def replace(*paths):
    global calls
    if calls == at:
        os._exit(9)
    calls += 1
    real(*paths)
atomic_folder.os.replace = replace
pickle.loads(Path(sys.argv[3]).read_bytes()).write(place)
"""


@pytest.mark.parametrize("at", [0, 1, 7, 12])
def test_a_crash_leaves_the_old_state_or_the_new_one(at: int, tmp_path: Path, snapshot: Snapshot) -> None:
    """Twelve files are moved after the rename that makes a snapshot valid."""
    bare = [structs.replace(each, raw=None) for each in snapshot.positions]
    old, new = (
        attrs.evolve(
            snapshot,
            accounts=[structs.replace(each, raw=None) for each in snapshot.accounts],
            balances=[structs.replace(each, raw=None) for each in snapshot.balances],
            positions=positions,
            failures=[],
        )
        for positions in (bare, bare[1:])
    )
    place = tmp_path / "out"
    old.write(place)
    before = {path: path.read_bytes() for path in place.rglob("*.parquet")}
    (tmp_path / "new").write_bytes(pickle.dumps(new))
    command = [sys.executable, "-c", CRASH, str(place), str(at), str(tmp_path / "new")]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9
    # Readers that do not use onefolio find every old file or its replacement.
    assert {path for path in place.rglob("*/date=*/**/*.parquet") if ".staged" not in str(path)} >= set(before)
    store = open_store(place)
    holds(store, old if at == 0 else new)
    store.write(later(new))
    holds(store, old if at == 0 else new, later(new))
    assert not list(place.glob(".staged-*")) + list(place.glob(".valid-*"))


@pytest.mark.parametrize(("method", "at"), [("rmdir", 0), ("rmdir", 5), ("unlink", 0), ("rmdir", 12)])
def test_a_crash_while_deleting_leaves_the_new_state(method: str, at: int, tmp_path: Path, snapshot: Snapshot) -> None:
    """Of the staging directory, 12 directories are deleted, then the list of files, then the directory itself."""
    place = tmp_path / "out"
    script = CRASH.replace("atomic_folder.os.replace = replace", f"Path.{method} = replace").replace(
        "real, calls = os.replace", f"real, calls = Path.{method}"
    )
    accounts = [structs.replace(each, raw=None) for each in snapshot.accounts]
    bare = Snapshot(accounts=accounts, balances=[], positions=[], failures=[], taken_at=snapshot.taken_at)
    (tmp_path / "new").write_bytes(pickle.dumps(bare))
    command = [sys.executable, "-c", script, str(place), str(at), str(tmp_path / "new")]
    assert subprocess.run(command, check=False, timeout=60).returncode == 9
    holds(open_store(place), bare)
    later(bare).write(place)
    holds(open_store(place), bare, later(bare))
    assert not list(place.glob(".staged-*")) + list(place.glob(".valid-*"))


def test_a_reader_finds_one_complete_snapshot(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer waits for a read to end, and a reader for a write. Without the lock, each would end during the other."""
    less = attrs.evolve(snapshot, accounts=snapshot.accounts[:1], positions=[], balances=[], failures=[])
    old, new = ({name: rows(table) for name, table in each.to_arrow(full=True).items()} for each in (snapshot, less))
    snapshot.write(tmp_path)
    read_table, move_files = ParquetFolder._read, AtomicFolder._move
    reading, written, moving, read = (threading.Event() for _ in range(4))

    def read_slowly(store: ParquetFolder, table: str, taken_at: datetime) -> pa.Table:
        result = read_table(store, table, taken_at)
        if not reading.is_set():
            reading.set()
            assert not written.wait(LOCKED_SECONDS), "a snapshot was replaced during a read"
        return result

    def move_slowly(folder: AtomicFolder, valid: Path) -> None:
        moving.set()
        assert not read.wait(LOCKED_SECONDS), "a snapshot was read while its files were moved"
        move_files(folder, valid)

    def read_all() -> dict[str, Counter[str]]:
        return {name: rows(table) for name, table in open_store(tmp_path).read().items()}

    monkeypatch.setattr(ParquetFolder, "_read", read_slowly)
    monkeypatch.setattr(AtomicFolder, "_move", move_slowly)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(read_all)
        assert reading.wait(60)
        writer = pool.submit(less.write, tmp_path)
        writer.add_done_callback(lambda _: written.set())
        assert moving.wait(60)
        second = pool.submit(read_all)
        second.add_done_callback(lambda _: read.set())
        writer.result()
        assert (first.result(), second.result()) == (old, new)


def test_a_crash_in_a_database_leaves_the_old_state(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "out.duckdb"
    snapshot.write(place)

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(database_module, "_catalog_row", fail)
        with pytest.raises(KeyboardInterrupt):
            attrs.evolve(snapshot, positions=[]).write(place)
    holds(open_store(place), snapshot)


FULL = """
import resource, signal, sys
from onefolio import StoreError, open_store
from onefolio._snapshots.snapshot import Snapshot
from datetime import UTC, datetime
from onefolio import Account
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = open_store(sys.argv[1])
ids = [str(hash(str(number))) for number in range(5000)]
accounts = [Account(provider="p", connection="c", id=each) for each in ids]
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    store.write(Snapshot(accounts=accounts, balances=[], positions=[], failures=[], taken_at=datetime.now(UTC)))
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("place", ["parquet", "duckdb"], indirect=True)
def test_a_full_disk_raises_an_error_and_loses_nothing(place: str, snapshot: Snapshot) -> None:
    """A limit on the size of files has the effect of a full disk: the same call fails in the same way."""
    store = open_store(place)
    store.write(snapshot)
    done = subprocess.run([sys.executable, "-c", FULL, place], capture_output=True, text=True, check=True, timeout=60)
    assert "cannot be written" in done.stdout, done.stderr
    assert place in done.stdout
    holds(store, snapshot)


def test_different_spellings_of_a_path_are_one_store(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    snapshot.write("~/out")
    (tmp_path / "link").symlink_to("out")
    for place in ("out", "out/", "./out", Path("~/out"), "link", tmp_path / "link/"):
        holds(open_store(place), snapshot)
    snapshot.write("OUT.DuckDB")
    assert (tmp_path / "OUT.DuckDB").is_file()
    with pytest.raises(ConfigurationError, match="path of the store is empty"):
        snapshot.write("")


def test_a_file_in_place_of_a_folder_raises_an_error(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(StoreError, match=r"cannot be written.*file"):
        snapshot.write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_without_write_permission_raises_an_error(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(tmp_path))

    monkeypatch.setattr("onefolio.stores.atomic_folder.tempfile.mkdtemp", refuse)
    with pytest.raises(StoreError, match=r"cannot be written: Permission denied"):
        snapshot.write(tmp_path)


def test_a_read_only_folder_is_read(tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot.write(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(tmp_path / ".lock"))

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    holds(open_store(tmp_path), snapshot)
    (tmp_path / ".valid-20260101T000000.000000Z").mkdir()
    with pytest.raises(StoreError, match=r"cannot be read: .*incomplete.*a user who may write"):
        open_store(tmp_path).read()
    assert not list(tmp_path.glob(".valid-*/*"))


def test_a_disk_too_full_for_a_directory_leaves_the_old_state_readable(
    tmp_path: Path, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot.write(tmp_path)
    mkdir = Path.mkdir

    def refuse(path: Path, *arguments: Any, **options: Any) -> None:
        if ".staged" not in str(path) and not path.is_dir():
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        mkdir(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(StoreError, match=r"No space left on device.*Free space"):
        later(snapshot).write(tmp_path)
    holds(open_store(tmp_path), snapshot)


@pytest.mark.parametrize("read_only", [False, True])
def test_a_duckdb_file_that_another_process_has_open_raises_an_error(
    read_only: bool, tmp_path: Path, snapshot: Snapshot
) -> None:
    place = tmp_path / "out.duckdb"
    snapshot.write(place)
    script = f"import duckdb; c = duckdb.connect({str(place)!r}, read_only={read_only}); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline()
        with pytest.raises(StoreError, match=r"out\.duckdb cannot be written.*lock.*only one process at a time"):
            later(snapshot).write(place)
        if read_only:
            holds(open_store(place), snapshot)
        other.communicate("\n", timeout=30)
    holds(open_store(place), snapshot)


def test_a_file_that_is_not_a_database_raises_an_error(tmp_path: Path, snapshot: Snapshot) -> None:
    (tmp_path / "notes.duckdb").write_text("dear diary " * 1000)
    with pytest.raises(StoreError, match=r"notes\.duckdb cannot be written.*not a valid DuckDB"):
        snapshot.write(tmp_path / "notes.duckdb")


@all_stores
def test_concurrent_writers_wait_for_each_other(
    place: str, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each writer takes so long that another one would interfere if it did not wait."""

    def delay(function: Callable[..., Any]) -> Callable[..., Any]:
        def delayed(*arguments: Any) -> Any:
            time.sleep(LOCKED_SECONDS)
            return function(*arguments)

        return delayed

    monkeypatch.setattr(database_module, "_catalog_row", delay(database_module._catalog_row))
    monkeypatch.setattr(AtomicFolder, "_move", delay(AtomicFolder._move))
    other = later(snapshot)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.write(place), [other, snapshot, snapshot, snapshot]))
    holds(open_store(place), other, snapshot)


def test_a_duckdb_file_that_this_process_has_open_loses_nothing(tmp_path: Path, snapshot: Snapshot) -> None:
    place = tmp_path / "out.duckdb"
    snapshot.write(place)
    with duckdb.connect(place) as notebook:
        notebook.execute("CREATE TABLE mine AS SELECT 1 AS one")
        notebook.execute("ATTACH ':memory:' AS other; CREATE TABLE other.main.positions (theirs INT)")
        later(snapshot).write(place)
        holds(open_store(place), snapshot, later(snapshot))
        assert notebook.execute("SELECT count(*) FROM snapshots").fetchall() == [(2,)]
    with duckdb.connect(place, read_only=True) as notebook:
        assert notebook.execute("SELECT one FROM mine").fetchall() == [(1,)]
        holds(open_store(place), snapshot, later(snapshot))
        with pytest.raises(StoreError, match=r"out\.duckdb cannot be written.*different configuration"):
            snapshot.write(place)


def test_a_password_is_in_no_message() -> None:
    store = open_store("postgresql://me:hunter2@127.0.0.1:1/books")
    with pytest.raises(StoreError) as caught:
        store.times()
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1:1/books" in str(caught.value)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:hun/ter2@127.0.0.1:1/books",
        "postgresql://me:hun#ter2@127.0.0.1:1/books",
        "postgresql://me:hun?ter2@127.0.0.1:1/books",
        "postgresql://me:hun@ter2@127.0.0.1:1/books",
        "postgresql://me:hun%ter2@127.0.0.1:1/books",
        "postgresql://me:hun ter2@127.0.0.1:1/books",
        "postgresql://127.0.0.1:1/books?password=hun%ter2",
        "postgresql://127.0.0.1:1/books?password=hun&ter2",
        "POSTGRESQL://me:hunter2@127.0.0.1:1/books",
        "postgresql://me:hunter2@127.0.0.1\0:1/books",
        "postgresql://me:hunter2@127.0.0.1:1/bo\udcffoks",
    ],
)
def test_an_invalid_address_is_rejected_without_showing_its_password(address: str) -> None:
    """libpq would take a part of the password for a host, and quote it."""
    with pytest.raises(ConfigurationError, match="%2F") as caught:
        open_store(address)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    values = [value for frame in shown.stack if "facade" in frame.filename for value in (frame.locals or {}).values()]
    assert not any("ter2" in text for text in (str(caught.value), *values))


@pytest.mark.parametrize(
    "address",
    [
        "postgres://localhost/books",
        "postgresql://me:h%40n%2Fter:2@[::1]:5432,second:5433/books?sslmode=require&host=/run/pg&options=-csearch_path",
        "postgresql:///books",
        "postgresql://",
    ],
)
def test_every_valid_form_of_an_address_is_accepted(address: str) -> None:
    assert "ter" not in open_store(address).name


def test_an_address_with_another_scheme_is_rejected() -> None:
    with pytest.raises(ConfigurationError, match="mysql"):
        open_store("mysql://localhost/books")


@pytest.mark.parametrize("name", ["pyarrow", "filelock", "duckdb", "adbc_driver_postgresql"])
def test_a_missing_package_raises_an_error_with_the_command_that_installs_it(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {"duckdb": "a.duckdb", "adbc_driver_postgresql": "postgresql://localhost/a"}
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, f"{name}.dbapi", raising=False)
    with pytest.raises(ConfigurationError, match=r'pip install "onefolio\[(store|postgres)\]"'):
        open_store(places.get(name, str(tmp_path / "out")))


def query_duckdb(query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


NAMES = ("a/b", "../../out", "a=b", "50%", "%2F", "ü 漢", "quo'te", "new\nline", "..", "a*[b]", " ", "a+b", "x" * 99)


@all_stores
def test_a_provider_may_have_any_name(place: str, snapshot: Snapshot) -> None:
    theirs = [structs.replace(snapshot.positions[0], provider=name, symbol=name) for name in NAMES]
    named = attrs.evolve(snapshot, positions=theirs)
    named.write(place)
    holds(open_store(place), named)


def test_other_libraries_read_the_names_of_providers(tmp_path: Path, snapshot: Snapshot) -> None:
    theirs = [structs.replace(snapshot.positions[0], provider=name, symbol=name) for name in NAMES]
    attrs.evolve(snapshot, accounts=[], balances=[], positions=theirs, failures=[]).write(tmp_path / "out")
    place, names = tmp_path / "out" / "positions", Counter(zip(NAMES, NAMES, strict=True))
    assert [each.name for each in tmp_path.iterdir()] == ["out"]
    assert Counter(query_duckdb(f"SELECT provider, symbol FROM '{place}/**/*.parquet'")) == names
    assert Counter(pl.scan_parquet(place).select("provider", "symbol").collect().iter_rows()) == names
    frame = pd.read_parquet(place)
    assert Counter(zip(frame["provider"], frame["symbol"], strict=True)) == names


@all_stores
def test_rows_without_a_provider_are_stored(place: str, snapshot: Snapshot) -> None:
    missing: Any = None
    bare = attrs.evolve(snapshot, positions=[structs.replace(snapshot.positions[0], provider=missing)])
    bare.write(place)
    holds(open_store(place), bare)


def test_other_libraries_read_a_folder(tmp_path: Path, snapshot: Snapshot) -> None:
    place = tmp_path / "out"
    snapshot.write(place)
    wanted: Counter[str] = Counter()
    for each in snapshot.positions:
        wanted[each.provider] += each.market_value or 0  # type: ignore[assignment]  # sums of decimals
    files = f"'{place}/positions/**/*.parquet'"
    assert dict(query_duckdb(f"SELECT provider, sum(market_value) FROM {files} GROUP BY 1")) == wanted
    lazily = pl.scan_parquet(place / "positions").group_by("provider").agg(pl.col("market_value").sum())
    assert dict(lazily.collect().iter_rows()) == wanted
    frame = pd.read_parquet(place / "positions", dtype_backend="pyarrow")
    sums = frame.groupby("provider", observed=True)["market_value"].sum().to_dict()
    assert {provider: figure for provider, figure in sums.items() if figure} == wanted
    assert pq.read_table(place / "positions").num_rows == len(snapshot.positions)
    native = [each.raw["qty"] for each in snapshot.positions if each.raw is not None and "qty" in each.raw]
    found = query_duckdb(f"SELECT raw->>'$.qty' FROM {files} WHERE provider = 'alpaca'")
    assert {text for (text,) in found} == set(native)
