"""Examine a socket without reading from it."""

from __future__ import annotations

import select


def is_readable(descriptor: int) -> bool:
    """Return whether bytes, the end of the stream or an error can be read now; also if the socket is closed."""
    if descriptor < 0:
        return True
    if not hasattr(select, "poll"):  # Windows
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
