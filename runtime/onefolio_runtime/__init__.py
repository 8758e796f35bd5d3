"""What the generated clients stand on: requests, answers, exact scalars and the contract.

Nothing here knows a provider. A generated package holds a bundled OpenAPI document, typed models over
checked JSON, and one function an operation that describes a request; this package sends such requests
and holds the answers against the document.
"""

from ._client import AsyncClient, Client
from ._contract import Contract, ContractError, Drift, Verdict, Violation, shortened
from ._credentials import BASIC, BasicScheme, Credentials, Scheme, Secret
from ._json import decode, encode, excerpt
from ._loop import LoopThread
from ._model import UNSET, Json, Model, Unset
from ._network import Http, NoAnswerError, Timeout, open_http
from ._operation import Answer, Operation, Request, Response, StatusError
from ._scalars import decimal_text, to_datetime, to_open_enum, to_optional_decimal, wire

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
    "Http",
    "Json",
    "LoopThread",
    "Model",
    "NoAnswerError",
    "Operation",
    "Request",
    "Response",
    "Scheme",
    "Secret",
    "StatusError",
    "Timeout",
    "Unset",
    "Verdict",
    "Violation",
    "decimal_text",
    "decode",
    "encode",
    "excerpt",
    "open_http",
    "shortened",
    "to_datetime",
    "to_open_enum",
    "to_optional_decimal",
    "wire",
]
