"""Whether a server is there at all, and speaks what the provider speaks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from onefolio_runtime import Client, ContractError, TransportError, decode

from .._connections.connection import Connection
from .._core.errors import ConfigurationError
from .secrets import Secrets

_WAIT, _LONGEST_WAIT = 5.0, 60.0
"""Seconds that a 429 is waited for where it does not say how long, and at most."""

_UNKNOWN = "/onefolio-contract-no-such-path"


def require_api(connection: Connection, secrets: Secrets, *, timeout: float, polite: bool) -> None:
    """Ask for the accounts once; a run makes sense where anything like the API answers.

    What is wrong with an answer is for the checks to say. Here it is only about servers that are another thing.

    Args:
        connection: the server and the keys.
        secrets: what no message holds.
        timeout: seconds for the whole answer.
        polite: ask for nothing else; otherwise an unknown path, too, may show that the API is there.

    Raises:
        ConfigurationError: no answer, a redirect, another language, or keys that are refused.
    """
    import httpx

    request = connection.accounts().request(None)
    where = secrets.clean(connection.base_url)
    try:
        with Client(connection.credentials, connection.base_url, timeout=timeout) as client:
            answer: Any = None
            for _ in range(2):
                answer = client.send(request, within=timeout)
                if answer.status_code != 429 or not polite:
                    break
                time.sleep(seconds_to_wait(connection, answer.headers))
            found = _objection(answer.status_code, answer.headers, answer.content)
            if found and not polite:
                other = httpx.get(connection.base_url + _UNKNOWN, timeout=timeout, follow_redirects=False)
                found = _objection(other.status_code, other.headers, other.content) and found
    except (httpx.TimeoutException, TimeoutError):
        raise ConfigurationError(f"{where} does not answer within {timeout:g} seconds") from None
    except (httpx.HTTPError, httpx.InvalidURL, TransportError, OSError) as error:
        reason = secrets.clean(str(error)) or type(error).__name__
        raise ConfigurationError(f"{where} cannot be reached: {reason}") from None
    if found:
        raise ConfigurationError(f"{where} {secrets.clean(found)}; is this the base URL of {connection.title}?")
    if polite and answer.status_code in (401, 403):
        variables = ", ".join(connection.variables.values())
        raise ConfigurationError(f"{where} refuses the keys ({answer.status_code}); look at {variables}")


def seconds_to_wait(connection: Connection, headers: Mapping[str, str]) -> float:
    """Return how long a 429 is waited for: as it says, within limits."""
    asked = connection.retry_after(headers, time.time())
    return min(_LONGEST_WAIT, _WAIT if asked is None else asked)


def _objection(status: int, headers: Any, content: bytes) -> str:
    """Return why an answer is none of an API that speaks JSON; empty where it is one."""
    if 300 <= status < 400:
        return f"redirects to {headers.get('location', 'nowhere')}"
    kind = headers.get("content-type", "")
    if "json" in kind:
        return ""
    try:
        decode(content)
    except ContractError:
        return f"answers {status} with {kind or 'no content type'} and not with JSON"
    return ""
