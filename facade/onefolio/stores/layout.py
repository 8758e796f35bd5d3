"""Names of the files of snapshots, TABLE/date=YYYY-MM-DD/provider=NAME/TIME.parquet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, unquote

from .._core.errors import StoreError
from .._models.records import TABLES

_NAME = re.compile(r"(\d{4})(\d\d)(\d\d)T\d{6}\.\d{6}Z", re.ASCII)

_PROVIDER = "provider="

NULL_PARTITION = f"{_PROVIDER}__HIVE_DEFAULT_PARTITION__"
"""Hive's partition of null. A snapshot without rows has no provider."""


class SnapshotLayout:
    """The files of snapshots in a folder. The name of a snapshot is its `taken_at` in UTC, in a form without colons.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def is_name(self, name: str) -> bool:
        """Return whether a string is the name of a snapshot."""
        return _NAME.fullmatch(name) is not None

    def is_file(self, name: str, file: str) -> bool:
        """Return whether a path relative to the folder is the path of a file of a snapshot."""
        table, _, rest = file.partition("/")
        pattern = rf"{re.escape(_date(name))}/{_PROVIDER}[^/\\\0]*/{re.escape(name)}\.parquet"
        return table in TABLES and re.fullmatch(pattern, rest) is not None

    def find(self, name: str) -> list[Path]:
        """Return the existing files of a snapshot."""
        pattern = f"{_date(name)}/{_PROVIDER}*/{name}.parquet"
        return [path for table in TABLES for path in self._path.glob(f"{table}/{pattern}")]

    def file(self, table: str, name: str, partition: str) -> str:
        """Return the path, relative to the folder, of the file with the rows of one provider in one table."""
        return f"{table}/{_date(name)}/{partition}/{name}.parquet"

    def find_accounts(self) -> Iterator[Path]:
        """Return the files of accounts. Every snapshot has one, even if it has no accounts."""
        return self._path.glob(f"accounts/date=*/{_PROVIDER}*/*.parquet")


def format_name(taken_at: datetime) -> str:
    """Return the name of a snapshot with a `taken_at` in UTC."""
    # %Y has fewer than four digits for years before 1000 on some platforms.
    return f"{taken_at.year:04}{taken_at:%m%dT%H%M%S.%fZ}"


def parse_name(path: Path) -> datetime:
    """Return the `taken_at` of the snapshot to which a file belongs.

    Raises:
        StoreError: The name of the file is not a time.
    """
    try:
        return datetime.strptime(path.stem, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
    except ValueError:
        raise StoreError(f"{path} was not written by onefolio: its name is not a time. Move it elsewhere") from None


def format_partition(provider: str | None) -> str:
    """Return the name of the directory with the files of a provider, as Hive encodes it."""
    if provider is None:
        return NULL_PARTITION
    partition = f"{_PROVIDER}{quote(provider, safe='')}"
    return partition.replace("_", "%5F") if partition == NULL_PARTITION else partition


def parse_partition(partition: str) -> str | None:
    """Return the provider of a directory; None for rows without a provider."""
    return None if partition == NULL_PARTITION else unquote(partition.removeprefix(_PROVIDER))


def _date(name: str) -> str:
    """Return the name of the directory of a day."""
    return _NAME.sub(r"date=\1-\2-\3", name)
