"""Credentials of the mock."""

from __future__ import annotations


def demo_secret(name: str) -> str:
    """Return what the mock accepts as the credential of this name."""
    return "demo-secret" if "secret" in name or "password" in name else "demo-key"
