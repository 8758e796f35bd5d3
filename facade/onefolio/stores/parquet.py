"""Snapshots as Parquet files: TABLE/date=YYYY-MM-DD/provider=NAME/TIME.parquet.

A snapshot is written beside the others first, in a folder that no reader looks into. One rename makes it valid; then
its files move to their places. Whoever opens the store after a crash finishes that, or finds nothing of it.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from .._core.errors import StoreError
from .._core.extras import require_extra
from .._models.records import TABLES
from .._tables.arrow_schema import VERSION_KEY, schema
from .._tables.frames import Frames
from .base import Store

if TYPE_CHECKING:
    import pyarrow as pa

_TIME = "%Y%m%dT%H%M%S.%fZ"

_STAGED, _VALID, _LOCK, _CONTENTS = ".staged-", ".valid-", ".lock", "contents.json"

_ACCOUNTS = "accounts/date=*/provider=*/*.parquet"

_PROVIDER = "provider="

_LOCK_SECONDS = 60

_NOBODY = "__HIVE_DEFAULT_PARTITION__"
"""What Hive calls a partition without a value: a snapshot of nothing has no provider."""

_CHANGED = "Restore it, or write the snapshot again"


class ParquetFolder(Store):
    """A folder of Parquet files.

    Args:
        folder: where; made when something is written.

    Raises:
        ConfigurationError: a package is not installed.
    """

    def __init__(self, folder: Path) -> None:
        with require_extra("store", "a folder of snapshots"):
            import filelock
            import pyarrow.parquet
        self._parquet = pyarrow.parquet
        self._lock = filelock.FileLock(folder / _LOCK, timeout=_LOCK_SECONDS)
        self._timeout = filelock.Timeout
        self.name = str(folder)
        self._folder = folder

    def check(self) -> None:
        """See whether files can be made here; the folder is, if need be."""
        with self._writing():
            pass

    def times(self) -> list[datetime]:
        """Return the times of the snapshots here; what a crash left unfinished is finished first."""
        with self._told("read"), self._undisturbed():
            return sorted({_time(path) for path in self._folder.glob(_ACCOUNTS)})

    def read(self, when: datetime | str | None = None) -> Frames[pa.Table]:
        """Return the tables of one snapshot, while nobody writes."""
        with self._told("read"), self._undisturbed():
            return super().read(when)

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        name = taken_at.strftime(_TIME)
        with self._writing():
            staged = Path(tempfile.mkdtemp(prefix=_STAGED, dir=self._folder))
            try:
                files = self._stage(tables, taken_at, staged)
                (staged / _CONTENTS).write_text(json.dumps({"snapshot": name, "files": files}))
                _to_disk(staged / _CONTENTS)
                for file in files:  # where there is no room for their folders, there is no snapshot
                    self._place(file)
                os.replace(staged, valid := self._folder / f"{_VALID}{name}")
            except BaseException:
                shutil.rmtree(staged, ignore_errors=True)
                raise
            _to_disk(self._folder)
            self._put_in_place(valid)

    def _stage(self, tables: Frames[pa.Table], taken_at: datetime, staged: Path) -> list[str]:
        """Write a snapshot's files into a folder, and return their paths."""
        import pyarrow.compute

        found = {each for table in tables.values() for each in table["provider"].unique().to_pylist()}
        column, files = pyarrow.compute.field("provider"), []
        for provider in found or [None]:
            folder = f"{_PROVIDER}{_NOBODY if provider is None else quote(provider, safe='')}"
            theirs = column.is_null() if provider is None else column == provider
            for name, table in tables.items():
                file = f"{name}/date={taken_at:%Y-%m-%d}/{folder}/{taken_at.strftime(_TIME)}.parquet"
                rows = table.filter(theirs).drop_columns("provider")
                (staged / file).parent.mkdir(parents=True)
                self._parquet.write_table(rows, staged / file, compression="zstd")
                _to_disk(staged / file)
                files.append(file)
        return files

    def _put_in_place(self, valid: Path) -> None:
        """Move a valid snapshot's files to their places, those that have not been moved yet."""
        contents = json.loads((valid / _CONTENTS).read_text())
        for file in contents["files"]:
            if (valid / file).exists():
                os.replace(valid / file, place := self._place(file))
                _to_disk(place.parent)
        for path in self._folder.glob(f"*/date=*/provider=*/{contents['snapshot']}.parquet"):
            if path.relative_to(self._folder).as_posix() not in contents["files"]:
                path.unlink()
        # By one rename, too: half of it, without its list, could neither be finished nor be called finished.
        os.replace(valid, done := self._folder / f"{_STAGED}{contents['snapshot']}")
        shutil.rmtree(done, ignore_errors=True)

    def _place(self, file: str) -> Path:
        """Return where a file of a snapshot belongs; its folder is made."""
        place = self._folder / file
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        import pyarrow as pa

        wanted = schema(table, full=True)
        return pa.concat_tables(
            [wanted.empty_table(), *(self._part(path, wanted) for path in self._files(table, taken_at))]
        )

    def _files(self, table: str, taken_at: datetime) -> list[Path]:
        """Return a snapshot's files of one table.

        Raises:
            StoreError: one of them is not there.
        """
        date, file = f"date={taken_at:%Y-%m-%d}", f"{taken_at.strftime(_TIME)}.parquet"
        folders = {path.parent.name for name in TABLES for path in self._folder.glob(f"{name}/{date}/*/{file}")}
        files = [self._folder / table / date / folder / file for folder in sorted(folders)]
        for path in files:
            if not path.is_file():
                raise StoreError(f"{self.name}: the snapshot is not whole, {path} is not there. {_CHANGED}")
        return files

    def _part(self, path: Path, wanted: pa.Schema) -> pa.Table:
        """Return what one file has of a table with the wanted columns."""
        import pyarrow as pa

        self._check_version_of(path)
        part = self._parquet.read_table(path, partitioning=None)
        name = path.parent.name.removeprefix(_PROVIDER)
        provider = pa.scalar(None if name == _NOBODY else unquote(name), pa.string())
        part = part.append_column("provider", pa.repeat(provider, part.num_rows))
        if lacking := set(wanted.names) - set(part.column_names):
            raise StoreError(f"{path} lacks {', '.join(sorted(lacking))}. {_CHANGED}")
        return part.select(wanted.names).cast(wanted)

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """Have nobody write meanwhile, and finish what a crash left unfinished.

        A folder that has no lock has no writers either; where it cannot be taken, what is there is read as it is.
        """
        next(self._folder.iterdir(), None)
        with ExitStack() as held:
            if self._is_unfinished() or (self._folder / _LOCK).exists():
                try:
                    held.enter_context(self._lock)
                except self._timeout:
                    raise
                except OSError:
                    pass
            if self._is_unfinished():
                if not self._lock.is_locked:
                    raise StoreError(
                        f"{self.name} cannot be read: a snapshot is being written there, or a crash left it half done. "
                        "Try again, and if it stays so, read it once as somebody who may write there"
                    )
                self._finish()
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only one who writes; first finish, or clean away, what a crash left behind."""
        with self._told("written"):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._look_at_version()
            with self._lock:
                self._finish()
                yield

    def _is_unfinished(self) -> bool:
        return next(self._folder.glob(f"{_VALID}*"), None) is not None

    def _finish(self) -> None:
        """Clean away what a crash left behind, and put in place what was valid."""
        for staged in self._folder.glob(f"{_STAGED}*"):
            shutil.rmtree(staged, ignore_errors=True)
        for valid in self._folder.glob(f"{_VALID}*"):
            self._put_in_place(valid)

    def _look_at_version(self) -> None:
        """Refuse to put files of this schema beside files of another."""
        latest = max(self._folder.glob(_ACCOUNTS), key=lambda each: each.stem, default=None)
        if latest is not None:
            self._check_version_of(latest)

    def _check_version_of(self, path: Path) -> None:
        import pyarrow as pa

        try:
            version = (self._parquet.read_schema(path).metadata or {}).get(VERSION_KEY)
        except pa.ArrowException as error:
            raise StoreError(f"{path} is no Parquet file of onefolio's ({error}). {_CHANGED}") from None
        self._check_version(None if version is None else version.decode(), str(path))

    @contextmanager
    def _told(self, done: str) -> Iterator[None]:
        """Say what could not be done, and where."""
        import pyarrow as pa

        try:
            yield
        except self._timeout:
            raise StoreError(
                f"{self.name} cannot be {done}: another process has been writing there for {_LOCK_SECONDS} s"
            ) from None
        except OSError as error:
            told = f"{error.strerror or error} ({error.filename or self.name})"
            raise StoreError(f"{self.name} cannot be {done}: {told}{_advice(error)}") from None
        except pa.ArrowException as error:
            raise StoreError(f"{self.name} cannot be {done}: {error}") from None


def _time(path: Path) -> datetime:
    try:
        return datetime.strptime(path.stem, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise StoreError(f"{path} was not written by onefolio: its name is no time. Move it elsewhere") from None


def _to_disk(path: Path) -> None:
    """Have a file's contents, or a folder's names, on the disk and not in memory."""
    if os.name != "posix" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _advice(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return ". Make room there and write again; what was there before is as it was"
    if error.errno == errno.ENOENT:
        return ". Is the path right?"
    return ""
