"""Write a set of files to a folder completely or not at all.

The files are written to a staging directory, together with a list of them. One rename makes the set valid, and then its
files are moved to their places. After a crash, the next process that opens the folder moves the remaining files of a
valid set and deletes an incomplete one. A lock file excludes other processes that use this module.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from .._core.errors import StoreError

LOCK_SECONDS = 60
"""Time to wait for the lock."""

_STAGED = ".staged-"
_VALID = ".valid-"
_LOCK = ".lock"
_LIST = "contents.json"


class AtomicFolder:
    """A folder whose sets of files are written atomically.

    Args:
        path: the folder, which is created when a set is written.
        find: returns the files of a set by the name of the set.
    """

    def __init__(self, path: Path, find: Callable[[str], Iterable[Path]]) -> None:
        import filelock

        self.path = path
        self._find = find
        self._lock = filelock.FileLock(path / _LOCK, timeout=LOCK_SECONDS)
        self._timeout = filelock.Timeout

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Exclude writers, and complete a set that a crash left unfinished.

        Without permission to use the lock, the folder is read as it is.

        Raises:
            OSError: The folder does not exist or cannot be read.
            filelock.Timeout: Another process held the lock for 60 seconds.
            StoreError: A set is unfinished, and this process cannot take the lock to complete it.
        """
        next(self.path.iterdir(), None)
        with ExitStack() as stack:
            # A folder without a lock file never had a writer, for example a copy of the visible files.
            if self._is_unfinished() or (self.path / _LOCK).exists():
                try:
                    stack.enter_context(self._lock)
                except self._timeout:
                    raise
                except OSError:
                    pass
            if self._is_unfinished():
                if not self._lock.is_locked:
                    raise StoreError(
                        f"{self.path} cannot be read: a snapshot is incomplete, because it is being written or because "
                        "a program was killed. Try again. If the error persists, read the folder once as a user who "
                        "may write to it"
                    )
                self._recover()
            yield

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Create the folder, exclude all other processes, and complete or delete sets that a crash left unfinished.

        Raises:
            OSError: The folder cannot be created or written to.
            filelock.Timeout: Another process held the lock for 60 seconds.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._recover()
            yield

    def replace(self, name: str, write: Callable[[Path], list[str]]) -> None:
        """Write a set of files, and delete the other files of the same name. Call this inside `writing()`.

        Args:
            name: the name of the set.
            write: writes the files to a staging directory, and returns their paths relative to it and to the folder.

        Raises:
            OSError: A file cannot be written.
        """
        staged = Path(tempfile.mkdtemp(prefix=_STAGED, dir=self.path))
        try:
            files = write(staged)
            (staged / _LIST).write_text(json.dumps({"snapshot": name, "files": files}))
            for file in (*files, _LIST):
                _flush(staged / file)
            # Create the target directories first: if the disk is full, this must fail before the set is valid.
            for file in files:
                self._target(file)
            os.replace(staged, valid := self.path / f"{_VALID}{name}")
        except BaseException:
            shutil.rmtree(staged, ignore_errors=True)
            raise
        _flush(self.path)
        self._move(valid)

    def _is_unfinished(self) -> bool:
        return next(self.path.glob(f"{_VALID}*"), None) is not None

    def _recover(self) -> None:
        """Delete incomplete sets and complete valid ones."""
        for staged in self.path.glob(f"{_STAGED}*"):
            shutil.rmtree(staged, ignore_errors=True)
        for valid in self.path.glob(f"{_VALID}*"):
            self._move(valid)

    def _move(self, valid: Path) -> None:
        """Move the remaining files of a valid set to their places, and delete the files that the set replaces."""
        contents = json.loads((valid / _LIST).read_text())
        for file in contents["files"]:
            if (valid / file).exists():
                os.replace(valid / file, target := self._target(file))
                _flush(target.parent)
        for path in self._find(contents["snapshot"]):
            if path.relative_to(self.path).as_posix() not in contents["files"]:
                path.unlink()
        # Rename the directory before it is deleted: a valid directory without its list could not be completed.
        os.replace(valid, done := self.path / f"{_STAGED}{contents['snapshot']}")
        shutil.rmtree(done, ignore_errors=True)

    def _target(self, file: str) -> Path:
        """Return the path of a file in the folder, and create its directory."""
        target = self.path / file
        target.parent.mkdir(parents=True, exist_ok=True)
        return target


def _flush(path: Path) -> None:
    """Write the contents of a file, or the names in a directory, from the cache to the disk."""
    if os.name != "posix" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
