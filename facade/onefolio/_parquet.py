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
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ._errors import StoreError
from ._extras import extra
from ._frames import VERSION_KEY, Frames, schema
from ._store import Store

if TYPE_CHECKING:
    import pyarrow as pa

_TIME = "%Y%m%dT%H%M%S.%fZ"
_STAGED, _VALID, _LOCK, _CONTENTS = ".staged-", ".valid-", ".lock", "contents.json"
_ACCOUNTS = "accounts/date=*/provider=*/*.parquet"
_LOCK_SECONDS = 60
_NOBODY = "__HIVE_DEFAULT_PARTITION__"
"""What Hive calls a partition without a value: a snapshot of nothing has no provider."""


class ParquetFolder(Store):
    """A folder of Parquet files.

    Args:
        folder: where; made when something is written.

    Raises:
        ConfigurationError: a package is not installed.
    """

    def __init__(self, folder: Path) -> None:
        with extra("store", "a folder of snapshots"):
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
        with self._told("read"):
            if next(self._folder.iterdir(), None) is None:
                return []
            if any(self._folder.glob(f"{_VALID}*")):
                self.check()
            names = {path.stem for path in self._folder.glob(_ACCOUNTS)}
            return sorted(map(_time, names))

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        name = taken_at.strftime(_TIME)
        with self._writing():
            staged = Path(tempfile.mkdtemp(prefix=_STAGED, dir=self._folder))
            try:
                files = self._stage(tables, taken_at, staged)
                (staged / _CONTENTS).write_text(json.dumps({"snapshot": name, "files": files}))
                _to_disk(staged / _CONTENTS)
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
        providers = sorted(map(str, found))
        files = []
        for provider in providers or [_NOBODY]:
            for name, table in tables.items():
                file = f"{name}/date={taken_at:%Y-%m-%d}/provider={provider}/{taken_at.strftime(_TIME)}.parquet"
                rows = table.filter(pyarrow.compute.field("provider") == provider).drop_columns("provider")
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
                (self._folder / file).parent.mkdir(parents=True, exist_ok=True)
                os.replace(valid / file, self._folder / file)
                _to_disk((self._folder / file).parent)
        for path in self._folder.glob(f"*/date=*/provider=*/{contents['snapshot']}.parquet"):
            if path.relative_to(self._folder).as_posix() not in contents["files"]:
                path.unlink()
        shutil.rmtree(valid)

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        import pyarrow as pa

        wanted, parts = schema(table, full=True), []
        with self._told("read"):
            for path in sorted(self._folder.glob(f"{table}/date=*/provider=*/{taken_at.strftime(_TIME)}.parquet")):
                self._check_version_of(path)
                part = self._parquet.read_table(path, partitioning=None)
                provider = pa.repeat(path.parent.name.partition("=")[2], part.num_rows).cast(pa.string())
                parts.append(part.append_column("provider", provider).select(wanted.names).cast(wanted))
        return pa.concat_tables(parts) if parts else wanted.empty_table()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only one who writes; first finish, or clean away, what a crash left behind."""
        with self._told("written"):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._look_at_version()
            with self._lock:
                for valid in self._folder.glob(f"{_VALID}*"):
                    self._put_in_place(valid)
                for staged in self._folder.glob(f"{_STAGED}*"):
                    shutil.rmtree(staged, ignore_errors=True)
                yield

    def _look_at_version(self) -> None:
        """Refuse to put files of this schema beside files of another."""
        latest = max(
            self._folder.glob("accounts/date=*/provider=*/*.parquet"), key=lambda each: each.stem, default=None
        )
        if latest is not None:
            self._check_version_of(latest)

    def _check_version_of(self, path: Path) -> None:
        version = (self._parquet.read_schema(path).metadata or {}).get(VERSION_KEY)
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


def _time(name: str) -> datetime:
    return datetime.strptime(name, _TIME).replace(tzinfo=UTC)


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
