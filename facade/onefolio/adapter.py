"""Everything that a provider's adapter imports, in this package and in others. `docs/add-a-provider.md` is the guide.

An adapter is a subclass of `Connection`. It describes the requests of its provider (`Resource`) and the meaning of the
rows in the unified model. It does no input or output and has no state. An adapter of another package is registered as
an entry point of the group `onefolio.providers`, `NAME = "package.module:Class"`, where NAME is the class's `provider`.
"""

from onefolio_runtime import UNSET, ContractError, Drift, Violation, hide_arguments

from ._connections.account_ids import account_number
from ._connections.connection import Connection
from ._connections.page_cursors import NextPage, Page, after_last, by_address, by_number, by_offset
from ._connections.position_builder import PositionBuilder
from ._connections.rate_limit import RateLimit
from ._connections.requested_waits import parse_reset_time
from ._connections.resource import Capability, DriftCallback, ErrorDetails, Resource
from ._core.currencies import minor_digits
from ._core.decimals import checked_decimal, negative_magnitude, shift_point
from ._core.errors import ConfigurationError
from ._core.json_paths import value_at
from ._models.option_symbols import parse_option_symbol
from ._models.records import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    InstrumentType,
    Option,
    OptionRight,
    Position,
    Side,
    Unit,
)

__all__ = [
    "UNSET",
    "Account",
    "AccountKind",
    "AccountStatus",
    "Balance",
    "Capability",
    "ConfigurationError",
    "Connection",
    "ContractError",
    "Drift",
    "DriftCallback",
    "ErrorDetails",
    "InstrumentType",
    "NextPage",
    "Option",
    "OptionRight",
    "Page",
    "Position",
    "PositionBuilder",
    "RateLimit",
    "Resource",
    "Side",
    "Unit",
    "Violation",
    "account_number",
    "after_last",
    "by_address",
    "by_number",
    "by_offset",
    "checked_decimal",
    "hide_arguments",
    "minor_digits",
    "negative_magnitude",
    "parse_option_symbol",
    "parse_reset_time",
    "shift_point",
    "value_at",
]
