"""A folder of snapshots: files of others, links, odd files, and locks."""

import errno
import fcntl
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from onefolio import Account, ConfigurationError, Position, Snapshot, StoreError, open_store
from onefolio.stores import folder_lock
from onefolio.stores.layout import format_name

TAKEN_AT = datetime(2026, 11, 21, 9, tzinfo=UTC)

NAME = format_name(TAKEN_AT)

VALID = f".valid-{NAME}"


def build(*providers: str, taken_at: datetime = TAKEN_AT, number: int = 2) -> Snapshot:
    """Return a snapshot with accounts and one position at each provider."""
    return Snapshot(
        accounts=[Account(provider=each, connection=each, id=str(at)) for each in providers for at in range(number)],
        balances=[],
        positions=[
            Position(provider=each, connection=each, account_id="0", symbol="A", quantity=Decimal(number))
            for each in providers
        ],
        failures=[],
        taken_at=taken_at,
    )


OLD, NEW, LATER = build("a", "b"), build("a", number=3), build("c", taken_at=TAKEN_AT + timedelta(days=1))


def content(place: Path) -> dict[datetime, list[tuple[str, str]]]:
    """Return the accounts of each snapshot of a store."""
    store = open_store(place)
    tables = {taken_at: store.read(taken_at).accounts for taken_at in store.times()}
    return {at: sorted((row["provider"], row["id"]) for row in each.to_pylist()) for at, each in tables.items()}


def accounts(*snapshots: Snapshot) -> dict[datetime, list[tuple[str, str]]]:
    return {each.taken_at: sorted((account.provider, account.id) for account in each.accounts) for each in snapshots}


def file_of(place: Path, table: str, provider: str) -> Path:
    return place / f"{table}/date=2026-11-21/provider={provider}/{NAME}.parquet"


@pytest.fixture(autouse=True)
def _unflushed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave files in the cache: they need not survive a crash of the machine."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return the path of a folder with one snapshot of two providers."""
    OLD.write(tmp_path / "out")
    return tmp_path / "out"


@pytest.mark.parametrize(
    "theirs",
    [
        ".staged-photos/a.jpg",
        ".staged-holidays/a.jpg",
        ".staged-onefolio-photos/a.jpg",
        ".staged-photos/positions/date=2026-11-21/provider=a/20261121T090000.000000Z.parquet",
        ".staged-file",
        ".valid-photos/a.jpg",
        ".valid-20260101T000000.000000Z",
        f"pnl/date=2026-11-21/provider=b/{NAME}.parquet",
        f"positions/date=2020-01-01/provider=b/{NAME}.parquet",
        "positions/date=2026-11-21/provider=b/notes.txt",
        "contents.json",
        "notes/a.txt",
    ],
)
def test_files_of_others_are_kept(theirs: str, place: Path) -> None:
    (place / theirs).parent.mkdir(parents=True, exist_ok=True)
    (place / theirs).write_text("mine")
    NEW.write(place)
    LATER.write(place)
    assert content(place) == accounts(NEW, LATER)
    assert (place / theirs).read_text() == "mine"


def test_a_staging_directory_with_a_file_of_another_program_is_kept(place: Path) -> None:
    """The list of files may have been there before the other file."""
    file = f"positions/date=2026-11-21/provider=a/{NAME}.parquet"
    for name in (".staged-abcdefgh", ".staged-onefolio-abc"):
        for path in (file, "positions/a.jpg"):
            (place / name / path).parent.mkdir(parents=True, exist_ok=True)
            (place / name / path).write_text("")
        (place / name / "contents.json").write_text(json.dumps({"snapshot": NAME, "files": [file]}))
    LATER.write(place)
    left = {each.relative_to(place).as_posix() for each in place.glob(".staged-*/**/*") if each.is_file()}
    kept = ("contents.json", "positions/a.jpg")
    assert left == {f"{name}/{path}" for name in (".staged-abcdefgh", ".staged-onefolio-abc") for path in kept}


@pytest.mark.parametrize("provider", ["b", "theirs"])
@pytest.mark.parametrize("copied", [False, True])
def test_a_foreign_file_in_place_of_a_file_of_a_replaced_snapshot_is_refused(
    provider: str, copied: bool, place: Path
) -> None:
    path = file_of(place, "positions", provider)
    path.parent.mkdir(exist_ok=True)
    if copied and provider == "b":
        file_of(place, "failures", "b").unlink()
    elif copied:
        shutil.copy(file_of(place, "positions", "a"), path)
    else:
        path.write_text("mine")
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"provider={provider}"):
        NEW.write(place)
    assert path.read_bytes() == before
    LATER.write(place)


@pytest.mark.parametrize("directory", [VALID, ".staged-onefolio-abc", ".staged-abcdefgh"])
@pytest.mark.parametrize(
    "listed",
    [
        ["../mine.txt"],
        ["../../mine.txt"],
        ["mine.txt"],
        ["positions/date=2026-11-21/provider=/../../../mine.txt"],
        [f"positions/date=2026-11-21/provider=a/../../../../../mine.txt/{NAME}.parquet"],
        [f"positions/date=2026-11-21/provider=a/{NAME}.parquet\n"],
        ["positions/date=2026-11-21/provider=a/20260101T000000.000000Z.parquet"],
        [f"positions/date=2020-01-01/provider=a/{NAME}.parquet"],
        [f"pnl/date=2026-11-21/provider=a/{NAME}.parquet"],
        ["ABSOLUTE"],
        [1],
        {"mine.txt": 1},
        None,
    ],
)
def test_an_edited_list_deletes_and_moves_no_other_file(listed: Any, directory: str, place: Path) -> None:
    for path in (place / "mine.txt", place.parent / "mine.txt"):
        path.write_text("mine")
    if listed == ["ABSOLUTE"]:
        listed = [str(place.parent / "mine.txt")]
    (place / directory).mkdir()
    (place / directory / "contents.json").write_text(json.dumps({"snapshot": NAME, "files": listed}))
    if directory == VALID:
        with pytest.raises(StoreError, match=r"\.valid-.* was changed.*Move it elsewhere"):
            NEW.write(place)
        shutil.rmtree(place / directory)
    NEW.write(place)
    assert content(place) == accounts(NEW)
    assert [(each / "mine.txt").read_text() for each in (place, place.parent)] == ["mine", "mine"]


@pytest.mark.parametrize("list_of_files", ["fifo", "link", "nested", "missing", "directory"])
def test_a_valid_set_without_a_list_is_refused(list_of_files: str, place: Path) -> None:
    (place / VALID).mkdir()
    path = place / VALID / "contents.json"
    if list_of_files == "fifo":
        os.mkfifo(path)
    elif list_of_files == "link":
        (place / "mine.json").write_text(json.dumps({"snapshot": NAME, "files": []}))
        path.symlink_to(place / "mine.json")
    elif list_of_files == "nested":
        path.write_text("[" * 100_000)
    elif list_of_files == "directory":
        path.mkdir()
    for call in (lambda: LATER.write(place), open_store(place).read):
        with pytest.raises(StoreError, match=r"\.valid-.* was changed"):
            call()


@pytest.mark.parametrize("directory", [VALID, ".staged-onefolio-abc"])
def test_a_link_in_a_staging_directory_is_not_followed(directory: str, place: Path) -> None:
    theirs = place.parent / f"theirs/date=2026-11-21/provider=a/{NAME}.parquet"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    (place / directory).mkdir()
    (place / directory / "positions").symlink_to(place.parent / "theirs")
    files = [f"positions/date=2026-11-21/provider=a/{NAME}.parquet"]
    (place / directory / "contents.json").write_text(json.dumps({"snapshot": NAME, "files": files}))
    if directory == VALID:
        with pytest.raises(StoreError, match="was changed"):
            LATER.write(place)
    else:
        LATER.write(place)
    assert theirs.read_text() == "mine"


def test_an_unfinished_set_of_an_earlier_version_is_completed(place: Path) -> None:
    """A set of the first version contained no files of the providers that it no longer had."""
    (place / VALID).mkdir()
    NEW.write(place.parent / "new")
    for table in ("accounts", "balances", "positions", "failures"):
        shutil.move(place.parent / "new" / table, place / VALID / table)
    files = [path.relative_to(place / VALID).as_posix() for path in (place / VALID).rglob("*.parquet")]
    (place / VALID / "contents.json").write_text(json.dumps({"snapshot": NAME, "files": files}))
    with pytest.raises(StoreError, match=r"provider=b/.* is not part of the snapshot that replaced it"):
        open_store(place).times()
    for table in ("accounts", "balances", "positions", "failures"):
        file_of(place, table, "b").unlink()
    assert content(place) == accounts(NEW)
    assert not list(place.glob(".[sv]*-*"))


@pytest.fixture
def other_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Refuse renames to a directory below `disk`, as the kernel does between file systems."""

    def refuse(rename: Callable[..., None]) -> Callable[..., None]:
        def refused(source: str | Path, target: str | Path) -> None:
            if ("/disk/" in os.path.realpath(source)) != ("/disk/" in os.path.realpath(target)):
                raise OSError(errno.EXDEV, "Invalid cross-device link", str(source))
            rename(source, target)

        return refused

    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", refuse(os.rename))
        patch.setattr(os, "replace", refuse(os.replace))
        yield


@pytest.mark.usefixtures("other_disk")
@pytest.mark.parametrize("linked", ["positions", "positions/date=2026-11-21", "positions/date=2026-11-21/provider=a"])
@pytest.mark.parametrize("empty", [False, True])
def test_a_table_on_another_disk_is_refused_before_anything_is_written(
    linked: str, empty: bool, tmp_path: Path
) -> None:
    place, disk = tmp_path / "out", tmp_path / "disk"
    if not empty:
        OLD.write(place)
        shutil.copytree(place / linked, disk / linked)
        shutil.rmtree(place / linked)
    (disk / linked).mkdir(parents=True, exist_ok=True)
    (place / linked).parent.mkdir(parents=True, exist_ok=True)
    (place / linked).symlink_to(disk / linked)
    before = sorted(tmp_path.rglob("*.parquet"))
    for each in (NEW, OLD):
        with pytest.raises(StoreError, match=rf"cannot be written: .*{linked}.* is on another disk.*Store snapshots"):
            each.write(place)
    assert sorted(tmp_path.rglob("*.parquet")) == before
    assert not list(place.glob(".[sv]*-*"))
    assert content(place) == ({} if empty else accounts(OLD))


def test_a_table_that_is_a_link_on_the_same_disk_works(place: Path) -> None:
    shutil.move(place / "positions", place.parent / "elsewhere")
    (place / "positions").symlink_to(place.parent / "elsewhere")
    NEW.write(place)
    LATER.write(place)
    assert content(place) == accounts(NEW, LATER)


@pytest.mark.parametrize("kind", ["missing", "loop", "file"])
def test_a_table_that_is_no_directory_is_refused(kind: str, place: Path) -> None:
    shutil.rmtree(place / "positions")
    if kind == "file":
        (place / "positions").write_text("mine")
    else:
        (place / "positions").symlink_to("positions" if kind == "loop" else "missing")
    for each in (OLD, LATER):
        with pytest.raises(StoreError, match="positions is not a directory"):
            each.write(place)
    with pytest.raises(StoreError, match="positions is not a directory"):
        open_store(place).check()


@pytest.mark.parametrize("kind", ["fifo", "directory", "link"])
def test_a_target_that_is_no_regular_file_is_refused(kind: str, place: Path) -> None:
    path = file_of(place, "positions", "a")
    path.rename(place.parent / "moved")
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to(place.parent / "moved")
    before = (place.parent / "moved").read_bytes()
    with pytest.raises(StoreError, match="is not a regular file"):
        NEW.write(place)
    assert (place.parent / "moved").read_bytes() == before
    LATER.write(place)


def test_a_file_with_two_names_is_not_changed_under_the_other(place: Path) -> None:
    os.link(file_of(place, "accounts", "a"), place.parent / "backup")
    before = (place.parent / "backup").read_bytes()
    NEW.write(place)
    assert (place.parent / "backup").read_bytes() == before
    assert content(place) == accounts(NEW)


def test_a_partition_without_write_permission_is_refused_before_anything_is_written(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda path, _: not str(path).endswith("provider=a"))
    with pytest.raises(StoreError, match=r"cannot be written: Permission denied .*provider=a"):
        NEW.write(place)
    assert content(place) == accounts(OLD)


@pytest.mark.parametrize(
    "provider", ["", "__HIVE_DEFAULT_PARTITION__", ".", "CON", "a\\b", "\x00\x1f\n\x7f", "%5F", "A"]
)
def test_every_file_of_a_provider_is_one_that_the_folder_may_move(provider: str, tmp_path: Path) -> None:
    """A name that is not recognized would leave a valid set that cannot be completed."""
    snapshot = build(provider)
    snapshot.write(tmp_path)
    snapshot.write(tmp_path)
    assert content(tmp_path) == accounts(snapshot)


@pytest.mark.parametrize("code", ["ENOLCK", "ENOTSUP", "ENOSYS", "EIO"])
def test_a_file_system_without_locks_raises_an_error(code: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(getattr(errno, code), os.strerror(getattr(errno, code)))

    monkeypatch.setattr(fcntl, "flock", refuse)
    for folder in (place, place.parent / "new"):
        with pytest.raises(StoreError, match="cannot be written") as caught:
            LATER.write(folder)
        assert ("does not lock files" in str(caught.value)) == (code != "EIO")
    assert content(place) == accounts(OLD)


def test_a_lock_request_without_a_response_raises_an_error(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On NFS without a lock service, a call of flock does not return."""
    hanging = threading.Event()
    flock = fcntl.flock

    def hang(*arguments: Any) -> None:
        hanging.wait()
        flock(*arguments)

    monkeypatch.setattr(folder_lock, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(folder_lock, "_GRACE_SECONDS", 0.1)
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", hang)
        for call in (lambda: LATER.write(place), open_store(place).read):
            with pytest.raises(StoreError, match=r"did not respond to the request for a lock.*local disk"):
                call()
    hanging.set()
    monkeypatch.setattr(folder_lock, "LOCK_SECONDS", 60)
    LATER.write(place)  # the abandoned attempts have not kept the lock
    assert content(place) == accounts(OLD, LATER)


def test_a_change_during_a_read_without_the_lock_raises_an_error(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(fcntl, "flock", Mock(side_effect=PermissionError(errno.EPERM, "Operation not permitted")))
        store = open_store(place)
        with pytest.raises(StoreError, match="was written meanwhile"), store.reading():  # noqa: PT012
            patch.undo()
            LATER.write(place)


@pytest.mark.parametrize("name", ["pipe.duckdb", "folder.duckdb", "\udcff.duckdb", "nul\0", "nul\0.duckdb"])
def test_a_path_that_is_no_database_raises_an_error_at_once(name: str, tmp_path: Path) -> None:
    """Opening a named pipe would wait for another program."""
    os.mkfifo(tmp_path / "pipe.duckdb")
    (tmp_path / "folder.duckdb").mkdir()
    for call in ("check", "times", "read"):
        with pytest.raises((StoreError, ConfigurationError), match="Use another path"):
            getattr(open_store(tmp_path / name), call)()


@pytest.mark.parametrize(
    ("owner", "name"), [(os, "replace"), (os, "fsync"), (tempfile, "mkdtemp"), (Path, "mkdir"), (Path, "open")]
)
@pytest.mark.parametrize("before", [(), (build("a"),)], ids=["new", "replaced"])
def test_a_failed_call_leaves_the_old_state_or_the_new_one(
    owner: Any, name: str, before: tuple[Snapshot, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call of the function fails once, as on a full disk."""
    function, number, failing = getattr(owner, name), 0, 0

    def called(*arguments: Any, **options: Any) -> Any:
        nonlocal number
        number += 1
        if number == failing:
            raise OSError(errno.ENOSPC, "No space left on device", "file")
        return function(*arguments, **options)

    while number >= failing:
        failing, number = failing + 1, 0
        place = tmp_path / str(failing)
        place.mkdir()
        for each in before:
            each.write(place)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, called)
            try:
                NEW.write(place)
            except StoreError as error:
                assert "No space left on device" in str(error)  # noqa: PT017  # not every call raises
                after = (NEW,) if "the snapshot is stored" in str(error) else before
            else:
                after = (NEW,)
        assert content(place) == accounts(*after)
    assert failing > 1
    LATER.write(tmp_path / "1")
    assert not list((tmp_path / "1").glob(".[sv]*-*"))


def test_concurrent_writers_and_readers_of_one_store_object_exclude_each_other(place: Path) -> None:
    store, inside = open_store(place), []

    def enter(number: int) -> None:
        with store.reading(), store.reading():
            inside.append(number)
            time.sleep(0.01)
            assert inside.pop() == number
            assert not inside

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(enter, range(12)))
