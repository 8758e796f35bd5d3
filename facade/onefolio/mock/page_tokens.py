"""Page tokens: opaque, and refused where a letter was changed or another listing gave them."""

from __future__ import annotations

import base64
import binascii
import json
from hashlib import blake2b
from typing import Any

_TAG = 12
"""Bytes that authenticate a token."""


class Tokens:
    """Makes and reads the tokens of one listing.

    Args:
        seed: the mock's.
        listing: names the listing; the tokens of another one are refused.
    """

    def __init__(self, seed: int, listing: str) -> None:
        self._key = blake2b(f"{seed} {listing}".encode(), digest_size=32).digest()

    def make(self, path: str, content: Any) -> str:
        """Return the token that carries a JSON value, good for one path only.

        It is base64 with `+`, `/` and always `=`: what a client that forgets to encode would lose.
        """
        plain = json.dumps(content, separators=(",", ":")).encode()
        # One byte beyond a multiple of three makes the text end in "==".
        plain += b" " * ((1 - _TAG - len(plain)) % 3)
        tag = self._tag(path, plain)
        return base64.b64encode(tag + self._masked(tag, plain)).decode()

    def read(self, path: str, token: str) -> Any:
        """Return what a token carries.

        Raises:
            ValueError: this listing made no such token for this path.
        """
        try:
            data = base64.b64decode(token, validate=True)
        except binascii.Error as error:
            raise ValueError(token) from error
        tag, plain = data[:_TAG], self._masked(data[:_TAG], data[_TAG:])
        # The last letter before "=" has bits that decoding drops, so the text is compared as well.
        if tag != self._tag(path, plain) or base64.b64encode(data).decode() != token:
            raise ValueError(token)
        return json.loads(plain)

    def _tag(self, path: str, plain: bytes) -> bytes:
        return blake2b(path.encode() + b"\0" + plain, key=self._key, digest_size=_TAG).digest()

    def _masked(self, tag: bytes, data: bytes) -> bytes:
        """Return `data` with a stream of bytes from the key and tag laid over it; doing it twice undoes it."""
        blocks = range(len(data) // 64 + 1)
        stream = b"".join(blake2b(tag + block.to_bytes(4, "big"), key=self._key).digest() for block in blocks)
        return bytes(left ^ right for left, right in zip(data, stream, strict=False))
