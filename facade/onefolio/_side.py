"""Which side a position is on, and the sign that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TypeAlias

from onefolio_runtime import ContractError, Violation, decimal_text

from ._exact import below_zero
from ._models import Side

Signed: TypeAlias = Callable[[Decimal | None], Decimal | None]


def read_side(stated: Side | None, *, quantity: Decimal, pointer: str) -> tuple[Side | None, Signed]:
    """Return the side and the function that gives a quantity or a value its sign.

    A stated side decides. Without one the sign of the quantity does, and zero tells nothing. What is
    short is minus its magnitude; anything else is as sent.

    Raises:
        ContractError: the stated side is long and the quantity is negative; `pointer` names it.
    """
    if stated is Side.LONG and quantity < 0:
        expected = "a quantity that is not negative, the position is said to be long"
        raise ContractError([Violation(pointer, expected, decimal_text(quantity))])
    side = stated
    if side is None and quantity:
        side = Side.SHORT if quantity < 0 else Side.LONG
    return side, below_zero if side is Side.SHORT else _as_sent


def _as_sent(value: Decimal | None) -> Decimal | None:
    return value
