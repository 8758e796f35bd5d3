"""Opaque page tokens that are rejected if they were altered or belong to another listing."""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b
from typing import Any

_TAG_SIZE = 12
"""Number of bytes that authenticate a token."""


class PageTokens:
    """Encodes and decodes the page tokens of one operation.

    Args:
        seed: seed of the mock.
        operation: id of the operation; tokens of other operations are rejected.
    """

    def __init__(self, seed: int, operation: str) -> None:
        self._key = blake2b(f"{seed} {operation}".encode(), digest_size=32).digest()

    def encode(self, path: str, content: Any) -> str:
        """Return a token that contains a JSON value and is valid for one path.

        Tokens are base64 with `+`, `/` and always `=`, so that a client that does not encode them fails.
        """
        plain = json.dumps(content, separators=(",", ":")).encode()
        # A length of 1 modulo 3 makes the base64 end in "==".
        plain += b" " * ((1 - _TAG_SIZE - len(plain)) % 3)
        tag = self._tag(path, plain)
        return base64.b64encode(tag + self._mask(tag, plain)).decode()

    def decode(self, path: str, token: str) -> Any:
        """Return the content of a token.

        Raises:
            ValueError: the token was not created for this operation and path.
        """
        try:
            data = base64.b64decode(token, validate=True)
        except binascii.Error as error:
            raise ValueError(token) from error
        tag, plain = data[:_TAG_SIZE], self._mask(data[:_TAG_SIZE], data[_TAG_SIZE:])
        # Decoding ignores some bits of the last letter before "=", so the token itself is compared as well.
        if tag != self._tag(path, plain) or base64.b64encode(data).decode() != token:
            raise ValueError(token)
        return json.loads(plain)

    def _tag(self, path: str, plain: bytes) -> bytes:
        return blake2b(path.encode() + b"\0" + plain, key=self._key, digest_size=_TAG_SIZE).digest()

    def _mask(self, tag: bytes, data: bytes) -> bytes:
        """Return data combined by XOR with a keystream derived from the key and the tag; its own inverse."""
        blocks = range(len(data) // 64 + 1)
        stream = b"".join(blake2b(tag + block.to_bytes(4, "big"), key=self._key).digest() for block in blocks)
        return bytes(left ^ right for left, right in zip(data, stream, strict=False))
