"""Standard streams that accept every character, and that remember that they failed.

A library between a command and its output may replace the error of a stream by an exit of its own, as rich and click
do with a closed pipe. The stream itself therefore keeps its first error.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import select
import sys
from typing import Any, TextIO

_PLAIN = {"─": "-", "…": "~", "→": ">", "–": "-"}
"""Characters of tables and reports, and characters of the same width that every encoding has."""

_REPLACE = "onefolio.replace"
"""Name of the error handler for characters that an encoding does not have."""


class _Output(io.FileIO):
    """A file descriptor that raises its first error and discards everything after it.

    Args:
        descriptor: the file descriptor.
        raises: whether the first error is raised.
    """

    def __init__(self, descriptor: int, *, raises: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self.error: OSError | None = None
        self._raises = raises

    def write(self, data: Any, /) -> int:
        """Write all bytes, and return their number."""
        rest = memoryview(data).cast("B")
        while rest and self.error is None:
            try:
                # The descriptor may be in the non-blocking mode of another program that uses the same pipe.
                while (written := super().write(rest)) is None:
                    select.select([], [self], [])
                rest = rest[written:]
            except OSError as error:
                self.error = error
                if self._raises:
                    raise
        return memoryview(data).nbytes


class Streams:
    """The standard streams of this process. Streams that a program has redirected inside of Python are left alone.

    Attributes:
        are_ours: whether standard output was replaced.
    """

    def __init__(self) -> None:
        codecs.register_error(_REPLACE, _replace_characters)
        self.are_ours = sys.stdout is sys.__stdout__
        self._output: _Output | None = None
        if not self.are_ours:
            return
        # A closed descriptor would be given to the next socket or file, which would then receive the output.
        descriptors = [_occupy(number) for number in range(3)]
        is_shared = sys.stderr is sys.stdout
        sys.stdout, self._output = _wrap(sys.stdout, descriptors[1], raises=True)
        if is_shared:
            sys.stderr = sys.stdout
        elif sys.stderr is sys.__stderr__:
            sys.stderr, _ = _wrap(sys.stderr, descriptors[2], raises=False)

    @property
    def error(self) -> OSError | None:
        """The first error of standard output, or None."""
        return None if self._output is None else self._output.error

    def flush(self) -> OSError | None:
        """Write the rest of the output; return the first error of standard output, or None."""
        try:
            sys.stdout.flush()
        except OSError as error:
            return self.error or error
        return self.error


def is_closed_pipe(error: OSError) -> bool:
    """Return whether the reader of the output has ended, which is no failure: `onefolio accounts | head -1`."""
    # Windows reports a closed pipe as an invalid argument.
    return error.errno in {errno.EPIPE, errno.ESHUTDOWN} or (os.name == "nt" and error.errno == errno.EINVAL)


def as_written(text: str) -> str:
    """Return a string with the escapes that standard output will contain, so that its width can be measured."""
    encoding = sys.stdout.encoding
    if text.isascii() or sys.stdout.errors != _REPLACE:
        return text
    return text.encode(encoding, _REPLACE).decode(encoding)


def _occupy(number: int) -> int:
    """Return the descriptor of a standard stream; if it is closed, one that cannot be written or read."""
    try:
        os.fstat(number)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)
    return number


def _wrap(stream: TextIO | None, descriptor: int, *, raises: bool) -> tuple[TextIO, _Output | None]:
    if stream is None:
        output = _Output(descriptor, raises=raises)
        return io.TextIOWrapper(io.BufferedWriter(output), "utf-8", _REPLACE, line_buffering=not raises), output
    buffer: Any = getattr(stream, "buffer", None)
    if not isinstance(stream, io.TextIOWrapper) or type(getattr(buffer, "raw", buffer)) is not io.FileIO:
        if isinstance(stream, io.TextIOWrapper):  # the console of Windows, which is not a file
            stream.reconfigure(errors=_REPLACE)
        return stream, None
    stream.flush()
    output = _Output(stream.fileno(), raises=raises)
    target: Any = output if stream.write_through else io.BufferedWriter(output)  # python -u has no buffer
    errors = _REPLACE if stream.errors in {"strict", "surrogateescape", "backslashreplace"} else stream.errors
    text = io.TextIOWrapper(
        target, stream.encoding, errors, line_buffering=stream.line_buffering, write_through=stream.write_through
    )
    return text, output


def _replace_characters(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    characters = error.object[error.start : error.end]
    replaced = (_PLAIN.get(each) or each.encode("ascii", "backslashreplace").decode() for each in characters)
    return "".join(replaced), error.end
