"""A position being read: its side, the signs that follow from it, what its symbol says."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from onefolio_runtime import ContractError, Violation, decimal_text

from .._core.decimals import negative_magnitude
from .._models.option_symbols import SHORTEST, parse_option_symbol
from .._models.records import Account, Position, Side

_ZERO = Decimal(0)

# Looked up once: a member of an enum takes as long to get at as a decimal takes to make.
_LONG, _SHORT = Side.LONG, Side.SHORT

_finished: Any = Position


class PositionBuilder(Position):
    """A position that an adapter fills in, field by field as its provider sent them, and then finishes.

    Positions are made by the thousand. Keyword arguments, and the bound method through which attrs sets each field of
    an immutable class, would take two of the three microseconds that a row takes in all.
    """

    __slots__ = ()
    __setattr__ = object.__setattr__
    if TYPE_CHECKING:

        def __init__(self) -> None: ...

    else:
        __init__ = object.__init__

    def finished(self, account: Account, stated: Side | None, at: str, currency: str | None = None) -> Position:
        """Return the position with its side and its signs.

        A stated side decides. Without one the sign of the quantity does, and zero tells nothing. Quantity and values
        of what is short are minus their magnitudes; anything else is as sent.

        Args:
            account: whose position it is.
            stated: what the provider's own word says of the side, if anything.
            at: where the row has the quantity, as a JSON pointer.
            currency: what the money is in, if the provider says.

        Raises:
            ContractError: the stated side is long and the quantity is negative.
        """
        side, quantity = stated, self.quantity
        if quantity is not None and side is not _SHORT and quantity < _ZERO:
            if side is _LONG:
                expected = "a quantity that is not negative, the position is said to be long"
                raise ContractError([Violation(at, expected, decimal_text(quantity))])
            side = _SHORT
        elif side is None and quantity:
            side = _LONG
        if side is _SHORT:
            self.quantity = negative_magnitude(quantity)
            self.cost_basis, self.market_value = (
                negative_magnitude(self.cost_basis),
                negative_magnitude(self.market_value),
            )
        self.provider = account.provider
        self.connection = account.connection
        self.account_id = account.id
        self.currency = currency
        self.side = side
        self.option = (
            parse_option_symbol(self.symbol) if self.symbol is not None and len(self.symbol) >= SHORTEST else None
        )
        self.__class__ = _finished
        return self
