"""Reject JSON objects with duplicate names, of which `json.loads` silently keeps the last."""

from __future__ import annotations

from typing import Any


def reject_duplicate_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Convert the pairs of a JSON object to a dictionary. Pass it to `json.loads` as `object_pairs_hook`.

    Raises:
        ValueError: Two pairs have the same name.
    """
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the name {duplicate!r} twice")
    return result
