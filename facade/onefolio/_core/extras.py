"""Imports of packages that belong to an optional extra."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ConfigurationError


@contextmanager
def require_extra(extra: str, feature: str) -> Iterator[None]:
    """Name the extra to install if an import inside the block fails.

    Args:
        extra: the name of the extra, as in `onefolio[EXTRA]`.
        feature: the feature that needs the package; the subject of the message.

    Raises:
        ConfigurationError: A package is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name or "a package"
        raise ConfigurationError(f'{feature} needs {missing}: pip install "onefolio[{extra}]"') from None
