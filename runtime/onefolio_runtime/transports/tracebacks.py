"""Remove credentials from the tracebacks of unexpected exceptions."""

from __future__ import annotations

from traceback import clear_frames


def clear_locals(error: BaseException) -> None:
    """Clear the local variables of every finished frame in the tracebacks of an exception and its chain.

    HTTP libraries keep headers with credentials in local variables, and error reporters print those. Frames that are
    still running keep theirs.
    """
    seen: set[int] = set()
    pending: list[BaseException | None] = [error]
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        clear_frames(each.__traceback__)
        pending += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
