"""JSON from the wire, once, with every number exact."""

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

DEEPEST = 200
"""Levels of nesting beyond which a body is refused."""

_SMALL = 4096
"""Bytes up to which decoding strictly takes no longer."""

_MANY = 1000
"""Occurrences of a byte from which on counting takes no longer than finding."""


def decode(content: bytes) -> Any:
    """Return the JSON value in `content`; integers as `int`, every other number as `Decimal`.

    Raises:
        ContractError: not UTF-8, not JSON (RFC 8259), NaN or Infinity, a name twice in one object,
            nesting beyond 200 levels, or a number of more than about 4,300 digits.
    """
    if len(content) <= _SMALL:
        return _decode_strictly(content)
    try:
        value = _decoder().decode(content)
    except (ValueError, ArithmeticError, RecursionError):
        return _decode_strictly(content)
    return value if _is_surely_proper(value, content) else _decode_strictly(content)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[Any]:
    """Return the fastest decoder. It reads what the strict one reads, but keeps the last of names that come twice."""
    import msgspec

    return msgspec.json.Decoder(float_hook=Decimal)


@lru_cache(maxsize=1)
def _strict_decoder() -> Callable[[bytes], Any]:
    import jiter

    return partial(
        jiter.from_json, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal", cache_mode="keys"
    )


def _is_surely_proper(value: Any, content: bytes) -> bool:
    """Tell whether no object has a name twice, and nothing is nested too deeply, by counting.

    Every name in a text has a colon, and every list a bracket. A value that has as many names and lists has lost
    none, and all its levels have been seen. Colons and brackets in texts make the count inconclusive.
    """
    names, lists = content.count(b":"), 0
    level = [value]
    for _ in range(DEEPEST):
        objects = [item for item in level if type(item) is dict]
        arrays = [item for item in level if type(item) is list]
        names -= sum(map(len, objects))
        lists += len(arrays)
        if not names and _comes_so_often(b"[", lists, content):
            return True
        inner = chain(chain.from_iterable(arrays), chain.from_iterable(each.values() for each in objects))
        level = [item for item in inner if type(item) is dict or type(item) is list]
        if not level:
            return False
    return False


def _comes_so_often(byte: bytes, times: int, content: bytes) -> bool:
    """Tell whether a byte is in a body so many times and no more; finding a rare one is much faster than counting."""
    if times > _MANY:
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
    """Return `value`, as `decode` gives it, as compact JSON text.

    A `Decimal` becomes a JSON number in plain notation, so `decode(encode(value))` equals `value`.
    """
    try:
        return _without_decimals(value)
    except TypeError:  # there is a decimal; json has no way to write its digits
        if not isinstance(value, Decimal | dict | list):
            raise
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name))}:{encode(item)}" for name, item in value.items()) + "}"
    return "[" + ",".join(map(encode, value)) + "]"


def excerpt(content: bytes, limit: int = 60) -> str:
    """Return the start of `content` as printable text of at most `limit` characters, and an ellipsis if it goes on."""
    text = ascii(content[:limit].decode("utf-8", "replace"))[1:-1]
    return text[:limit] + ("…" if len(content) > limit or len(text) > limit else "")
