"""Runtime of the generated clients: requests, responses, exact scalars and the contract.

It names no provider. A generated package contains a bundled OpenAPI document, typed models over validated JSON and one
function per operation that makes a request. This package sends such requests and validates the responses.
"""

from .client import AsyncClient, Client
from .contract.explanations import describe_shape, shorten
from .contract.validate import Contract
from .contract.verdict import CONFORMS, MISSING, ContractError, Drift, DriftKind, Verdict, Violation
from .credentials import BASIC, BasicScheme, Credentials, Scheme, Secret
from .guarded import Guard, GuardedObject, guard_fields
from .json import decode, encode, excerpt
from .json_pointers import escape_token, find_key, format_pointer, parse_pointer, resolve_pointer
from .loop_thread import LoopThread, LoopUnavailableError
from .model import UNSET, Columns, Json, Model, Unset
from .operation import DocumentedResponse, Operation, Request, Response, StatusError
from .pickling import reduce_error
from .scalars import decimal_text, to_datetime, to_open_enum, to_optional_decimal, wire
from .slices import SMALL, Sliced, finish, interleave
from .text import escape_controls, replace_controls
from .tracebacks import clear_locals, hide_arguments
from .transports.base import Timeout, Transport, TransportError
from .transports.factory import HttpChoice, HttpChoiceError, Transports, check_http, open_transport

__all__ = [
    "BASIC",
    "CONFORMS",
    "MISSING",
    "SMALL",
    "UNSET",
    "AsyncClient",
    "BasicScheme",
    "Client",
    "Columns",
    "Contract",
    "ContractError",
    "Credentials",
    "DocumentedResponse",
    "Drift",
    "DriftKind",
    "Guard",
    "GuardedObject",
    "HttpChoice",
    "HttpChoiceError",
    "Json",
    "LoopThread",
    "LoopUnavailableError",
    "Model",
    "Operation",
    "Request",
    "Response",
    "Scheme",
    "Secret",
    "Sliced",
    "StatusError",
    "Timeout",
    "Transport",
    "TransportError",
    "Transports",
    "Unset",
    "Verdict",
    "Violation",
    "check_http",
    "clear_locals",
    "decimal_text",
    "decode",
    "describe_shape",
    "encode",
    "escape_controls",
    "escape_token",
    "excerpt",
    "find_key",
    "finish",
    "format_pointer",
    "guard_fields",
    "hide_arguments",
    "interleave",
    "open_transport",
    "parse_pointer",
    "reduce_error",
    "replace_controls",
    "resolve_pointer",
    "shorten",
    "to_datetime",
    "to_open_enum",
    "to_optional_decimal",
    "wire",
]
