"""Remove keys from strings of foreign origin. A server may repeat a request, including its keys, in a response."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from urllib.parse import quote, quote_plus

from onefolio_runtime import Secret

MASK = "…"

_MIN_LENGTH = 8
"""Length from which a secret is masked. A shorter string also occurs in text that is not a secret."""


def encoded_variants(secret: str) -> set[str]:
    """Return the forms of a secret in text: plain, URL-encoded, and escaped for JSON, HTML or Python."""
    escaped = secret.replace("\\", "\\\\")
    python = {escaped, escaped.replace("'", "\\'")}
    return python | {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], escape(secret)}


class Redactor:
    """Replaces secrets in text and bytes with `MASK`.

    Args:
        secrets: the secrets; those with fewer than 8 characters are ignored.
    """

    __slots__ = ("_forms",)

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in secrets if len(secret) >= _MIN_LENGTH for form in encoded_variants(secret)}
        # Replace the longest first, because one secret may be a prefix of another.
        self._forms = [Secret(form) for form in sorted(forms, key=len, reverse=True)]

    def text(self, text: str) -> str:
        """Return a string with every secret masked."""
        for form in self._forms:
            text = text.replace(form.reveal(), MASK)
        return text

    def content(self, content: bytes) -> bytes:
        """Return bytes, such as a response body, with every secret masked."""
        for form in self._forms:
            content = content.replace(form.reveal().encode(), MASK.encode())
        return content
