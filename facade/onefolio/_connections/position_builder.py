"""Build positions: the side, the signs that follow from it, and the option that a symbol names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import repeat

from onefolio_runtime import ContractError, Model, Violation, decimal_text

from .._core.decimals import negative_magnitude
from .._models.option_symbols import SHORTEST, parse_option_symbol
from .._models.records import Account, InstrumentType, Position, Side

_ZERO = Decimal(0)
# Module constants, because reading a member of an enum takes as long as making a decimal.
_LONG, _SHORT = Side.LONG, Side.SHORT


class PositionBuilder:
    """Build the positions of one account from the values that its provider sent.

    A stated side decides. Without one, the sign of the quantity decides, and zero leaves the side None. Quantity, cost
    basis and market value of a short position become minus their magnitudes; all other figures stay as sent.

    Args:
        account: the account that holds the positions.
        pointer: JSON pointer from a row to its quantity, for errors.
    """

    __slots__ = ("_owner", "_pointer")

    def __init__(self, account: Account, *, pointer: str) -> None:
        self._owner = (account.provider, account.connection, account.id)
        self._pointer = pointer

    def build(
        self,
        *,
        symbol: str | None = None,
        side: Side | None = None,
        quantity: Decimal | None = None,
        instrument_id: str | None = None,
        instrument_type: InstrumentType = InstrumentType.UNKNOWN,
        native_instrument_type: str | None = None,
        available_quantity: Decimal | None = None,
        average_price: Decimal | None = None,
        price: Decimal | None = None,
        cost_basis: Decimal | None = None,
        market_value: Decimal | None = None,
        unrealized_pnl: Decimal | None = None,
        unrealized_pnl_ratio: Decimal | None = None,
        currency: str | None = None,
        raw: Model | None = None,
    ) -> Position:
        """Return one position.

        Args:
            symbol: the instrument's symbol, OSI for options.
            side: the side that the provider states, or None where it states none.
            quantity: shares, contracts or coins, with any sign.
            instrument_id: the provider's id of the instrument.
            instrument_type: UNKNOWN where the provider's value is a new one.
            native_instrument_type: the provider's own value.
            available_quantity: the quantity that can be sold or closed.
            average_price: the average price paid for one.
            price: the current price of one.
            cost_basis: the amount paid in total, with any sign.
            market_value: the provider's valuation, with any sign.
            unrealized_pnl: gain (positive) or loss since opening.
            unrealized_pnl_ratio: the same as a factor of the cost; 0.05 is five percent.
            currency: code of the currency of the money figures.
            raw: the provider's row.

        Raises:
            ContractError: the stated side is long and the quantity is negative.
        """
        return self._position(
            symbol,
            instrument_id,
            instrument_type,
            native_instrument_type,
            side,
            quantity,
            available_quantity,
            average_price,
            price,
            cost_basis,
            market_value,
            unrealized_pnl,
            unrealized_pnl_ratio,
            raw,
            currency,
        )

    def build_all(
        self,
        *,
        symbol: Sequence[str],
        side: Sequence[Side | None],
        quantity: Sequence[Decimal],
        instrument_id: Sequence[str],
        instrument_type: Sequence[InstrumentType],
        native_instrument_type: Sequence[str],
        available_quantity: Sequence[Decimal | None],
        average_price: Sequence[Decimal | None],
        price: Sequence[Decimal | None],
        cost_basis: Sequence[Decimal | None],
        market_value: Sequence[Decimal | None],
        unrealized_pnl: Sequence[Decimal | None],
        unrealized_pnl_ratio: Sequence[Decimal | None],
        raw: Sequence[Model],
        currency: str | None = None,
    ) -> list[Position]:
        """Return the positions of many rows, given as one sequence a field; all have the same length.

        Args:
            symbol: see `build` for each field.
            side: see `build`.
            quantity: see `build`.
            instrument_id: see `build`.
            instrument_type: see `build`.
            native_instrument_type: see `build`.
            available_quantity: see `build`.
            average_price: see `build`.
            price: see `build`.
            cost_basis: see `build`.
            market_value: see `build`.
            unrealized_pnl: see `build`.
            unrealized_pnl_ratio: see `build`.
            raw: the provider's rows.
            currency: code of the currency of every row's money figures.

        Raises:
            ContractError: a stated side is long and its quantity is negative.
        """
        return list(
            map(
                self._position,
                *(symbol, instrument_id, instrument_type, native_instrument_type, side, quantity, available_quantity),
                *(average_price, price, cost_basis, market_value, unrealized_pnl, unrealized_pnl_ratio, raw),
                repeat(currency, len(symbol)),
            )
        )

    def _position(
        self,
        symbol: str | None,
        instrument_id: str | None,
        instrument_type: InstrumentType,
        native_instrument_type: str | None,
        side: Side | None,
        quantity: Decimal | None,
        available_quantity: Decimal | None,
        average_price: Decimal | None,
        price: Decimal | None,
        cost_basis: Decimal | None,
        market_value: Decimal | None,
        unrealized_pnl: Decimal | None,
        unrealized_pnl_ratio: Decimal | None,
        raw: Model | None,
        currency: str | None,
    ) -> Position:
        if quantity is not None and side is not _SHORT and quantity < _ZERO:
            if side is _LONG:
                expected = "a quantity that is not negative, the position is said to be long"
                raise ContractError([Violation(self._pointer, expected, decimal_text(quantity))])
            side = _SHORT
        elif side is None and quantity:
            side = _LONG
        if side is _SHORT:
            quantity = negative_magnitude(quantity)
            cost_basis, market_value = negative_magnitude(cost_basis), negative_magnitude(market_value)
        provider, connection, account_id = self._owner
        # Positional arguments: a msgspec struct takes four times as long with keywords.
        return Position(
            provider,
            connection,
            account_id,
            symbol,
            instrument_id,
            instrument_type,
            native_instrument_type,
            side,
            quantity,
            available_quantity,
            average_price,
            price,
            cost_basis,
            market_value,
            unrealized_pnl,
            unrealized_pnl_ratio,
            currency,
            parse_option_symbol(symbol) if symbol is not None and len(symbol) >= SHORTEST else None,
            raw,
        )
