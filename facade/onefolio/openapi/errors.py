"""Errors of documents that cannot be read."""

from .._core.errors import ConfigurationError


class DocumentError(ConfigurationError):
    """A document cannot be read, is malformed, or has a reference that cannot be resolved."""


class CircularReferenceError(DocumentError):
    """References lead back to where they began."""
