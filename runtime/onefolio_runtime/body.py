"""Bodies as they come over the wire: put together and decompressed, never beyond a limit."""

from __future__ import annotations

import zlib

from .contract.verdict import ContractError, Violation

ACCEPTED = "gzip, deflate"
"""The codings that are asked for: those that can be undone a bounded piece at a time."""

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}

_RAW_DEFLATE = -15

_MOST_CODINGS, _MOST_MEMBERS = 4, 16


def append_chunk(content: bytearray, chunk: bytes, limit: int) -> None:
    """Add a chunk to a body.

    Raises:
        ContractError: it is longer than `limit` bytes then.
    """
    if len(content) + len(chunk) > limit:
        raise _too_long(limit)
    content += chunk


def decompress(content: bytes, codings: str, limit: int) -> bytes:
    """Return a body without the codings that its Content-Encoding states; one that is not known is left alone.

    Raises:
        ContractError: it is not in these codings, broken off, or longer than `limit` bytes under any of them.
    """
    windows = [_WINDOW[name] for each in codings.split(",") if (name := each.strip().lower()) in _WINDOW]
    if len(windows) > _MOST_CODINGS:
        raise ContractError([Violation("", f"a body under at most {_MOST_CODINGS} codings", str(len(windows)))])
    for window in reversed(windows):
        content = _inflate(content, window, limit)
    return content


def _inflate(content: bytes, window: int, limit: int) -> bytes:
    result = bytearray()
    for _ in range(_MOST_MEMBERS):
        inflater = zlib.decompressobj(window)
        try:
            result += inflater.decompress(content, limit + 1 - len(result))
        except zlib.error as error:
            if window == _WINDOW["deflate"]:  # the name is used for both, with and without zlib's frame
                return _inflate(content, _RAW_DEFLATE, limit)
            raise ContractError([Violation("", "a body in the coding that it states", str(error))]) from None
        if len(result) > limit:
            raise _too_long(limit)
        if not inflater.eof:
            raise ContractError([Violation("", "a whole body in the coding that it states", "one that breaks off")])
        content = inflater.unused_data
        if not content:
            return bytes(result)
    raise ContractError([Violation("", f"a compressed body of at most {_MOST_MEMBERS} members", "more")])


def _too_long(limit: int) -> ContractError:
    return ContractError([Violation("", f"a body of at most {limit} bytes", "a longer one")])
