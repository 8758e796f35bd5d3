"""Keep keys out of the variables that an exception's traceback holds."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def clear_locals(error: BaseException) -> None:
    """Clear the variables of all finished frames of an exception and of the exceptions behind it.

    HTTP libraries keep headers with keys in local variables, and error reporters print those. The tracebacks keep their
    lines. Frames that are still running keep their variables.
    """
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        traceback.clear_frames(each.__traceback__)
        pending += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]


def hide_arguments(function: Callable[P, R]) -> Callable[P, R]:
    """Return a function whose exceptions carry a traceback without variables, because its arguments hold keys.

    An exception raised with `from None` has no context either: it may quote an argument, or hold all of them.
    """

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            clear_locals(error)
            if error.__suppress_context__:
                error.__context__ = None
            args = ()  # type: ignore[assignment]  # this frame is still running, so its variables go by hand
            kwargs.clear()
            raise

    return call
