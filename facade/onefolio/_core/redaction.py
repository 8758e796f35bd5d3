"""Keys taken out of texts of foreign origin: a server may send back what it was sent."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

from onefolio_runtime import Secret

MASK = "…"

_MIN_LENGTH = 8
"""Characters of a text that is a key and nothing else; a shorter one is found in every other word."""


def encoded_variants(secret: str) -> set[str]:
    """Return how a key may stand in a text: as it is, in a URL, in JSON, in HTML, in what Python shows of it."""
    escaped = secret.replace("\\", "\\\\")
    shown = {escaped, escaped.replace("'", "\\'")}
    return shown | {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], escape(secret)}


class Redactor:
    """Blots keys out.

    Args:
        secrets: the keys.
    """

    __slots__ = ("_forms",)

    def __init__(self, secrets: Iterable[str]) -> None:
        found = {form for secret in secrets if len(secret) >= _MIN_LENGTH for form in encoded_variants(secret)}
        # The longest first: one key may be the beginning of another.
        self._forms = [Secret(form) for form in sorted(found, key=len, reverse=True)]

    def text(self, text: str) -> str:
        """Return a text without the keys."""
        for form in self._forms:
            text = text.replace(form.reveal(), MASK)
        return text

    def content(self, content: bytes) -> bytes:
        """Return a body without the keys."""
        for form in self._forms:
            content = content.replace(form.reveal().encode(), MASK.encode())
        return content
