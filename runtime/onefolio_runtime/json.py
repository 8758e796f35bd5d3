"""Decode and encode JSON with exact numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from .contract.verdict import ContractError, Violation
from .scalars import decimal_text

if TYPE_CHECKING:
    import msgspec

_PROVABLE_DEPTH = 16
"""Nesting up to which counting is faster than strict decoding."""

_STRICT_SIZE = 4096
"""Body size in bytes up to which strict decoding is as fast."""

_COUNT_THRESHOLD = 1000
"""Number of occurrences from which counting a byte is as fast as finding it."""


def decode(content: bytes) -> Any:
    """Return the JSON value in `content`. Integers become `int`, all other numbers `Decimal`.

    Raises:
        ContractError: the content is not UTF-8, not JSON (RFC 8259), or has NaN, Infinity, duplicate names in one
            object, more than 200 levels of nesting or a number of more than about 4,300 digits.
    """
    if len(content) <= _STRICT_SIZE:
        return _decode_strictly(content)
    try:
        value = _decoder().decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        return _decode_strictly(content)
    return value if _is_provably_strict(value, content) else _decode_strictly(content)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[Any]:
    """Return the fast decoder. Unlike the strict one it keeps the last of duplicate names."""
    import msgspec

    return msgspec.json.Decoder(float_hook=Decimal)


@lru_cache(maxsize=1)
def _strict_decoder() -> Callable[[bytes], Any]:
    import jiter

    return partial(
        jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal", cache_mode="keys"
    )


def _is_provably_strict(value: Any, content: bytes) -> bool:
    """Return True if counting proves that no object has duplicate names and that nesting is within the limit.

    Each name in a document has a colon, and each list a bracket. A decoded value with as many names and lists has
    lost none. Colons and brackets inside strings make the count inconclusive, as does deep nesting; the result is then
    False.
    """
    names, lists = content.count(b":"), 0
    level = [value]
    for _ in range(_PROVABLE_DEPTH):
        objects = [item for item in level if type(item) is dict]
        arrays = [item for item in level if type(item) is list]
        names -= sum(map(len, objects))
        lists += len(arrays)
        if not names and _occurs_exactly(b"[", lists, content):
            return True
        inner = chain(chain.from_iterable(arrays), chain.from_iterable(each.values() for each in objects))
        level = [item for item in inner if type(item) is dict or type(item) is list]
        if not level:
            return False
    return False


def _occurs_exactly(byte: bytes, times: int, content: bytes) -> bool:
    """Return True if a byte occurs exactly so many times. Finding a rare byte is much faster than counting it."""
    if times > _COUNT_THRESHOLD:
        return content.count(byte) == times
    at = -1
    for _ in range(times):
        at = content.find(byte, at + 1)
        if at < 0:
            return False
    return content.find(byte, at + 1) < 0


def _decode_strictly(content: bytes) -> Any:
    try:
        return _strict_decoder()(content)
    except ValueError as error:
        raise ContractError([Violation("", f"a JSON document ({error})", excerpt(content))]) from None


_without_decimals = json.JSONEncoder(separators=(",", ":")).encode


def encode(value: Any) -> str:
    """Return a value of `decode` as compact JSON.

    A `Decimal` becomes a JSON number in plain notation, so `decode(encode(value))` equals `value`.
    """
    try:
        return _without_decimals(value)
    except TypeError:  # json cannot write the digits of a Decimal
        if not isinstance(value, Decimal | dict | list):
            raise
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name))}:{encode(item)}" for name, item in value.items()) + "}"
    return "[" + ",".join(map(encode, value)) + "]"


def excerpt(content: bytes, limit: int = 60) -> str:
    """Return the start of `content` as at most `limit` printable characters, with an ellipsis if it is longer."""
    text = ascii(content[:limit].decode("utf-8", "replace"))[1:-1]
    return text[:limit] + ("…" if len(content) > limit or len(text) > limit else "")
