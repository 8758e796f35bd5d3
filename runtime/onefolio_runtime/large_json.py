"""Decode large JSON bodies in slices and in bounded memory.

A slice is a group of the items of a list, or of the values of an object. They are found by skipping over values, which
takes a tenth of the time of decoding them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .contract.verdict import ContractError, Violation
from .json import decode, excerpt
from .slices import SLICE, Sliced

if TYPE_CHECKING:
    import msgspec

T = TypeVar("T")

_BYTES_PER_VALUE, _BYTES_PER_CONTAINER = 24, 64
"""Bytes of the size limit for each name or item, and for each object or list; see `decode_in_slices`."""

_MAX_NAMES = 2**16
"""Maximum of names in one object of a large body."""

_BYTES_PER_ITEM = 16
"""Bytes that the handling of one item takes as long as."""

_MAX_LEVELS = 4
"""Levels of nesting at which values are decoded in slices."""


def decode_in_slices(content: bytes, limit: int) -> Sliced[Any]:
    """Return the JSON value in `content` as `decode` does, in slices.

    Decoded values can take a hundred times the memory of their text. Their number is limited, so that body and value
    together take at most 8 times `limit`.

    Args:
        content: the body.
        limit: the size limit of bodies in bytes. A body may have `limit / 24` names and items, and `limit / 64` objects
            and lists.

    Raises:
        ContractError: see `decode`; or the body has too many values.
    """
    if len(content) <= SLICE:
        return decode(content)
    _require_few(content, b",:", limit // _BYTES_PER_VALUE, "names and items")
    yield
    _require_few(content, b"{[", limit // _BYTES_PER_CONTAINER, "objects and lists")
    yield
    return (yield from _decode(content.strip(b" \t\r\n"), 0))


def _require_few(content: bytes, signs: bytes, limit: int, kind: str) -> None:
    # Strings may contain the same characters, so the count is an upper bound.
    found = sum(content.count(sign) for sign in signs)
    if found > limit:
        raise ContractError([Violation("", f"a body of at most {limit} {kind}", f"up to {found}")])


def _decode(content: bytes, level: int) -> Sliced[Any]:
    first = content[:1]
    if len(content) <= SLICE or first not in (b"[", b"{"):
        return decode(content)
    if level == _MAX_LEVELS:
        raise ContractError([Violation("", f"large values at no more than {_MAX_LEVELS} levels of nesting", "more")])
    yield
    parts = _decode_list if first == b"[" else _decode_object
    return (yield from parts(content, level))


def _decode_list(content: bytes, level: int) -> Sliced[list[Any]]:
    values = []
    for group in _groups(_drain(_skip_over(content))):
        yield
        values += yield from _decode_group(group, level)
    return values


def _decode_object(content: bytes, level: int) -> Sliced[dict[str, Any]]:
    fields: dict[str, msgspec.Raw] = _skip_over(content)
    if len(fields) > _MAX_NAMES:
        raise ContractError([Violation("", f"an object of at most {_MAX_NAMES} names", str(len(fields)))])
    yield
    # The last of several fields with one name replaces the others, which leaves more colons than names.
    colons = content.count(b":") - sum(bytes(raw).count(b":") for raw in fields.values())
    yield
    if colons != len(fields) or any(":" in name for name in fields):
        strict: dict[str, Any] = decode(content)
        return strict
    values = []
    for group in _groups(fields.values()):
        yield
        values += yield from _decode_group(group, level)
    return dict(zip(fields, values, strict=True))


def _decode_group(group: list[bytes], level: int) -> Sliced[list[Any]]:
    if len(group) == 1:
        return [(yield from _decode(group[0], level + 1))]
    values: list[Any] = decode(b"[" + b",".join(group) + b"]")
    return values


def _groups(texts: Iterable[msgspec.Raw]) -> Iterator[list[bytes]]:
    """Yield the texts of values in groups of about one slice. A larger value is a group by itself."""
    group: list[bytes] = []
    size = 0
    for text in map(bytes, texts):
        if group and size + len(text) > SLICE:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text) + _BYTES_PER_ITEM
    if group:
        yield group


def _drain(items: list[T]) -> Iterator[T]:
    """Yield the items of a list, and remove them from it to free their memory."""
    items.reverse()
    while items:
        yield items.pop()


def _skip_over(content: bytes) -> Any:
    """Return the list or object in `content`, with the texts of its values."""
    import msgspec

    kind: Any = list[msgspec.Raw] if content.startswith(b"[") else dict[str, msgspec.Raw]
    try:
        return msgspec.json.decode(content, type=kind)
    except (ValueError, RecursionError) as error:
        raise ContractError([Violation("", f"a JSON document ({error})", excerpt(content))]) from None
