"""Accounts, balances and positions of several brokers and custodians as one typed model with exact money."""

import logging

from ._connection import Connection
from ._drift import DriftReport
from ._errors import (
    AuthenticationError,
    ComparisonError,
    ConfigurationError,
    ContractViolation,
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    OnefolioError,
    PermissionDeniedError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    StoreError,
    TableError,
    UnexpectedStatusError,
)
from ._events import Sent, Waited
from ._exposure import Exposure, exposure
from ._folio import AsyncFolio, Folio
from ._frames import Frames
from ._models import (
    Account,
    AccountKind,
    AccountStatus,
    Balance,
    Failure,
    InstrumentType,
    Option,
    OptionRight,
    Position,
    Side,
    Snapshot,
    Unit,
)
from ._plain import plain
from ._rate import RateLimit
from ._store import Store, open_store
from ._totals import Total, totals
from .providers.alpaca import Alpaca
from .providers.clear_street import ClearStreet
from .providers.conduit import Conduit

# Until a program sets up logging, nothing of ours goes to standard error.
logging.getLogger(__name__).addHandler(logging.NullHandler())

__version__ = "0.1.0"

__all__ = [
    "Account",
    "AccountKind",
    "AccountStatus",
    "Alpaca",
    "AsyncFolio",
    "AuthenticationError",
    "Balance",
    "ClearStreet",
    "ComparisonError",
    "Conduit",
    "ConfigurationError",
    "Connection",
    "ContractViolation",
    "DriftReport",
    "Exposure",
    "Failure",
    "Folio",
    "Frames",
    "InstrumentType",
    "InvalidRequestError",
    "NotFoundError",
    "NotSupportedError",
    "OnefolioError",
    "Option",
    "OptionRight",
    "PermissionDeniedError",
    "Position",
    "ProviderError",
    "ProviderUnavailableError",
    "RateLimit",
    "RateLimitedError",
    "Sent",
    "Side",
    "Snapshot",
    "Store",
    "StoreError",
    "TableError",
    "Total",
    "UnexpectedStatusError",
    "Unit",
    "Waited",
    "__version__",
    "exposure",
    "open_store",
    "plain",
    "totals",
]
