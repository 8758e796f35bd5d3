"""Choose a store by its place."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from .._core.errors import ConfigurationError
from .._core.tracebacks import strip_traceback
from .base import Store

FILES = (".duckdb", ".ddb")
"""Endings of a DuckDB file's name; any other path is a folder of Parquet files."""


@strip_traceback
def open_store(where: str | Path) -> Store:
    """Return the store at a place; nothing is created before something is written.

    Args:
        where: a folder (Parquet files, partitioned by date and provider), a file that ends in `.duckdb`, or
            a `postgresql://` address.

    Raises:
        ConfigurationError: the address is of something else, or a package is not installed.
    """
    from .database import Database
    from .parquet import ParquetFolder

    text = os.path.expanduser(where)
    if not text:
        raise ConfigurationError("no place is named; name a folder, a .duckdb file or a postgresql:// address")
    if "://" in text:
        scheme = urlsplit(text).scheme
        if scheme not in ("postgres", "postgresql"):
            raise ConfigurationError(f"{scheme}:// is no store; there are folders, .duckdb files and postgresql://…")
        return Database.postgres(text)
    path = Path(text)
    return Database.duckdb(path) if path.suffix.lower() in FILES else ParquetFolder(path)
