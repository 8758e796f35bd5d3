"""Open one side of a reconciliation."""

from __future__ import annotations

import os
import re
from pathlib import Path

from .._snapshots.snapshot import Snapshot
from .books import Books, read_books
from .datasets import Dataset
from .snapshots import json_dataset, snapshot_dataset, stored_dataset


def open_dataset(source: Snapshot | Books | str | Path) -> Dataset:
    """Return the dataset of a source.

    Args:
        source: a snapshot, `Books`, or a path: a `.csv` file with books, a `.json` file with the output of `onefolio
            snapshot --format json`, or a store, optionally followed by `@` and the beginning of a snapshot's time.

    Raises:
        ComparisonError: The source cannot be read or lacks a required column.
        ConfigurationError: A package is not installed.
    """
    match source:
        case Snapshot():
            return snapshot_dataset(source)
        case Books():
            return read_books(source)
    place, when = _split_time(os.path.expanduser(str(source)))
    match Path(place).suffix.lower():
        case ".csv":
            return read_books(Books(path=Path(place)))
        case ".json":
            return json_dataset(Path(place))
        case _:
            return stored_dataset(place, when)


def _split_time(source: str) -> tuple[str, str | None]:
    """Return a path and the time after its last `@`. An existing path or an address may contain `@` itself."""
    place, separator, when = source.rpartition("@")
    if not separator or "://" in source or os.path.exists(source) or not re.fullmatch(r"[0-9T: .+Z-]*", when):
        return source, None
    return place, when or None
