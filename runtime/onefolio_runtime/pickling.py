"""Copy and pickle exceptions with all of their attributes."""

from __future__ import annotations

from typing import Any


def reduce_error(error: BaseException) -> tuple[Any, ...]:
    """Return the parts of an exception for `copy` and `pickle`, as the result of its `__reduce__`.

    By default Python calls the class with `args`, the message. This fails, or loses attributes, if `__init__` takes
    other arguments, and a process pool then reports a broken pool instead of the error. Cause, context and traceback
    are left out, as Python does.
    """
    return _restore, (type(error), error.args), vars(error)


def _restore(kind: type[BaseException], args: tuple[Any, ...]) -> BaseException:
    return kind.__new__(kind, *args)
