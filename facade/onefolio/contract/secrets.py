"""Replace keys in reports by the names of their environment variables."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from onefolio_runtime import BasicScheme

from .._connections.connection import Connection
from .._core.redaction import MASK, Redactor


class Secrets:
    """Replaces each key of a connection by the name of its variable, `${VARIABLE}`, and parts of keys by an ellipsis.

    Args:
        connection: the connection whose keys are replaced.

    Attributes:
        in_shell: for each replacement, the expression with which a shell makes the key from the variables.
    """

    def __init__(self, connection: Connection) -> None:
        replacements = dict.fromkeys(connection.credentials.secrets(), MASK)
        self.in_shell: Final[dict[str, str]] = {}
        for secret, replacement, expression in _keys(connection):
            replacements[secret] = replacement
            self.in_shell[replacement] = expression
        self._redactor = Redactor(replacements, shortest=1)

    def clean(self, text: str) -> str:
        """Return a string without the keys."""
        return self._redactor.text(text)

    def clean_bytes(self, content: bytes) -> bytes:
        """Return bytes without the keys."""
        return self._redactor.shown_content(content)

    def clean_headers(self, headers: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
        """Return headers without the keys."""
        return {self.clean(name): [self.clean(value) for value in values] for name, values in headers.items()}


def _keys(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield each key, its replacement in text, and the expression that makes it in a shell."""
    headers = connection.credentials.headers()
    for scheme in connection.credentials.SCHEMES:
        variables = [f"${{{connection.variables[name]}}}" for name in scheme.names]
        key = headers[scheme.header].removeprefix(scheme.prefix)
        if not isinstance(scheme, BasicScheme):
            yield key, variables[0], variables[0]
            continue
        pair = ":".join(variables)
        # `base64` breaks long lines.
        yield key, f"base64({pair})", f"""$(printf %s "{pair}" | base64 | tr -d '\\n')"""
        # A user name contains no colon.
        for part, variable in zip(base64.b64decode(key).decode().split(":", 1), variables, strict=True):
            yield part, variable, variable
