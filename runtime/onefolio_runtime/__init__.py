"""What the generated clients stand on: requests, answers, exact scalars and the contract.

Nothing here knows a provider. A generated package holds a bundled OpenAPI document, typed models over
checked JSON, and one function an operation that describes a request; this package sends such requests
and holds the answers against the document.
"""

from .client import AsyncClient, Client
from .contract.explanations import shorten
from .contract.validate import Contract
from .contract.verdict import ContractError, Drift, Verdict, Violation
from .credentials import BASIC, BasicScheme, Credentials, Scheme, Secret
from .json import decode, encode, excerpt
from .loop_thread import LoopThread
from .model import UNSET, Json, Model, Unset
from .operation import Answer, Operation, Request, Response, StatusError
from .scalars import decimal_text, to_datetime, to_open_enum, to_optional_decimal, wire
from .transports.base import Timeout, Transport, TransportError
from .transports.factory import open_transport

__all__ = [
    "BASIC",
    "UNSET",
    "Answer",
    "AsyncClient",
    "BasicScheme",
    "Client",
    "Contract",
    "ContractError",
    "Credentials",
    "Drift",
    "Json",
    "LoopThread",
    "Model",
    "Operation",
    "Request",
    "Response",
    "Scheme",
    "Secret",
    "StatusError",
    "Timeout",
    "Transport",
    "TransportError",
    "Unset",
    "Verdict",
    "Violation",
    "decimal_text",
    "decode",
    "encode",
    "excerpt",
    "open_transport",
    "shorten",
    "to_datetime",
    "to_open_enum",
    "to_optional_decimal",
    "wire",
]
