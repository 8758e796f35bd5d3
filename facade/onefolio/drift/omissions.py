"""Collect the parts of two documents that could not be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ..openapi.errors import DocumentError
from .report import Omission


class Omissions:
    """The parts of two documents that could not be compared."""

    def __init__(self) -> None:
        self._operations: dict[str, dict[str, None]] = {}
        self._first_error: str | None = None
        self._malformed: set[str] = set()

    def add(self, reason: str, operations: Iterable[str] = ()) -> None:
        """Add a part.

        Args:
            reason: the part, and the reason.
            operations: the operations that have it; none for a part of the whole document.
        """
        self._operations.setdefault(reason, {}).update(dict.fromkeys(operations))

    def add_malformed(self, error: str, operations: Iterable[str]) -> None:
        """Add a part that is malformed."""
        operations = list(operations)
        self._first_error = self._first_error or error
        self._malformed.update(operations)
        self.add(error, operations)

    @contextmanager
    def tolerating(self, operation: str) -> Iterator[None]:
        """Add the error of a malformed part instead of raising it."""
        try:
            yield
        except DocumentError as error:
            self.add_malformed(str(error), [operation])

    def check(self, operations: Iterable[str]) -> None:
        """Raise the first error of a malformed part if every one of the operations has one.

        Raises:
            DocumentError: no operation could be compared completely.
        """
        if self._first_error is not None and self._malformed.issuperset(operations):
            raise DocumentError(self._first_error)

    def all(self) -> tuple[Omission, ...]:
        """Return all parts."""
        return tuple(Omission(reason, tuple(operations)) for reason, operations in self._operations.items())
