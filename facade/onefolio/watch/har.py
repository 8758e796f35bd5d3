"""Read the exchanges of a HAR file, as browsers and debugging proxies save them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._core.errors import ConfigurationError
from .._core.files import open_regular
from .background import credential_names
from .exchanges import COMPLETE, NO_RESPONSE, UNREAD, Exchange, ResponseFields, read_request
from .routes import Routes

_MAX_BYTES = 2**30


def read_har(path: Path, provider: str, routes: Routes) -> Iterator[Exchange]:
    """Yield the exchanges of a HAR file with a provider's documented operations, on any host.

    Args:
        path: the file.
        provider: the provider's name.
        routes: the operations.

    Raises:
        ConfigurationError: the file cannot be read, or is not a HAR file. The message contains nothing of its content.
    """
    try:
        with open_regular(path) as file:
            content = file.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise ConfigurationError(f"{path} is larger than {_MAX_BYTES // 2**20} MiB")
        entries = json.loads(content)["log"]["entries"]
        if not isinstance(entries, list):
            raise TypeError  # noqa: TRY301  # as any other content that is no HAR file
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ConfigurationError(f"{path} is not a HAR file") from None
    names = credential_names(provider)
    for number, entry in enumerate(entries):
        try:
            found = _exchange(entry, names, routes)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ConfigurationError(f"{path}: entry {number} is not a valid entry of a HAR file") from None
        if found is not None:
            yield found


def _exchange(entry: dict[str, Any], names: dict[str, str], routes: Routes) -> Exchange | None:
    request, response = entry["request"], entry["response"]
    url = urlsplit(request["url"])
    path = _path(request["method"], url.path, routes)
    if path is None:
        return None
    fields = [(each["name"].lower(), each["value"]) for each in request.get("headers", [])]
    asked = read_request(request["method"], f"{path}?{url.query}", fields, names)
    stated = response.get("content") or {}
    fields_of_response = ResponseFields(content_type=stated.get("mimeType", ""))  # the text is decompressed
    at = datetime.fromisoformat(entry["startedDateTime"]).timestamp()
    status = int(response["status"])
    body = _body(stated)
    state = NO_RESPONSE if status <= 0 else UNREAD if body is None else COMPLETE
    return asked.exchange(at, max(status, 0), fields_of_response, body or b"", state)


def _path(method: str, path: str, routes: Routes) -> str | None:
    """Return the part of a path that is an operation's, without a base path before it."""
    while path:
        if routes.find(method, path) is not None:
            return path
        rest = path[1:].partition("/")[2]
        path = f"/{rest}" if rest else ""
    return None


def _body(content: dict[str, Any]) -> bytes | None:
    """Return the body in the content of a response, or None if the file does not have it."""
    text = content.get("text")
    if text is None:
        return None
    if content.get("encoding") != "base64":
        return str(text).encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("the text is not in base64") from None
