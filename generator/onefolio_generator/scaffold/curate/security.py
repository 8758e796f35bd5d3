"""Security schemes that a generated client can send, and the names of their credentials."""

from __future__ import annotations

import re

from attrs import frozen

from ...clients.python_names import to_identifier
from ...document import DocumentError
from ..published_spec import PublishedOperation, PublishedSpec
from ..schemas import Schema
from ..text import to_one_line

_RESERVED_NAMES = {"environment", "base_url", "name", "rate_limit", "self", "keys"}
"""Names in an adapter's constructor that cannot be those of credentials."""


@frozen
class Security:
    """The authentication of a curated spec.

    Attributes:
        schemes: the security schemes by their names.
        requirement: the document's security requirement, which is all of them.
        credentials: the names of the credentials.
    """

    schemes: Schema
    requirement: list[Schema]
    credentials: list[str]


def find_security(published: PublishedSpec, provider: str, operation: PublishedOperation) -> Security:
    """Return the first authentication of an operation that a client can send.

    Raises:
        DocumentError: the document has no security scheme, or none that a client can send.
    """
    stated = (published.document.get("components") or {}).get("securitySchemes") or {}
    where = f"{published.path}: components.securitySchemes"
    if not stated:
        raise DocumentError(
            f"{where} is missing. Add the scheme of the API's key: apiKey in a header, bearer or basic."
        )
    required = operation.node.get("security", published.document.get("security"))
    alternatives = [list(each) for each in required or [] if each] or [[name] for name in stated]
    rejected: list[str] = []
    for names in alternatives:
        schemes = {name: published.resolve(stated.get(name) or {}) for name in names}
        problems = _find_problems(schemes)
        if not problems:
            return _make_security(schemes, provider)
        rejected += problems
    raise DocumentError(
        f"{where}: none can be sent: {', '.join(rejected)}. Supported are API keys in a header, bearer tokens (also "
        "those of OAuth 2 and OpenID Connect) and basic authentication. Change the document to one of these."
    )


def _find_problems(schemes: dict[str, Schema]) -> list[str]:
    curated = {name: _curate_scheme(scheme) for name, scheme in schemes.items()}
    problems = [f"{name} ({_describe(schemes[name])})" for name, scheme in curated.items() if scheme is None]
    headers = [scheme.get("name", "Authorization").lower() for scheme in curated.values() if scheme is not None]
    if not problems and len(set(headers)) < len(headers):
        problems.append(f"{' with '.join(schemes)} (both in one header)")
    return problems


def _make_security(stated: dict[str, Schema], provider: str) -> Security:
    schemes: Schema = {}
    credentials: list[str] = []
    for name, scheme in stated.items():
        curated = _curate_scheme(scheme) or {}
        key = _choose_name(name, scheme, provider, is_only=len(stated) == 1, taken=credentials)
        description = to_one_line(scheme.get("description"))
        schemes[key] = {**curated, **({"description": description} if description else {})}
        credentials += ["username", "password"] if curated.get("scheme") == "basic" else [key]
    return Security(schemes, [{key: [] for key in schemes}], credentials)


def _describe(scheme: Schema) -> str:
    return " ".join(str(scheme[key]) for key in ("type", "scheme", "in") if key in scheme) or "not defined"


def _curate_scheme(scheme: Schema) -> Schema | None:
    """Return a scheme in the curated form; None if a client cannot send it."""
    match scheme:
        case {"type": "apiKey", "in": "header", "name": str(header)} if re.fullmatch(r"[\w-]+", header, re.ASCII):
            return {"type": "apiKey", "in": "header", "name": header}
        case {"type": "http", "scheme": str(kind)} if kind.lower() in ("bearer", "basic"):
            return {"type": "http", "scheme": kind.lower()}
        case {"type": "oauth2" | "openIdConnect"}:
            return {"type": "http", "scheme": "bearer"}
    return None


def _choose_name(name: str, scheme: Schema, provider: str, *, is_only: bool, taken: list[str]) -> str:
    if scheme.get("type") != "apiKey":
        chosen = "basic" if str(scheme.get("scheme", "")).lower() == "basic" else "token"
    elif is_only:
        chosen = "api_key"
    else:
        chosen = to_identifier(name).removeprefix(f"{provider}_")
    while chosen in taken or chosen in _RESERVED_NAMES or not chosen.isidentifier():
        chosen = f"{chosen}_key"
    return chosen
