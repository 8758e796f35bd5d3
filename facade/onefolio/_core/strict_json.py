"""Refuse JSON objects with duplicate names."""

from __future__ import annotations

from typing import Any


def reject_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON from its names and values, as `json.loads` takes it.

    Raises:
        ValueError: a name stands twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return found
