"""Convert scalars between their form on the wire and Python types, without loss."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any, TypeVar
from uuid import UUID

S = TypeVar("S", bound=StrEnum)


def to_optional_decimal(value: str) -> Decimal | None:
    """Return the exact number, or None for an empty string, which some schemas allow."""
    return Decimal(value) if value else None


def to_datetime(text: str) -> datetime:
    """Return an RFC 3339 timestamp as an aware datetime.

    `datetime` has microseconds and no leap seconds: further digits are cut off, and second 60 becomes the last
    microsecond before the next minute. The model's JSON keeps the original string.
    """
    text = text.upper()
    if text[17:19] == "60":
        return datetime.fromisoformat(f"{text[:17]}59{text[19:]}").replace(microsecond=999_999)
    return datetime.fromisoformat(text)


def to_open_enum(known: type[S], value: str) -> S | str:
    """Return the member of an open enum, or the string itself for an unknown value."""
    return known._value2member_map_.get(value, value)  # type: ignore[return-value]  # it maps to members of `known`


MAX_PLAIN_DIGITS = 1000
"""Digits before or after the point up to which a number is written in plain notation."""


def decimal_text(value: Decimal) -> str:
    """Return `value` in plain notation with all its digits.

    A number far beyond any contract, such as 1E+999999999 in an undocumented field, keeps its exponent, because plain
    notation would fill the memory.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or abs(exponent) > MAX_PLAIN_DIGITS:
        return str(value)
    return format(value, "f")


def wire(value: Any) -> Any:
    """Return the JSON value of a typed value: the inverse of the functions that read them."""
    if type(value) is str or type(value) is int:
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {name: wire(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [wire(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value
