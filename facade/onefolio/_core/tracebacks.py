"""Remove tracebacks whose frames hold keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from .errors import ConfigurationError

P = ParamSpec("P")

R = TypeVar("R")


def strip_traceback(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose errors come without the frames that raised them: keys are among their variables."""

    @wraps(function)
    def bare(*arguments: P.args, **options: P.kwargs) -> R:
        try:
            return function(*arguments, **options)
        except (ConfigurationError, TypeError) as error:
            failed = error.with_traceback(None)
        arguments = ()  # type: ignore[assignment]  # they are variables of this frame
        options.clear()
        failed.__context__ = failed.__cause__ = None
        raise failed

    return bare
