"""Name keys by fingerprints from which no key can be recovered."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from .._core.errors import ConfigurationError

NO_KEY = "none"
"""The name of the absent key of a request without credentials."""

OTHER_KEYS = "other"
"""The common name of all keys beyond the limit."""

MAX_KEYS = 1_000
"""Keys that one process distinguishes."""

_SALT_BYTES = 32
_DIGEST_BYTES = 5
_COST, _BLOCK = 2**14, 8
"""Parameters of scrypt: 16 MiB of memory and tens of milliseconds for each guess at a key."""


class Fingerprints:
    """Computes fingerprints with a salt that is kept in a file of its own.

    A ledger without its salt proves nothing about any key, however short the key is. With the salt, each guess at a key
    costs a computation of scrypt.

    Args:
        salt: random bytes.
    """

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, credentials: list[str]) -> str:
        """Return the fingerprint of the credentials of a request; it is computed once for each key."""
        key = tuple(credentials)
        found = self._known.get(key)
        if found is None:
            if not key:
                return NO_KEY
            if len(self._known) >= MAX_KEYS:
                return OTHER_KEYS
            found = self._known[key] = self._compute("\0".join(key))
        return found

    def _compute(self, key: str) -> str:
        digest = hashlib.scrypt(key.encode(), salt=self._salt, n=_COST, r=_BLOCK, p=1, dklen=_DIGEST_BYTES)
        return digest.hex()


def open_fingerprints(ledger: Path) -> Fingerprints:
    """Return the fingerprints of a ledger. The first use creates the file of its salt, readable by its owner only.

    Raises:
        ConfigurationError: the file cannot be read or written, or does not contain a salt.
    """
    path = ledger.with_name(f"{ledger.name}.salt")
    try:
        salt = _create(path) or path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read or write {path}: {error.strerror}") from None
    if len(salt) != _SALT_BYTES:
        raise ConfigurationError(f"{path} is not a salt of {_SALT_BYTES} bytes. Delete it to begin new fingerprints.")
    return Fingerprints(salt)


def _create(path: Path) -> bytes | None:
    """Create the file and return its content, or return None if it exists.

    The file gets its name when it is complete, because other processes may read it at any time.
    """
    if path.exists():
        return None
    salt = secrets.token_bytes(_SALT_BYTES)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(salt)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return None
    finally:
        temporary.unlink()
    return salt
