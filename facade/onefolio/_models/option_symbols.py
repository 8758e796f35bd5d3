"""Parse option symbols of the Options Symbology Initiative (OSI)."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .records import Option, OptionRight

SHORTEST = 16
"""Minimum length of an OSI symbol. Most other symbols are shorter, so a caller can skip the regular expression."""

_OSI = re.compile(r"([A-Z0-9.]{1,6}) *([0-9]{6})([CP])([0-9]{5})([0-9]{3})", re.ASCII)


@lru_cache(maxsize=4096)  # many accounts hold the same options
def parse_option_symbol(symbol: str) -> Option | None:
    """Parse an OSI symbol, or return None for any other symbol.

    An OSI symbol consists of the root, the expiry as `yymmdd`, `C` or `P`, and the strike times 1000 in eight digits:
    `AAPL250117C00190000` is the call on AAPL that expires on 2025-01-17 with a strike of 190. Spaces may follow the
    root.
    """
    match = _OSI.fullmatch(symbol)
    if match is None:
        return None
    root, day, right, units, thousandths = match.groups()
    try:
        expiry = date.fromisoformat(f"20{day}")
    except ValueError:
        return None
    return Option(
        underlying=root,
        expiry=expiry,
        right=OptionRight.CALL if right == "C" else OptionRight.PUT,
        strike=Decimal(units if thousandths == "000" else f"{units}.{thousandths.rstrip('0')}"),
    )
