"""Credentials that the security schemes of a document require."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

from onefolio_runtime import BASIC

from .._core.demo import demo_secret
from .errors import DocumentError
from .references import resolve


class Credential(NamedTuple):
    """A credential that a request must carry, with the secret that the mock accepts.

    Attributes:
        where: `header` or `query`.
        name: the name of the header or parameter.
        prefix: the part before the secret, such as `Bearer `.
        secret: the accepted secret.
    """

    where: str
    name: str
    prefix: str
    secret: str

    def fits(self, value: str | None) -> bool:
        """Return True if a value is this credential; the case of the prefix is ignored."""
        start = len(self.prefix)
        return value is not None and value[start:] == self.secret and value[:start].lower() == self.prefix.lower()


def credentials(document: Mapping[str, Any], requirement: Mapping[str, Any]) -> list[Credential]:
    """Return the credentials of a security requirement; a request needs all of them.

    Raises:
        DocumentError: a scheme is not supported.
    """
    return [_credential(document, name) for name in requirement]


def _credential(document: Mapping[str, Any], name: str) -> Credential:
    secret = demo_secret(name)
    match scheme := resolve(document, document["components"]["securitySchemes"][name]):
        case {"type": "apiKey", "in": "header" | "query" as where, "name": field}:
            return Credential(where, field, "", secret)
        case {"type": "http", "scheme": str(kind)} if kind.lower() == "bearer":
            return Credential("header", "Authorization", "Bearer ", secret)
        case {"type": "http", "scheme": str(kind)} if kind.lower() == "basic":
            pair = ":".join(map(demo_secret, BASIC))
            return Credential("header", "Authorization", "Basic ", base64.b64encode(pair.encode()).decode())
    raise DocumentError(
        f"security scheme {name} is not supported: {scheme}. Supported: API keys in a header or in the query, "
        "bearer tokens and basic authentication."
    )
