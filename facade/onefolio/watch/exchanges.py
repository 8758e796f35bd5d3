"""A request and its response, as an observer receives them. They exist in memory only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple
from urllib.parse import parse_qsl, unquote, unquote_plus

import msgspec

COMPLETE: Final = "complete"
CUT_OFF: Final = "cut off"
"""The server ended the connection inside of the response."""
NO_RESPONSE: Final = "no response"
LARGE: Final = "too large"
"""The body has more bytes than are kept for the check."""
UNREAD: Final = "not read"
"""The client has not read the body."""

_SECRET_NAME = re.compile(r"key|secret|token|auth|cookie|session|password|signature", re.IGNORECASE)


class Exchange(msgspec.Struct, array_like=True):
    """A request and its response.

    Attributes:
        at: the time of the response in seconds since the epoch.
        method: the method of the request.
        path: the path of the request below the base URL, without the query.
        query: the names of the query's parameters.
        credentials: the values of the fields that the provider's security schemes name.
        private: values of the request that must not be repeated: keys, parts of the path, parameters.
        status: the status of the response; 0 without a response.
        encoding: the `Content-Encoding`.
        content_type: the `Content-Type`.
        body: the body as received, perhaps compressed.
        state: `COMPLETE`, or the reason why `body` is not the whole body.
    """

    at: float
    method: str
    path: str
    query: list[str]
    credentials: list[str]
    private: list[str]
    status: int
    encoding: str = ""
    content_type: str = ""
    body: bytes = b""
    state: str = COMPLETE


class Asked(msgspec.Struct):
    """The part of an exchange that is known before its response; see `Exchange`."""

    method: str
    path: str
    query: list[str]
    credentials: list[str]
    private: list[str]

    def exchange(self, at: float, status: int, fields: ResponseFields, body: bytes, state: str) -> Exchange:
        """Return the exchange with a response."""
        return Exchange(
            at, self.method, self.path, self.query, self.credentials, self.private, status, *fields, body, state
        )


class ResponseFields(NamedTuple):
    """The fields of a response that a check needs; see `Exchange`."""

    encoding: str = ""
    content_type: str = ""


NO_FIELDS: Final = ResponseFields()


def read_fields(fields: Iterable[tuple[bytes, bytes]]) -> ResponseFields:
    """Return the fields of a response that a check needs.

    Args:
        fields: names, in any case, with values.
    """
    found: dict[bytes, list[bytes]] = {b"content-encoding": [], b"content-type": []}
    for name, value in fields:
        if (values := found.get(name.lower())) is not None:
            values.append(value)
    return ResponseFields(*(b", ".join(values).decode("latin-1") for values in found.values()))


def read_request(
    method: str, target: str, fields: Iterable[tuple[str, str]], credential_names: Mapping[str, str]
) -> Asked:
    """Return the part of an exchange that a request states.

    Args:
        method: the method.
        target: the path, encoded, with the query.
        fields: names in lower case, with values.
        credential_names: the fields that carry credentials, in lower case, with the text before each credential.
    """
    path, _, query = target.partition("?")
    parameters = parse_qsl(query, keep_blank_values=True) if query else []
    credentials, private = [], [value for _, value in parameters]
    for name, value in fields:
        if name in credential_names:
            credentials.append(f"{name}:{value}")
            private += [value, value[len(credential_names[name]) :].strip()]
        elif _SECRET_NAME.search(name):
            private += [value, value.rpartition(" ")[2]]
    private += [unquote(part) for part in path.split("/")]
    private += [unquote_plus(query)] if query and not parameters else []
    return Asked(
        method, path, [name for name, _ in parameters], sorted(credentials), [each for each in private if each]
    )
