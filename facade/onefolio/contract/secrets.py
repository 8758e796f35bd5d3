"""Keys kept out of every text: where one would stand, its variable's name does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .._connections.connection import Connection
from .._core.redaction import encoded_variants

if TYPE_CHECKING:
    from schemathesis.engine.recorder import ScenarioRecorder

_NOT_SHOWN = {"user-agent", "accept-encoding", "connection", "accept", "x-schemathesis-testcaseid", "content-length"}


class Secrets:
    """A connection's keys, to be replaced by `$VARIABLE` in whatever is written.

    Args:
        connection: whose keys they are.
    """

    def __init__(self, connection: Connection) -> None:
        headers = connection.credentials.headers()
        self.headers: list[str] = []
        variables: dict[str, str] = {}
        for scheme in connection.credentials.SCHEMES:
            self.headers.append(scheme.header)
            secret = headers[scheme.header].removeprefix(getattr(scheme, "prefix", "Basic "))
            named = " and ".join(f"${connection.variables[name]}" for name in scheme.names)
            variables.update(dict.fromkeys(encoded_variants(secret), named))
        # The longest first: one key may be the beginning of another.
        self._variables = {secret: variables[secret] for secret in sorted(variables, key=len, reverse=True)}

    def clean(self, text: str) -> str:
        """Return a text without the keys."""
        for secret, variable in self._variables.items():
            text = text.replace(secret, variable)
        return text

    def clean_bytes(self, content: bytes) -> bytes:
        """Return bytes without the keys."""
        for secret, variable in self._variables.items():
            content = content.replace(secret.encode(), variable.encode())
        return content

    def clean_recorder(self, recorder: ScenarioRecorder) -> None:
        """Take the keys out of everything that was recorded of a scenario."""
        for interaction in recorder.interactions.values():
            request, response = interaction.request, interaction.response
            request.uri = self.clean(request.uri)
            request.headers = self._clean_headers(request.headers)
            if response is not None:
                response.content = self.clean_bytes(response.content)
                response.headers = self._clean_headers(response.headers)
                response.message = self.clean(response.message)
        for checks in recorder.checks.values():
            for check in checks:
                if check.failure_info is not None:
                    failure = check.failure_info.failure
                    failure.message, failure.title = self.clean(failure.message), self.clean(failure.title)
                    check.failure_info.code_sample = self.clean(check.failure_info.code_sample)
                    for step in check.failure_info.steps:
                        step.path, step.curl = self.clean(step.path), self.clean(step.curl)

    def _clean_headers(self, headers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        return {self.clean(name): [self.clean(value) for value in values] for name, values in headers.items()}


def curl_line(method: str, url: str, headers: Mapping[str, Sequence[str]]) -> str:
    """Return a request, free of keys, as a line for a shell; the keys come from the variables."""
    words = ["curl", "-i"] + ([] if method == "GET" else ["-X", method])
    for name, values in headers.items():
        if name.lower() not in _NOT_SHOWN:
            words += [word for value in values for word in ("-H", _quoted(f"{name}: {value}"))]
    return " ".join([*words, _quoted(url)])


def _quoted(text: Any) -> str:
    """Return a text in double quotes, in which the shell fills variables in and nothing else."""
    plain = ascii(str(text))[1:-1] if not str(text).isprintable() else str(text)
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("`", "\\`") + '"'
