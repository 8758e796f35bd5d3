"""What a provider's adapter is written with, ours and those of other packages. `docs/add-a-provider.md` is its guide.

An adapter is a class of `Connection` that states how its provider is asked (`Reading`) and what the rows of the answers
mean in the unified model. It does no input or output and holds no state. Of a package of its own it becomes known by an
entry point of the group `onefolio.providers`, `NAME = "package.module:Class"`, NAME being the class's `provider`.
"""

from onefolio_runtime import UNSET, ContractError, Drift, Violation

from ._connection import Capability, Connection, ErrorDetails, Note, Reading
from ._currency import minor_digits
from ._errors import ConfigurationError
from ._exact import below_zero, exact, shifted
from ._models import (
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
from ._option import read_option
from ._paging import NextPage, Page, after_last, by_address, by_number, by_offset, value_at
from ._position import PositionDraft
from ._rate import RateLimit

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
    "ErrorDetails",
    "InstrumentType",
    "NextPage",
    "Note",
    "Option",
    "OptionRight",
    "Page",
    "Position",
    "PositionDraft",
    "RateLimit",
    "Reading",
    "Side",
    "Unit",
    "Violation",
    "after_last",
    "below_zero",
    "by_address",
    "by_number",
    "by_offset",
    "exact",
    "minor_digits",
    "read_option",
    "shifted",
    "value_at",
]
