"""Read keys from the system's keyring."""

from __future__ import annotations

import logging
from importlib.util import find_spec

from .._connections.connection import Connection

_log = logging.getLogger("onefolio")

SERVICE = "onefolio"
"""The service name of the entries in the keyring. Their user names are the names of the environment variables."""


def read_keyring(kind: type[Connection], base_url: str | None) -> dict[str, str]:
    """Return a provider's keys in the keyring, in the form of environment variables.

    An entry that is missing or cannot be read is an empty string.

    Args:
        kind: the provider's connection class.
        base_url: the base URL to which the keys are sent; None for the provider's default.
    """
    variables = {kind.base_url_variable: base_url or ""}
    if find_spec("keyring") is None:
        return variables
    import keyring
    from keyring.errors import KeyringError

    for variable in kind.variables.values():
        try:
            variables[variable] = keyring.get_password(SERVICE, variable) or ""
        except (KeyringError, RuntimeError, OSError) as error:
            _log.debug("cannot read %s from the keyring (%s)", variable, type(error).__name__)
    return variables
