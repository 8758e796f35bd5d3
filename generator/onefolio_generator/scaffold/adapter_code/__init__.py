"""The adapter of a curated spec as readable Python, and its documentation page."""

from .context import make_context

__all__ = ["make_context"]
