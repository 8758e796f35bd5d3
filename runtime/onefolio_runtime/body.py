"""Collect and decompress bodies of bounded size."""

from __future__ import annotations

import zlib

from .contract.verdict import ContractError, Violation
from .slices import SLICE, Sliced

ACCEPTED = "gzip, deflate"
"""Accepted content codings: those that can be decompressed with a limit."""

MAX_BODY = 16 * 2**20
"""Default limit of a body in bytes, on the wire and decompressed."""

MAX_SINGLE = 2**20
"""Limit of a body that is not a list, such as an error; see `Operation.body_limit`."""

_WINDOW = {"gzip": 31, "x-gzip": 31, "deflate": 15}

_RAW_DEFLATE = -15

_MAX_CODINGS, _MAX_MEMBERS = 4, 16


def append_chunk(content: bytearray, chunk: bytes, limit: int) -> None:
    """Append a chunk to a body.

    Raises:
        ContractError: The body would be longer than `limit` bytes.
    """
    if len(content) + len(chunk) > limit:
        raise _too_long(limit)
    content += chunk


def decompress(content: bytes, codings: str, limit: int) -> Sliced[bytes]:
    """Return a body decompressed according to its `Content-Encoding`, in slices; unknown codings are ignored.

    Raises:
        ContractError: The body is malformed or incomplete, or longer than `limit` bytes after any of the codings.
    """
    windows = [_WINDOW[name] for each in codings.split(",") if (name := each.strip().lower()) in _WINDOW]
    if len(windows) > _MAX_CODINGS:
        raise ContractError([Violation("", f"a body in at most {_MAX_CODINGS} codings", str(len(windows)))])
    for window in reversed(windows):
        content = yield from _inflate(content, window, limit)
    return content


def _inflate(content: bytes, window: int, limit: int) -> Sliced[bytes]:
    result = bytearray()
    position = 0
    for _ in range(_MAX_MEMBERS):
        inflater = zlib.decompressobj(window)
        while not inflater.eof:
            chunk = inflater.unconsumed_tail
            if not chunk:
                chunk = content[position : position + SLICE]
                position += len(chunk)
            try:
                inflated = inflater.decompress(chunk, SLICE)
            except zlib.error as error:
                if window == _WINDOW["deflate"]:  # servers send deflate without the zlib header, too
                    return (yield from _inflate(content, _RAW_DEFLATE, limit))
                raise ContractError(
                    [Violation("", "a body in the coding that Content-Encoding states", str(error))]
                ) from None
            append_chunk(result, inflated, limit)
            if inflater.eof:
                break
            if not chunk and not inflated:
                raise ContractError(
                    [Violation("", "a complete body in the coding that Content-Encoding states", "an incomplete one")]
                )
            yield
        position -= len(inflater.unused_data)
        if position == len(content):
            return bytes(result)
    raise ContractError([Violation("", f"a compressed body of at most {_MAX_MEMBERS} members", "more")])


def _too_long(limit: int) -> ContractError:
    return ContractError([Violation("", f"a body of at most {limit} bytes", "a longer one")])
