"""Option symbols as the Options Symbology Initiative (OSI) writes them."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from .records import Option, OptionRight

SHORTEST = 16
"""Characters of an OSI symbol whose root has a single one; almost every other symbol has fewer."""

_OSI = re.compile(r"([A-Z0-9.]{1,6}) *([0-9]{6})([CP])([0-9]{5})([0-9]{3})", re.ASCII)


@lru_cache(maxsize=4096)  # the same options are held in many accounts, and read again and again
def parse_option_symbol(symbol: str) -> Option | None:
    """Return what an OSI symbol says, or None for any other symbol.

    Root, expiry as yymmdd, C or P, strike times 1000 in eight digits: `AAPL250117C00190000` is the call on
    AAPL of 2025-01-17 at 190.
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
