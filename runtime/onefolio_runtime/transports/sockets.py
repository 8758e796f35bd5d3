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
    """Remove the reference of a closed transport of asyncio to itself.

    Without it, the transport is freed at once and in the thread of its event loop. In a later garbage collection, its
    finalizer could run in the main thread, where it would lose a Ctrl-C. Transports without the attribute are freed at
    once anyway.
    """
    if hasattr(transport, "_read_ready_cb"):
        transport._read_ready_cb = None  # noqa: SLF001
