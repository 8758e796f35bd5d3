"""Check that a server responds and serves the provider's API before a run starts."""

from __future__ import annotations

import time
from typing import Any

from onefolio_runtime import Client, ContractError, Operation, Request, Response, TransportError, decode

from .._connections.connection import Connection
from .._core.errors import ConfigurationError
from .secrets import Secrets
from .sender import seconds_to_wait

_UNKNOWN_PATH = "/onefolio-contract-no-such-path"


def require_api(connection: Connection, secrets: Secrets, *, timeout: float, polite: bool) -> None:
    """Request the accounts once and raise an error if the server does not serve an API.

    Any JSON response is accepted: violations of the contract are found by the checks.

    Args:
        connection: the server and the keys.
        secrets: replaces the keys in error messages.
        timeout: seconds for a response.
        polite: request nothing else; otherwise, JSON at an unknown path is accepted, too.

    Raises:
        ConfigurationError: there is no response, a redirect or a response that is not JSON, or the keys are rejected.
    """
    server = secrets.clean(connection.base_url)
    try:
        response, objection = _request_accounts(connection, timeout, polite=polite)
    except TimeoutError:
        raise ConfigurationError(f"{server} does not respond within {timeout:g} seconds") from None
    except (TransportError, OSError) as error:
        reason = secrets.clean(str(error)) or type(error).__name__
        raise ConfigurationError(f"{server} cannot be reached: {reason}") from None
    if objection:
        raise ConfigurationError(
            f"{server} {secrets.clean(objection)}; check that this is the base URL of {connection.title}"
        )
    if polite and response.status_code in (401, 403):
        variables = ", ".join(connection.variables.values())
        raise ConfigurationError(f"{server} rejects the keys (HTTP {response.status_code}); check {variables}")


def _request_accounts(connection: Connection, timeout: float, *, polite: bool) -> tuple[Response[Any, Any], str]:
    """Return the response to a request for accounts, and the reason why the server is not an API, if any."""
    with Client(connection.credentials, connection.base_url, timeout=timeout) as client:

        def send(request: Request[Any, Any], repeats: int) -> Response[Any, Any]:
            """Send a request and return the response; a polite run waits after each 429."""
            response = client.send(request, within=timeout)
            if response.status_code == 429 and polite:
                time.sleep(seconds_to_wait(connection, response.headers))
                return send(request, repeats - 1) if repeats else response
            return response

        response = send(connection.accounts().request(None), 1)
        objection = _objection(response)
        if objection and not polite:
            unknown = Operation[Any, Any](
                "unknownPath", method="GET", path=_UNKNOWN_PATH, contract=connection.contract, responses={}
            )
            objection = _objection(send(unknown.request(), 0)) and objection
    return response, objection


def _objection(response: Response[Any, Any]) -> str:
    """Return the reason why a response does not come from a JSON API, or an empty string."""
    if 300 <= response.status_code < 400:
        return f"redirects to {response.headers.get('location', 'nowhere')}"
    content_type = response.headers.get("content-type", "")
    if "json" in content_type:
        return ""
    try:
        decode(response.content)
    except ContractError:
        found = content_type or "no content type"
        return f"returns HTTP {response.status_code} with {found} instead of JSON"
    return ""
