"""Replace keys in reports by the names of their environment variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._connections.connection import Connection
from .._core.redaction import encoded_variants

_OMITTED_HEADERS = {
    "user-agent",
    "accept-encoding",
    "connection",
    "accept",
    "x-schemathesis-testcaseid",
    "content-length",
}


class Secrets:
    """Replaces the keys of a connection by `$VARIABLE`.

    Args:
        connection: the connection whose keys are replaced.
    """

    def __init__(self, connection: Connection) -> None:
        headers = connection.credentials.headers()
        self.headers: list[str] = []
        variables: dict[str, str] = {}
        for scheme in connection.credentials.SCHEMES:
            self.headers.append(scheme.header)
            secret = headers[scheme.header].removeprefix(getattr(scheme, "prefix", "Basic "))
            reference = " and ".join(f"${connection.variables[name]}" for name in scheme.names)
            variables.update(dict.fromkeys(encoded_variants(secret), reference))
        # Replace the longest first: one key may be the beginning of another.
        self._variables = {secret: variables[secret] for secret in sorted(variables, key=len, reverse=True)}

    def clean(self, text: str) -> str:
        """Return a string without the keys."""
        for secret, variable in self._variables.items():
            text = text.replace(secret, variable)
        return text

    def clean_bytes(self, content: bytes) -> bytes:
        """Return bytes without the keys."""
        for secret, variable in self._variables.items():
            content = content.replace(secret.encode(), variable.encode())
        return content

    def clean_headers(self, headers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return headers without the keys."""
        return {self.clean(name): [self.clean(value) for value in values] for name, values in headers.items()}


def curl_command(method: str, url: str, headers: Mapping[str, Sequence[str]]) -> str:
    """Return a request without keys as a `curl` command that takes the keys from their variables."""
    arguments = ["curl", "-i"] + ([] if method == "GET" else ["-X", method])
    for name, values in headers.items():
        if name.lower() not in _OMITTED_HEADERS:
            arguments += [argument for value in values for argument in ("-H", _quote(f"{name}: {value}"))]
    return " ".join([*arguments, _quote(url)])


def _quote(value: Any) -> str:
    """Return a value in double quotes, in which the shell expands variables and nothing else."""
    plain = str(value) if str(value).isprintable() else ascii(str(value))[1:-1]
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
