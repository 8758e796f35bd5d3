"""A position being read: its side, the signs that follow from it, what its symbol says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from onefolio_runtime import ContractError, Model, Violation, decimal_text

from ._connection import Connection
from ._exact import below_zero
from ._models import Account, Position, Side
from ._option import read_option


class PositionDraft(Position):
    """A position that an adapter fills in, field by field as its provider sent them, and then finishes.

    Positions are made by the thousand. Keyword arguments, and the bound method through which attrs sets each field of
    an immutable class, would take two of the four microseconds that a row takes in all.

    Args:
        connection: where the row was read.
        account: whose position it is.
        row: the provider's model of it.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__

    def __init__(self, connection: Connection, account: Account, row: Model) -> None:
        self.provider = connection.provider
        self.connection = connection.name
        self.account_id = account.id
        self.currency = None
        self.raw = row

    def finished(self, stated: Side | None, quantity: Decimal, pointer: str) -> Position:
        """Return the position with its side and its signs.

        A stated side decides. Without one the sign of the quantity does, and zero tells nothing. Quantity and values
        of what is short are minus their magnitudes; anything else is as sent.

        Args:
            stated: what the provider's own word says, if anything.
            quantity: as sent.
            pointer: where the row has the quantity.

        Raises:
            ContractError: the stated side is long and the quantity is negative.
        """
        side = stated
        if side is not Side.SHORT and quantity < _ZERO:
            if side is Side.LONG:
                expected = "a quantity that is not negative, the position is said to be long"
                raise ContractError([Violation(pointer, expected, decimal_text(quantity))])
            side = Side.SHORT
        elif side is None and quantity:
            side = Side.LONG
        if side is Side.SHORT:
            quantity = below_zero(quantity)
            self.cost_basis, self.market_value = below_zero(self.cost_basis), below_zero(self.market_value)
        self.side = side
        self.quantity = quantity
        self.option = read_option(self.symbol)
        self.__class__ = _finished
        return self


_ZERO = Decimal(0)
_finished: Any = Position
