"""JSON from the wire, once, with every number exact."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from ._contract import ContractError, Violation
from ._scalars import decimal_text


def decode(content: bytes) -> Any:
    """Return the JSON value in `content`; integers as `int`, every other number as `Decimal`.

    Raises:
        ContractError: not UTF-8, not JSON (RFC 8259), NaN or Infinity, a name twice in one object,
            nesting beyond 200 levels, or a number of more than about 4,300 digits.
    """
    import jiter

    try:
        return jiter.from_json(
            content, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="decimal", cache_mode="keys"
        )
    except ValueError as error:
        raise ContractError([Violation("", f"a JSON document ({error})", excerpt(content))]) from None


def encode(value: Any) -> str:
    """Return `value`, as `decode` gives it, as compact JSON text.

    A `Decimal` becomes a JSON number in plain notation, so `decode(encode(value))` equals `value`.
    """
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(str(name))}:{encode(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    return json.dumps(value)


def excerpt(content: bytes, limit: int = 60) -> str:
    """Return the start of `content` as printable text of at most `limit` characters, and an ellipsis if it goes on."""
    text = ascii(content[:limit].decode("utf-8", "replace"))[1:-1]
    return text[:limit] + ("…" if len(content) > limit or len(text) > limit else "")
