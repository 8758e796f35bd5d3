"""Write CSV that every reader reads back as it was written."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import Any, Protocol

from .text import escape_surrogates


class _TextFile(Protocol):
    def write(self, text: str, /) -> object: ...


class _Lines:
    """End each line with a line feed alone, and escape characters that a file in UTF-8 cannot hold."""

    def __init__(self, file: _TextFile) -> None:
        self._file = file

    def write(self, line: str) -> None:
        self._file.write(escape_surrogates(line.removesuffix("\r\n")) + "\n")


def csv_writer(file: _TextFile, columns: Sequence[str]) -> csv.DictWriter[Any]:
    """Return a writer of rows with these columns, which ends lines with a line feed.

    Unpaired surrogates, which are not valid Unicode, are escaped.

    Python before 3.13 quotes a line break in a value only if the line ends with the same character, but readers take a
    lone carriage return for the end of a line: https://github.com/python/cpython/issues/67044
    """
    return csv.DictWriter(_Lines(file), columns, lineterminator="\r\n")
