"""What is installed only by those who want it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import ConfigurationError


@contextmanager
def require_extra(name: str, what: str) -> Iterator[None]:
    """Tell which extra to install where an import inside of this block finds nothing.

    Args:
        name: the extra, as in `onefolio[NAME]`.
        what: who needs it, for the message.

    Raises:
        ConfigurationError: something is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = error.name or "a package"
        raise ConfigurationError(f'{what} needs {missing}: pip install "onefolio[{name}]"') from None
