"""Collect a response while a program receives or sends it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from onefolio_runtime.body import MAX_BODY

from .background import Watcher
from .exchanges import COMPLETE, LARGE, NO_FIELDS, Asked, ResponseFields


class ReceivedResponse:
    """A copy of a response, which is checked at its end.

    Args:
        watcher: checks it.
        asked: the request.
    """

    def __init__(self, watcher: Watcher, asked: Asked) -> None:
        self._watcher, self._asked = watcher, asked
        self._status = 0
        self._fields = NO_FIELDS
        self._body = bytearray()
        self._is_large = self._is_finished = False

    def start(self, status: int, fields: ResponseFields) -> None:
        """Receive the status and the fields."""
        self._status, self._fields = status, fields

    def add(self, chunk: bytes) -> None:
        """Receive a part of the body."""
        self._is_large = self._is_large or len(self._body) + len(chunk) > MAX_BODY
        if not self._is_large:
            self._body += chunk

    @contextmanager
    def finish_on(self, error: type[Exception], state: str) -> Iterator[None]:
        """Receive the end of the response if an error is raised in the block, and raise the error again."""
        try:
            yield
        except error:
            self.finish(state)
            raise

    def finish(self, state: str) -> None:
        """Receive the end of the response; only the first one counts.

        Args:
            state: see `Exchange`.
        """
        if self._is_finished:
            return
        self._is_finished = True
        state = LARGE if self._is_large else state
        body = bytes(self._body) if state == COMPLETE else b""
        self._watcher.put(self._asked.exchange(time.time(), self._status, self._fields, body, state))
