"""Credentials that the mock accepts."""

from __future__ import annotations


def demo_secret(name: str) -> str:
    """Return the value that the mock accepts for a credential.

    Args:
        name: the name of the credential in the security schemes of the spec, such as `"secret_key"`.
    """
    return "demo-secret" if "secret" in name or "password" in name else "demo-key"
