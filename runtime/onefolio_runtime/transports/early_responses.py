"""Detect responses that were received before their request was sent.

If a server sends more bytes than a response should have, httpcore uses the rest as the beginning of the response to the
next request on the same connection, which may be for another account. aiohttp closes such a connection.
"""

from __future__ import annotations

from typing import Any

_READS = "_onefolio_reads"
"""Attribute of a watched connection: number of reads since the last write."""


def is_early(connection: Any) -> bool:
    """Return whether the headers just received on a connection were in a buffer before the request was sent.

    The first call for a connection returns False and starts to count its reads; httpcore has no public interface to the
    buffer.

    Args:
        connection: The extension `network_stream` of a response.
    """
    reads = getattr(connection, _READS, None)
    if reads is None:
        _watch(connection)
    return reads == 0


def _watch(connection: Any) -> None:
    read, write = connection.read, connection.write

    async def counting_read(*arguments: Any, **options: Any) -> Any:
        setattr(connection, _READS, getattr(connection, _READS) + 1)
        return await read(*arguments, **options)

    async def resetting_write(*arguments: Any, **options: Any) -> Any:
        setattr(connection, _READS, 0)
        return await write(*arguments, **options)

    setattr(connection, _READS, 1)
    connection.read, connection.write = counting_read, resetting_write
