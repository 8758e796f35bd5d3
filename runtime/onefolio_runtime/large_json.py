"""Decode large JSON bodies in slices and in bounded memory.

A slice is a group of the items of a list, or of the values of an object. They are found by skipping over values, which
takes a tenth of the time of decoding them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from .contract.verdict import ContractError, Violation
from .json import decode, excerpt
from .slices import LARGE, SLICE, Sliced

if TYPE_CHECKING:
    import msgspec

T = TypeVar("T")

_BYTES_PER_VALUE, _BYTES_PER_CONTAINER = 24, 96
"""Bytes of the size limit for each name or item, and for each object or list; see `decode_in_slices`."""

_MAX_NAMES = 2**16
"""Maximum of names in one object of a large body."""

_BYTES_PER_ITEM = 16
"""Bytes that the handling of one item takes as long as."""

_MAX_SCALAR = 2**18
"""Maximum length of a string or a number of a large body in bytes; validation copies them several times."""

_MANY_DIGITS = b"0" * 400
"""Digits from which the validation of a number takes much longer than that of a string of the same length."""

_DIGITS = bytes.maketrans(b"123456789", b"000000000")

_MAX_LEVELS = 4
"""Levels of nesting at which values are decoded in slices."""


def decode_in_slices(content: bytes, limit: int) -> Sliced[Any]:
    """Return the JSON value in `content` as `decode` does, in slices.

    Decoded values can take a hundred times the memory of their text. Their number is limited, so that body and value
    together take at most 8 times `limit`.

    Args:
        content: the body.
        limit: the size limit of bodies in bytes. A body of more than 1 MiB may have `limit / 24` names and items,
            `limit / 96` objects and lists, numbers of up to 400 digits and strings of up to 256 KiB.

    Raises:
        ContractError: see `decode`; or the body has too many values.
    """
    if len(content) <= LARGE:
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
    if len(content) <= SLICE:
        return decode(content)
    first = content[:1]
    if first not in (b"[", b"{"):
        if len(content) > _MAX_SCALAR:
            raise ContractError([Violation("", f"strings and numbers of at most {_MAX_SCALAR} bytes", "a longer one")])
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
    _require_distinct(fields, content)
    yield
    values = []
    for group in _groups(fields.values()):
        yield
        values += yield from _decode_group(group, level)
    return dict(zip(fields, values, strict=True))


def _require_distinct(fields: dict[str, msgspec.Raw], content: bytes) -> None:
    """Require that an object has no duplicate names; the last of duplicates has replaced the others in `fields`."""
    names_with_colons = [name for name in fields if ":" in name]
    colons = len(fields) + sum(name.count(":") for name in names_with_colons)
    # Each name has a colon. A colon in a name may be escaped, and is then not counted.
    escapes = names_with_colons and _count_outside(b"\\", fields, content)
    if escapes or _count_outside(b":", fields, content) != colons:
        raise ContractError([Violation("", "an object with distinct names", "duplicate names, or escaped colons")])


def _count_outside(sign: bytes, fields: dict[str, msgspec.Raw], content: bytes) -> int:
    """Count a character in the names of an object and between its values."""
    return content.count(sign) - sum(bytes(raw).count(sign) for raw in fields.values())


def _decode_group(group: list[bytes], level: int) -> Sliced[list[Any]]:
    if len(group) == 1:
        return [(yield from _decode(group[0], level + 1))]
    text = b"[" + b",".join(group) + b"]"
    if _MANY_DIGITS in text.translate(_DIGITS):
        raise ContractError([Violation("", f"numbers of at most {len(_MANY_DIGITS)} digits", "a longer one")])
    values: list[Any] = decode(text)
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
