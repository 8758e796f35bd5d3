"""Find the messages of HTTP/1.1 in a stream of bytes, without a change to any byte."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

MAX_HEAD = 2**17
"""Bytes of a start line with its fields. A longer one ends the search for messages."""

_HEAD_END = re.compile(rb"\n\r?\n")
_BLANK = re.compile(rb"(?:\r?\n)+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_MAX_CHUNK_LINE = 2**12
_DIGITS = re.compile(rb"[0-9]{1,18}")


class Kind(Enum):
    """The meaning of a piece of a stream."""

    HEAD = "head"
    BODY = "body"
    END = "end"
    OTHER = "other"


class Head(NamedTuple):
    """The start line and the fields of a message.

    Attributes:
        start: the parts of the start line.
        fields: names in lower case, with values; repeated names are repeated.
    """

    start: list[bytes]
    fields: list[tuple[bytes, bytes]]

    def values(self, name: bytes) -> list[bytes]:
        """Return the values of a field."""
        return [value for each, value in self.fields if each == name]

    def tokens(self, name: bytes) -> list[bytes]:
        """Return the elements of a field that is a list, in lower case."""
        return [part.strip().lower() for value in self.values(name) for part in value.split(b",")]


class Piece(NamedTuple):
    """A part of a stream. The bytes of all pieces, one after another, are the stream.

    Attributes:
        kind: the meaning; END has no bytes.
        raw: the bytes.
        content: bytes of the body, without the framing of chunks.
        head: the parsed head; only for HEAD.
    """

    kind: Kind
    raw: bytes = b""
    content: bytes = b""
    head: Head | None = None


class Framing(NamedTuple):
    """The extent of a body: `length` bytes, chunks, or all bytes until the connection ends.

    Attributes:
        length: bytes; None for chunks and for a body until the end.
        is_chunked: whether it consists of chunks.
        is_known: False if it cannot be known; the rest of the stream is then passed on without a search for messages.
    """

    length: int | None = 0
    is_chunked: bool = False
    is_known: bool = True


NO_BODY = Framing()
UNTIL_END = Framing(length=None)
UNKNOWN = Framing(is_known=False)


def parse_head(raw: bytes) -> Head:
    """Return the parsed head of a message. Lines that are not fields are left out."""
    lines = raw.splitlines()
    fields = []
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        if colon and name and not name[:1].isspace():
            fields.append((name.strip().lower(), value.strip()))
    return Head(lines[0].split(b" ", 2) if lines else [], fields)


def body_framing(head: Head, *, otherwise: Framing) -> Framing:
    """Return the framing that the fields of a message state.

    Args:
        head: the head of the message.
        otherwise: the framing of a message that states none.
    """
    codings, lengths = head.tokens(b"transfer-encoding"), {*head.tokens(b"content-length")}
    if codings:
        is_clear = codings[-1] == b"chunked" and not lengths
        return Framing(length=None, is_chunked=True) if is_clear else UNKNOWN
    if not lengths:
        return otherwise
    (first, *others) = lengths
    return UNKNOWN if others or not _DIGITS.fullmatch(first) else Framing(length=int(first))


class Framer:
    """Divides a stream into pieces. It keeps an incomplete head or chunk size, and never a body.

    Args:
        framing_of: returns the framing of the body after a head.
    """

    def __init__(self, framing_of: Callable[[Head], Framing]) -> None:
        self._framing_of = framing_of
        self._state: Callable[[], Piece | None] = self._head
        self._rest = b""
        self._left = 0
        self.is_transparent = False
        """Whether the search for messages has ended."""

    @property
    def is_inside(self) -> bool:
        """Whether a message has begun and not ended."""
        return self._state != self._head

    @property
    def ends_with_stream(self) -> bool:
        """Whether the body that is being read has no other end than that of the stream."""
        return self._state == self._until_end

    def feed(self, data: bytes) -> Iterator[Piece]:
        """Yield the pieces that are complete after more bytes were received; the iterator must be exhausted."""
        self._rest = self._rest + data if self._rest else data
        while (piece := self._state()) is not None:
            yield piece

    def drain(self) -> bytes:
        """Return the bytes of an incomplete piece at the end of the stream."""
        rest, self._rest = self._rest, b""
        return rest

    def give_up(self) -> None:
        """End the search for messages."""
        self.is_transparent = True
        self._state = self._anything

    def _take(self, count: int) -> bytes:
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _head(self) -> Piece | None:
        if blank := _BLANK.match(self._rest):  # some clients send a line end after a body
            return Piece(Kind.OTHER, self._take(blank.end()))
        end = _HEAD_END.search(self._rest)
        if end is None:
            if len(self._rest) > MAX_HEAD:
                self.give_up()
                return self._anything()
            return None
        raw = self._take(end.end())
        head = parse_head(raw)
        framing = self._framing_of(head)
        if not framing.is_known:
            self.give_up()
        elif framing.is_chunked:
            self._state = self._chunk_size
        elif framing.length is None:
            self._state = self._until_end
        else:
            self._left = framing.length
            self._state = self._counted if framing.length else self._end
        return Piece(Kind.HEAD, raw, head=head)

    def _end(self) -> Piece:
        self._state = self._head
        return Piece(Kind.END)

    def _counted(self) -> Piece | None:
        if not self._rest:
            return None
        raw = self._take(self._left)
        self._left -= len(raw)
        if not self._left:
            self._state = self._end
        return Piece(Kind.BODY, raw, raw)

    def _until_end(self) -> Piece | None:
        raw = self._take(len(self._rest))
        return Piece(Kind.BODY, raw, raw) if raw else None

    def _anything(self) -> Piece | None:
        raw = self._take(len(self._rest))
        return Piece(Kind.OTHER, raw) if raw else None

    def _chunk_size(self) -> Piece | None:
        line = _CHUNK_SIZE.match(self._rest)
        if line is None:
            if b"\n" in self._rest or len(self._rest) > _MAX_CHUNK_LINE:
                self.give_up()
                return self._anything()
            return None
        self._left = int(line[1], 16)
        self._state = self._chunk if self._left else self._trailer
        return Piece(Kind.BODY, self._take(line.end()))

    def _chunk(self) -> Piece | None:
        if not self._rest:
            return None
        raw = self._take(self._left)
        self._left -= len(raw)
        if not self._left:
            self._state = self._chunk_end
        return Piece(Kind.BODY, raw, raw)

    def _chunk_end(self) -> Piece | None:
        return self._line(self._chunk_size)

    def _trailer(self) -> Piece | None:
        """Take a line after the last chunk; an empty one ends the message."""
        is_last = self._rest.startswith((b"\r\n", b"\n"))
        return self._line(self._end if is_last else self._trailer)

    def _line(self, state: Callable[[], Piece | None]) -> Piece | None:
        end = self._rest.find(b"\n") + 1
        if not end:
            if len(self._rest) > MAX_HEAD:
                self.give_up()
                return self._anything()
            return None
        self._state = state
        return Piece(Kind.BODY, self._take(end))
