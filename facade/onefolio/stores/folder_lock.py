"""Exclude other threads and processes from a folder."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import filelock

LOCK_SECONDS = 60
"""Time to wait for the lock."""

_GRACE_SECONDS = 5
"""Time after `LOCK_SECONDS` in which a waiting attempt reports that another process holds the lock."""


class FolderLock:
    """An exclusive lock on a file. The thread that holds it can take it again.

    Args:
        path: the file, which is created when the lock is taken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._held = threading.local()

    @property
    def is_held(self) -> bool:
        """Return whether this thread holds the lock."""
        return bool(getattr(self._held, "depth", 0))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock for the duration of a `with` block.

        Raises:
            filelock.Timeout: Another thread or process held the lock for 60 seconds.
            TimeoutError: The file system did not respond to the request for the lock.
            OSError: The file cannot be created, or the file system does not support locks.
        """
        depth = getattr(self._held, "depth", 0)
        lock = None if depth else self._acquire()
        self._held.depth = depth + 1
        try:
            yield
        finally:
            self._held.depth = depth
            if lock is not None:
                lock.release()

    def _acquire(self) -> filelock.BaseFileLock:
        """Take the lock in a thread of its own.

        The timeout of filelock limits the number of attempts, not their duration. On NFS without a lock service, one
        attempt can take forever, even with LOCK_NB: https://github.com/fish-shell/fish-shell/issues/7968
        """
        import filelock

        # The fallback of filelock, a file whose existence is the lock, takes the lock file of an earlier run for a
        # lock that another process holds.
        lock = filelock.FileLock(self.path, timeout=LOCK_SECONDS, thread_local=False, fallback_to_soft=False)
        attempt: Future[None] = Future()

        def acquire() -> None:
            try:
                lock.acquire()
            except BaseException as error:  # noqa: BLE001  # it is raised in the thread that waits
                if attempt.set_running_or_notify_cancel():
                    attempt.set_exception(error)
            else:
                if attempt.set_running_or_notify_cancel():
                    attempt.set_result(None)
                else:
                    lock.release()

        threading.Thread(target=acquire, name="onefolio-lock", daemon=True).start()
        try:
            attempt.result(LOCK_SECONDS + _GRACE_SECONDS)
        except BaseException as error:
            if attempt.cancel():
                if isinstance(error, TimeoutError):
                    raise _no_response(self.path) from None
            elif attempt.exception() is None:
                lock.release()
            raise
        return lock


def _no_response(path: Path) -> OSError:
    seconds = LOCK_SECONDS + _GRACE_SECONDS
    reason = f"the file system did not respond to the request for a lock within {seconds} s"
    return OSError(errno.ETIMEDOUT, reason, os.fspath(path))
