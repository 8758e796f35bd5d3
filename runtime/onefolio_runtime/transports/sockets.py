"""Examine a socket without reading from it, and release a closed one."""

from __future__ import annotations

import select
from typing import Any


def is_readable(descriptor: int) -> bool:
    """Return whether bytes, the end of the stream or an error can be read now; also if the socket is closed."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def release(transport: Any) -> None:
    """Remove the references of a closed transport of asyncio to itself.

    Without them, the transport is freed at once and in the thread of its event loop. In a later garbage collection, its
    finalizer could run in the main thread, where it would lose a Ctrl-C. The references are bound methods in attributes
    whose names differ between versions of Python.
    """
    for name, value in list(getattr(transport, "__dict__", {}).items()):
        if getattr(value, "__self__", None) is transport:
            setattr(transport, name, None)
