"""Snapshots in Parquet files, TABLE/date=YYYY-MM-DD/provider=NAME/TIME.parquet."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from .._core.errors import StoreError
from .._core.extras import require_extra
from .._models.records import TABLES
from .._tables.arrow_schema import VERSION_KEY, schema
from .._tables.frames import Frames
from .atomic_folder import LOCK_SECONDS, AtomicFolder
from .base import Store

if TYPE_CHECKING:
    import pyarrow as pa

_TIME = "%Y%m%dT%H%M%S.%fZ"

_PROVIDER = "provider="

_NULL_PROVIDER = "__HIVE_DEFAULT_PARTITION__"
"""Hive's name for the partition of null. A snapshot without rows has no provider."""

_REMEDY = "Restore the file, or store the snapshot again"


class ParquetFolder(Store):
    """A folder of Parquet files.

    Args:
        path: the folder, which is created when a snapshot is stored.

    Raises:
        ConfigurationError: pyarrow or filelock is not installed.
    """

    def __init__(self, path: Path) -> None:
        with require_extra("store", "a folder of snapshots"):
            import filelock
            import pyarrow.parquet
        self._parquet = pyarrow.parquet
        self._timeout = filelock.Timeout
        self.name = str(path)
        self._path = path
        self._folder = AtomicFolder(path, find=lambda name: path.glob(f"*/date=*/provider=*/{name}.parquet"))

    def check(self) -> None:
        """Check that files can be created in the folder, which is created if it does not exist."""
        with self._writing():
            pass

    def times(self) -> list[datetime]:
        """Return the `taken_at` of all stored snapshots in UTC, from the oldest to the latest."""
        with self._reading():
            return sorted({_time(path) for path in self._account_files()})

    def read(self, when: datetime | str | None = None) -> Frames[pa.Table]:
        """Return a stored snapshot; writers are excluded meanwhile."""
        with self._reading():
            return super().read(when)

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        with self._writing():
            self._folder.replace(
                taken_at.strftime(_TIME), lambda directory: self._write_files(tables, taken_at, directory)
            )

    def _write_files(self, tables: Frames[pa.Table], taken_at: datetime, directory: Path) -> list[str]:
        """Write one file for each table and provider below a directory, and return the relative paths."""
        import pyarrow.compute

        providers = {each for table in tables.values() for each in table["provider"].unique().to_pylist()}
        column, files = pyarrow.compute.field("provider"), []
        for provider in providers or [None]:
            partition = f"{_PROVIDER}{_NULL_PROVIDER if provider is None else quote(provider, safe='')}"
            condition = column.is_null() if provider is None else column == provider
            for name, table in tables.items():
                file = f"{name}/date={taken_at:%Y-%m-%d}/{partition}/{taken_at.strftime(_TIME)}.parquet"
                # pyarrow rejects files that also contain the column of their partition.
                rows = table.filter(condition).drop_columns("provider")
                (directory / file).parent.mkdir(parents=True)
                self._parquet.write_table(rows, directory / file, compression="zstd")
                files.append(file)
        return files

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        import pyarrow as pa

        wanted = schema(table, full=True)
        parts = [self._read_file(path, wanted) for path in self._files(table, taken_at)]
        return pa.concat_tables([wanted.empty_table(), *parts])

    def _read_file(self, path: Path, wanted: pa.Schema) -> pa.Table:
        """Return the rows of a file, with the provider of its partition.

        Raises:
            StoreError: The file was not written by onefolio, or lacks a column.
        """
        import pyarrow as pa

        self._check_file_version(path)
        table = self._parquet.read_table(path, partitioning=None)
        name = path.parent.name.removeprefix(_PROVIDER)
        provider = pa.scalar(None if name == _NULL_PROVIDER else unquote(name), pa.string())
        table = table.append_column("provider", pa.repeat(provider, table.num_rows))
        if missing := set(wanted.names) - set(table.column_names):
            raise StoreError(f"{path} lacks columns: {', '.join(sorted(missing))}. {_REMEDY}")
        return table.select(wanted.names).cast(wanted)

    def _account_files(self) -> Iterator[Path]:
        """Return the files of accounts. Every snapshot has one, even if it has no accounts."""
        return self._path.glob("accounts/date=*/provider=*/*.parquet")

    def _files(self, table: str, taken_at: datetime) -> list[Path]:
        """Return the files of one table of a snapshot. Every table has a file for each provider of the snapshot.

        Raises:
            StoreError: A file is missing.
        """
        date, file = f"date={taken_at:%Y-%m-%d}", f"{taken_at.strftime(_TIME)}.parquet"
        partitions = {path.parent.name for name in TABLES for path in self._path.glob(f"{name}/{date}/*/{file}")}
        files = [self._path / table / date / partition / file for partition in sorted(partitions)]
        for path in files:
            if not path.is_file():
                raise StoreError(f"{self.name}: the snapshot is incomplete, {path} does not exist. {_REMEDY}")
        return files

    def _check_file_version(self, path: Path) -> None:
        """Check the schema version of a file.

        Raises:
            StoreError: The file has no schema version or another one, or is not a Parquet file.
        """
        import pyarrow as pa

        try:
            version = (self._parquet.read_schema(path).metadata or {}).get(VERSION_KEY)
        except pa.ArrowException as error:
            raise StoreError(f"{path} is not a valid Parquet file ({error}). {_REMEDY}") from None
        self._check_version(None if version is None else version.decode(), str(path))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._translate_errors("read"), self._folder.reading():
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._translate_errors("written"):
            # Files of two schema versions must not be mixed; checking the latest one is sufficient.
            if latest := max(self._account_files(), key=lambda path: path.stem, default=None):
                self._check_file_version(latest)
            with self._folder.writing():
                yield

    @contextmanager
    def _translate_errors(self, action: str) -> Iterator[None]:
        """Raise a StoreError that names the folder for an error of the file system or of pyarrow."""
        import pyarrow as pa

        try:
            yield
        except self._timeout:
            raise StoreError(
                f"{self.name} cannot be {action}: its lock has been held for {LOCK_SECONDS} s. Try again later"
            ) from None
        except OSError as error:
            reason = f"{error.strerror or error} ({error.filename or self.name})"
            raise StoreError(f"{self.name} cannot be {action}: {reason}{_advice(error)}") from None
        except pa.ArrowException as error:
            raise StoreError(f"{self.name} cannot be {action}: {error}") from None


def _time(path: Path) -> datetime:
    """Return the `taken_at` of a file.

    Raises:
        StoreError: The name of the file is not a time.
    """
    try:
        return datetime.strptime(path.stem, _TIME).replace(tzinfo=UTC)
    except ValueError:
        raise StoreError(f"{path} was not written by onefolio: its name is not a time. Move it elsewhere") from None


def _advice(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return ". Free space on the disk and try again; the stored snapshots are unchanged"
    if error.errno == errno.ENOENT:
        return ". Check the path"
    return ""
