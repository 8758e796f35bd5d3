"""Accounts, balances and positions of several brokers and custodians as one typed model with exact money."""

from . import _start  # noqa: F401  # it handles Ctrl-C during the imports below

# isort: split
import logging

from ._connections.connection import Connection
from ._connections.rate_limit import RateLimit
from ._core.errors import (
    AuthenticationError,
    ComparisonError,
    ConfigurationError,
    ContractViolation,
    InvalidRequestError,
    NotFoundError,
    NotSupportedError,
    OnefolioError,
    PermissionDeniedError,
    PrecisionError,
    ProviderError,
    ProviderUnavailableError,
    RateLimitedError,
    StoreError,
    UnexpectedStatusError,
)
from ._folio.asynchronous import AsyncFolio
from ._folio.sync import Folio
from ._models.jsonable import to_jsonable
from ._models.records import (
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
    Unit,
)
from ._reading.drift_log import DriftReport
from ._requests.events import RequestSent, WaitStarted
from ._snapshots.snapshot import Snapshot
from ._tables.frames import Frames
from ._tables.text_only import TextOnlyFigure
from .analysis.exposure import Exposure, exposure
from .analysis.totals import Total, totals
from .providers.alpaca import Alpaca
from .providers.clear_street import ClearStreet
from .providers.conduit import Conduit
from .stores.base import Store
from .stores.opening import open_store

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
    "PrecisionError",
    "ProviderError",
    "ProviderUnavailableError",
    "RateLimit",
    "RateLimitedError",
    "RequestSent",
    "Side",
    "Snapshot",
    "Store",
    "StoreError",
    "TextOnlyFigure",
    "Total",
    "UnexpectedStatusError",
    "Unit",
    "WaitStarted",
    "__version__",
    "exposure",
    "open_store",
    "to_jsonable",
    "totals",
]
