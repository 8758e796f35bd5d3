"""Snapshots in Parquet files, TABLE/date=YYYY-MM-DD/provider=NAME/TIME.parquet."""

from __future__ import annotations

import errno
from collections.abc import Callable, Container, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from .._core.errors import StoreError
from .._core.extras import require_extra
from .._models.records import TABLES
from .._tables.arrow_schema import VERSION_KEY, schema
from .._tables.frames import Frames
from .._tables.text_only import mark_text_only
from .atomic_folder import AtomicFolder
from .base import Store
from .folder_lock import LOCK_SECONDS
from .layout import NULL_PARTITION, SnapshotLayout, format_name, format_partition, parse_name, parse_partition

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.compute
    import pyarrow.parquet

_REMEDY = "Restore the file, or store the snapshot again"

_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.ETIMEDOUT)


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
        self._layout = SnapshotLayout(path)
        self._folder = AtomicFolder(path, self._layout)

    def check(self) -> None:
        """Check that files can be created in the folder, which is created if it does not exist."""
        with self._writing():
            pass

    def times(self) -> list[datetime]:
        """Return the `taken_at` of all stored snapshots in UTC, from the oldest to the latest."""
        with self._translate_errors("read"), self.reading():
            return sorted({parse_name(path) for path in self._layout.find_accounts()})

    def read(self, when: datetime | str | None = None) -> Frames[pa.Table]:
        """Return a stored snapshot; writers are excluded meanwhile."""
        with self._translate_errors("read"):
            return super().read(when)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Exclude writers for the duration of a `with` block."""
        with ExitStack() as stack:
            with self._translate_errors("read"):  # not the errors of the block, which may use other libraries
                stack.enter_context(self._folder.reading())
            yield

    def _write(self, tables: Frames[pa.Table], taken_at: datetime) -> None:
        with self._writing():
            name = format_name(taken_at)
            self._folder.replace(name, self._plan(tables, name))

    def _plan(self, tables: Frames[pa.Table], name: str) -> dict[str, Callable[[BinaryIO], None]]:
        """Return a function for each file of a snapshot that writes it: one for each table and provider.

        A file of a provider that the snapshot no longer has is replaced by an empty one: other programs that have
        listed the file can open it.
        """
        import pyarrow.compute

        column = pyarrow.compute.field("provider")
        providers = {each for table in tables.values() for each in table["provider"].unique().to_pylist()}
        conditions = {
            format_partition(each): column.is_null() if each is None else column == each for each in providers
        }
        for partition in self._replaced_partitions(name, conditions):
            conditions[partition] = pyarrow.compute.scalar(value=False)
        return {
            self._layout.file(table, name, partition): partial(self._write_file, rows, condition)
            for partition, condition in (conditions or {NULL_PARTITION: column.is_null()}).items()
            for table, rows in tables.items()
        }

    def _replaced_partitions(self, name: str, kept: Container[str]) -> list[str]:
        """Return the partitions of a stored snapshot that its new version lacks.

        Raises:
            StoreError: A file that would be replaced was not written by onefolio for this snapshot.
        """
        tables: dict[str, list[str]] = {}
        for path in self._layout.find(name):
            table, _, partition, _ = path.relative_to(self._path).parts
            tables.setdefault(partition, []).append(table)
            if partition in kept and self._is_damaged(path):
                continue  # storing the snapshot again repairs it
            with self._open(path):
                pass
        replaced = [partition for partition in tables if partition not in kept]
        for partition in replaced:
            if len(tables[partition]) < len(TABLES):
                path = self._path / self._layout.file(tables[partition][0], name, partition)
                raise StoreError(
                    f"{self.name} cannot be written: {path} is not part of the stored snapshot, or other files of the "
                    "snapshot are missing: it has a file for each provider in every table. Restore them, or move this "
                    "file elsewhere"
                )
        return replaced

    def _write_file(self, rows: pa.Table, condition: pyarrow.compute.Expression, file: BinaryIO) -> None:
        # pyarrow rejects files that also contain the column of their partition.
        part = mark_text_only(rows.filter(condition).drop_columns("provider"))
        self._parquet.write_table(part, file, compression="zstd")

    def _read(self, table: str, taken_at: datetime) -> pa.Table:
        import pyarrow as pa

        wanted, name = schema(table, full=True), format_name(taken_at)
        # Every table has a file for each provider of the snapshot.
        partitions = sorted({path.parent.name for path in self._layout.find(name)})
        parts = [self._read_file(self._path / self._layout.file(table, name, each), wanted) for each in partitions]
        return pa.concat_tables([wanted.empty_table(), *parts])

    def _read_file(self, path: Path, wanted: pa.Schema) -> pa.Table:
        """Return the rows of a file, with the provider of its partition.

        Raises:
            StoreError: The file is missing, was not written by onefolio, or lacks a column.
        """
        import pyarrow as pa

        if not path.is_file():
            raise StoreError(f"{self.name}: the snapshot is incomplete, {path} does not exist. {_REMEDY}")
        with self._open(path) as file:
            table = file.read()
        provider = pa.scalar(parse_partition(path.parent.name), pa.string())
        table = table.append_column("provider", pa.repeat(provider, table.num_rows))
        if missing := set(wanted.names) - set(table.column_names):
            raise StoreError(f"{path} lacks columns: {', '.join(sorted(missing))}. {_REMEDY}")
        return table.select(wanted.names).cast(wanted)

    def _is_damaged(self, path: Path) -> bool:
        """Return whether a regular file is not a valid Parquet file."""
        import pyarrow as pa

        try:
            if path.is_file():
                with path.open("rb") as stream:
                    self._parquet.ParquetFile(stream)
        except pa.ArrowException:
            return True
        return False

    @contextmanager
    def _open(self, path: Path) -> Iterator[pyarrow.parquet.ParquetFile]:
        """Open a file and check its schema version.

        Raises:
            StoreError: The file is not a regular Parquet file, or has no schema version or another one.
        """
        import pyarrow as pa

        if not path.is_file():  # opening a named pipe would wait for a writer
            raise StoreError(f"{path} is not a regular file. Move it elsewhere")
        # A path with bytes that are not UTF-8 can be opened by Python, but not by pyarrow.
        with path.open("rb") as stream:
            try:
                file = self._parquet.ParquetFile(stream)
            except pa.ArrowException as error:
                raise StoreError(f"{path} is not a valid Parquet file ({error}). {_REMEDY}") from None
            version = (file.schema_arrow.metadata or {}).get(VERSION_KEY)
            self._check_version(None if version is None else version.decode(), str(path))
            yield file

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._translate_errors("written"):
            # Files of two schema versions must not be mixed; checking the latest one is sufficient.
            if latest := max(self._layout.find_accounts(), key=lambda path: path.stem, default=None):
                with self._open(latest):
                    pass
            with self._folder.writing():
                self._folder.check_targets(f"{table}/any" for table in TABLES)
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


def _advice(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return ". Free space on the disk and try again; the stored snapshots are unchanged"
    if error.errno == errno.ENOENT:
        return ". Check the path"
    if error.errno in _WITHOUT_LOCKS:
        return (
            ". The file system does not lock files, which NFS does only with a lock service. Use a folder on a local "
            "disk, or mount the file system with locks"
        )
    return ""
