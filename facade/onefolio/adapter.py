"""What a provider's adapter is written with, ours and those of other packages. `docs/add-a-provider.md` is its guide.

An adapter is a class of `Connection` that states how its provider is asked (`Reading`) and what the rows of the answers
mean in the unified model. It does no input or output and holds no state. Of a package of its own it becomes known by an
entry point of the group `onefolio.providers`, `NAME = "package.module:Class"`, NAME being the class's `provider`.
"""

from onefolio_runtime import UNSET, ContractError, Drift, Violation

from ._connections.connection import Connection
from ._connections.page_cursors import NextPage, Page, after_last, by_address, by_number, by_offset
from ._connections.position_builder import PositionBuilder
from ._connections.rate_limit import RateLimit
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
    "after_last",
    "by_address",
    "by_number",
    "by_offset",
    "checked_decimal",
    "minor_digits",
    "negative_magnitude",
    "parse_option_symbol",
    "shift_point",
    "value_at",
]
