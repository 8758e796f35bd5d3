"""JSON pointers (RFC 6901): format, parse and resolve."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_INDEX = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def escape_token(name: str) -> str:
    """Return a member name as one part of a pointer, with `~` and `/` escaped."""
    return name.replace("~", "~0").replace("/", "~1")


def format_pointer(path: Iterable[str | int]) -> str:
    """Return the pointer of a path of member names and list indexes."""
    return "".join(f"/{escape_token(str(name))}" for name in path)


def parse_pointer(pointer: str) -> list[str]:
    """Return the member names and list indexes of a pointer, unescaped.

    Raises:
        ValueError: the pointer is not empty and does not begin with `/`.
    """
    first, *tokens = pointer.split("/")
    if first:
        raise ValueError(f"{pointer!r} is not a JSON pointer: it does not begin with '/'")
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def find_key(value: Any, token: str) -> str | int | None:
    """Return the member name or list index that a token selects in a JSON value, or None if it selects nothing."""
    if isinstance(value, dict):
        return token if token in value else None
    if isinstance(value, list) and _INDEX.fullmatch(token) and int(token) < len(value):
        return int(token)
    return None


def resolve_pointer(value: Any, pointer: str) -> Any:
    """Return the part of a JSON value that a pointer selects, or None if it selects nothing.

    Raises:
        ValueError: the pointer is malformed.
    """
    for token in parse_pointer(pointer):
        key = find_key(value, token)
        if key is None:
            return None
        value = value[key]
    return value
