"""Parse options of the form NAME=VALUE."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from attrs import frozen

from .._core.errors import ConfigurationError


@frozen
class PairOption:
    """An option that takes NAME=VALUE and can be repeated.

    Attributes:
        name: the option, for example `--rate`.
        form: the form of a value, for example `CODE=NUMBER`.
        example: a valid value, for example `EUR=1.08`.
    """

    name: str
    form: str
    example: str

    def parse(self, values: Iterable[str] | None) -> dict[str, str]:
        """Return the values by name.

        Raises:
            ConfigurationError: A value has another form, or a name is repeated.
        """
        pairs: dict[str, str] = {}
        for value in values or ():
            key, _, stated = value.partition("=")
            if not (key and stated):
                raise self._error(value)
            if key in pairs:
                raise ConfigurationError(f"{self.name} {value}: {key} is repeated. Pass it once")
            pairs[key] = stated
        return pairs

    def parse_decimals(self, values: Iterable[str] | None) -> dict[str, Decimal]:
        """Return decimal values by name.

        Raises:
            ConfigurationError: A value has another form or is not a number, or a name is repeated.
        """
        return {key: self.parse_decimal(stated, f"{key}={stated}") for key, stated in self.parse(values).items()}

    def parse_decimal(self, text: str, value: str) -> Decimal:
        """Return a decimal.

        Args:
            text: the number.
            value: the complete value of the option, for the message.

        Raises:
            ConfigurationError: The string is not a number.
        """
        if not text.isascii() or "_" in text:  # Decimal() accepts the digits of every script
            raise self._error(value)
        try:
            return Decimal(text)
        except InvalidOperation:
            raise self._error(value) from None

    def _error(self, value: str) -> ConfigurationError:
        return ConfigurationError(f"{self.name} {value}: expected {self.form}, for example {self.example}")
