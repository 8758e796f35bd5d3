"""Open the store at a path or an address."""

from __future__ import annotations

import os
from pathlib import Path

from onefolio_runtime import hide_arguments

from .._core.addresses import is_address
from .._core.errors import ConfigurationError
from .base import Store

_DUCKDB_SUFFIXES = (".duckdb", ".ddb")
"""Suffixes of DuckDB files. Any other path is a folder with Parquet files."""


@hide_arguments
def open_store(where: str | Path) -> Store:
    """Return the store at a path or an address. Nothing is created before a snapshot is stored.

    Args:
        where: a folder for Parquet files, a file with the suffix `.duckdb` or `.ddb`, or a `postgresql://` address.

    Raises:
        ConfigurationError: The address is invalid or has another scheme, or a package is not installed.
    """
    text = os.path.expanduser(where)
    if not text:
        raise ConfigurationError(
            "the path of the store is empty. Use a folder, a .duckdb file or a postgresql:// address"
        )
    if is_address(text):
        return _open_address(text)
    if "\0" in text:
        raise ConfigurationError(f"the path of the store contains invalid characters: {text!r}. Use another path")
    path = Path(text)
    if path.suffix.lower() in _DUCKDB_SUFFIXES:
        from .duckdb import DuckDBFile

        return DuckDBFile(path)
    from .parquet import ParquetFolder

    return ParquetFolder(path)


def _open_address(address: str) -> Store:
    scheme = address.partition(":")[0].lower()
    if scheme not in ("postgres", "postgresql"):
        raise ConfigurationError(
            f"{scheme}:// is not supported. Use a folder, a .duckdb file or a postgresql:// address"
        )
    from .postgresql import PostgreSQLDatabase

    return PostgreSQLDatabase(address)
