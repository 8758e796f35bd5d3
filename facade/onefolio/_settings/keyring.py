"""Read keys from the system's keyring."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from .._connections.connection import Connection

_log = logging.getLogger("onefolio")

SERVICE = "onefolio"
"""The keyring's name for where the keys are; their own names are those of the environment variables."""


def read_keyring(kind: type[Connection], base_url: str | None) -> dict[str, str]:
    """Return the keyring's keys of a provider as if they were environment variables."""
    found = {kind.base_url_variable: base_url or ""}
    if find_spec("keyring") is None:
        return found
    import keyring
    from keyring.errors import KeyringError

    for variable in kind.variables.values():
        try:
            found[variable] = keyring.get_password(SERVICE, variable) or ""
        except (KeyringError, RuntimeError, OSError) as error:
            _log.debug("the keyring cannot be asked for %s (%s)", variable, type(error).__name__)
    return found
