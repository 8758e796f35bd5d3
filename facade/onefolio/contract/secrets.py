"""Replace keys in reports by the names of their environment variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._connections.connection import Connection
from .._core.redaction import MASK, Redactor

_OMITTED_HEADERS = {
    "user-agent",
    "accept-encoding",
    "connection",
    "accept",
    "x-schemathesis-testcaseid",
    "content-length",
}


class Secrets:
    """Replaces the keys of a connection by `$VARIABLE`, and parts of them.

    Args:
        connection: the connection whose keys are replaced.
    """

    def __init__(self, connection: Connection) -> None:
        headers = connection.credentials.headers()
        self.headers: list[str] = []
        variables: dict[str, str] = dict.fromkeys(connection.credentials.secrets(), MASK)
        for scheme in connection.credentials.SCHEMES:
            self.headers.append(scheme.header)
            secret = headers[scheme.header].removeprefix(getattr(scheme, "prefix", "Basic "))
            variables[secret] = " and ".join(f"${connection.variables[name]}" for name in scheme.names)
        self._redactor = Redactor(variables, shortest=1)

    def clean(self, text: str) -> str:
        """Return a string without the keys."""
        return self._redactor.text(text)

    def clean_bytes(self, content: bytes) -> bytes:
        """Return bytes without the keys."""
        return self._redactor.shown_content(content)

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
