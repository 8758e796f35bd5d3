"""Write a set of files to a folder completely or not at all, and leave all other files in it alone.

The files are written to a staging directory, after a list of them. One rename makes the set valid, and then its files
are moved to their places, where they replace files of the same name. After a crash, the next process that opens the
folder moves the remaining files of a valid set and deletes an incomplete one. A lock file excludes other processes that
use this module.

Only staging directories are ever deleted, and in them only the files that their list names. Visible files are replaced
but never deleted, so that a program which has listed them can open them.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tempfile
import uuid
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from .._core.errors import StoreError
from .folder_lock import FolderLock

_ANY_STAGED = ".staged-"
_STAGED = f"{_ANY_STAGED}onefolio-"
_VALID = ".valid-"
_LOCK = ".lock"
_LIST = "contents.json"


class Layout(Protocol):
    """The names of sets and of their files."""

    @abstractmethod
    def is_name(self, name: str) -> bool:
        """Return whether a set may have this name."""

    @abstractmethod
    def is_file(self, name: str, file: str) -> bool:
        """Return whether a set may contain a file with this path, relative to the folder, with slashes."""

    @abstractmethod
    def find(self, name: str) -> Iterable[Path]:
        """Return the paths of the files of a set that are in their places."""


class AtomicFolder:
    """A folder whose sets of files are written atomically.

    Args:
        path: the folder, which is created when a set is written.
        layout: the names of sets and files; files with other names are never touched.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self._layout = layout
        self._lock = FolderLock(path / _LOCK)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Exclude writers, and complete a set that a crash left unfinished.

        If the lock cannot be taken, for example without permission, the folder is read as it is, and a change during
        the `with` block raises an error.

        Raises:
            OSError: The folder does not exist or cannot be read.
            TimeoutError: Another process held the lock for 60 seconds, or the file system did not respond.
            StoreError: A set is unfinished, and this process cannot take the lock to complete it, or a set was written
                while this process read without the lock.
        """
        next(self.path.iterdir(), None)
        with ExitStack() as stack:
            # A folder without a lock file never had a writer, for example a copy of the visible files.
            if self._is_unfinished() or self._lock.path.exists():
                try:
                    stack.enter_context(self._lock.hold())
                except TimeoutError:
                    raise
                except OSError:
                    pass
            if self._lock.is_held:
                self._complete()
                yield
                return
            if self._is_unfinished():
                raise StoreError(
                    f"{self.path} cannot be read: a snapshot is incomplete, because it is being written or because "
                    "a program was killed. Try again. If the error persists, read the folder once as a user who "
                    "may write to it"
                )
            # Writing a set renames directories in the folder, which changes its time.
            before = self.path.stat().st_mtime_ns
            yield
            with suppress(OSError):
                if not self._is_unfinished() and self.path.stat().st_mtime_ns == before:
                    return
            raise StoreError(f"{self.path} cannot be read: a snapshot was written meanwhile. Try again")

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Create the folder, exclude all other processes, and complete or delete sets that a crash left unfinished.

        Raises:
            OSError: The folder cannot be created, written to or locked.
            TimeoutError: Another process held the lock for 60 seconds, or the file system did not respond.
            StoreError: An unfinished set cannot be completed.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with self._lock.hold():
            for staged in self._directories(_ANY_STAGED):
                self._discard(staged)
            self._complete()
            yield

    def replace(self, name: str, files: Mapping[str, Callable[[BinaryIO], None]]) -> None:
        """Write a set of files in place of the files with the same paths. Call this inside `writing()`.

        Args:
            name: the name of the set.
            files: by the path of a file relative to the folder, with slashes, a function that writes it.

        Raises:
            OSError: A file cannot be written. Nothing was changed.
            StoreError: A file could not be moved to its place. Nothing was changed, or the message says that the set is
                stored.
        """
        self.check_targets(files)
        staged = Path(tempfile.mkdtemp(prefix=_STAGED, dir=self.path))
        try:
            # The list is first, so that after a crash exactly its files are deleted.
            _write(staged / _LIST, lambda file: file.write(json.dumps({"snapshot": name, "files": [*files]}).encode()))
            for file, write in files.items():
                (staged / file).parent.mkdir(parents=True, exist_ok=True)
                _write(staged / file, write)
            # Create the target directories first: if the disk is full, this must fail before the set is valid.
            for file in files:
                (self.path / file).parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, valid := self.path / f"{_VALID}{name}")
        except BaseException:
            self._discard(staged)
            raise
        try:
            _flush(self.path)
            self._move(valid)
        except OSError as error:
            raise StoreError(
                f"{self.path}: the snapshot is stored, but its files could not be moved to their places: "
                f"{error.strerror} ({error.filename}). Fix this, and open the store again, which moves them"
            ) from None

    def check_targets(self, files: Iterable[str]) -> None:
        """Check that files can be renamed from the folder to their places.

        Args:
            files: the paths of the files relative to the folder, with slashes.

        Raises:
            OSError: A directory cannot be written to.
            StoreError: A file or directory is of another kind, or a directory is on another file system.
        """
        directories = {self.path}
        for file in files:
            target = self.path / file
            directories.add(next(each for each in target.parents if os.path.lexists(each)))
            if os.path.lexists(target) and not stat.S_ISREG(target.lstat().st_mode):
                raise self._refusal(f"{target} is not a regular file. Move it elsewhere")
        for directory in sorted(directories):
            if not directory.is_dir():
                raise self._refusal(f"{directory} is not a directory. Move it elsewhere")
            if not self._can_rename_to(directory):
                raise self._refusal(
                    f"{directory} is on another disk, through a symbolic link or a mount, and files could not be moved "
                    "to it in one step. Store snapshots in a folder on that disk instead"
                )
            if not os.access(directory, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))

    def _can_rename_to(self, directory: Path) -> bool:
        """Return whether a file in the folder could be renamed to a directory.

        Two mounts of one device have the same device number, and a rename between them fails as well. Linux compares
        the mounts before it looks for the file, so renaming a missing file is sufficient.
        """
        missing = uuid.uuid4().hex
        try:
            os.rename(self.path / missing, directory / missing)
        except FileNotFoundError:
            pass
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return False
        return directory.stat().st_dev == self.path.stat().st_dev

    def _directories(self, prefix: str) -> list[Path]:
        """Return the directories in the folder whose names have a prefix; a symbolic link is not a directory."""
        with os.scandir(self.path) as entries:
            found = [each for each in entries if each.name.startswith(prefix) and each.is_dir(follow_symlinks=False)]
        return [self.path / each.name for each in found]

    def _valid(self) -> list[Path]:
        """Return the directories of valid sets."""
        return [each for each in self._directories(_VALID) if self._layout.is_name(each.name.removeprefix(_VALID))]

    def _is_unfinished(self) -> bool:
        return bool(self._valid())

    def _complete(self) -> None:
        for valid in self._valid():
            self._move(valid)

    def _move(self, valid: Path) -> None:
        """Move the remaining files of a valid set to their places."""
        try:
            name, files = self._read_list(valid)
        except (FileNotFoundError, ValueError):
            name, files = "", []
        remaining = [file for file in files if os.path.lexists(valid / file)]
        if valid.name != f"{_VALID}{name}" or not all(_is_plain(valid, file) for file in remaining):
            raise self._refusal(
                f"{valid} was changed, and its files cannot be moved to their places. Move it elsewhere"
            )
        self.check_targets(remaining)
        for file in remaining:
            os.replace(valid / file, target := self.path / file)
            _flush(target.parent)
        if superseded := {path.relative_to(self.path).as_posix() for path in self._layout.find(name)} - {*files}:
            raise self._refusal(
                f"{self.path / min(superseded)} is not part of the snapshot that replaced it. Delete it or move it "
                "elsewhere"
            )
        # Rename the directory before it is deleted: a valid directory without its list could not be completed.
        os.replace(valid, done := self.path / f"{_STAGED}{uuid.uuid4().hex}")
        self._discard(done)

    def _discard(self, directory: Path) -> None:
        """Delete the files of a staging directory that its list names, and the directory if nothing else is in it.

        A directory that may belong to another program, because it has no valid list, is left alone.
        """
        try:
            _, files = self._read_list(directory)
        except (OSError, ValueError):
            if not directory.name.startswith(_STAGED):
                return
            files = []
        with suppress(OSError):
            for file in files:
                if _is_plain(directory, file):
                    (directory / file).unlink()
            parents = {parent for file in files for parent in PurePosixPath(file).parents[:-1]}
            for parent in sorted(parents, reverse=True):  # a directory is sorted after the one that contains it
                with suppress(FileNotFoundError):
                    (directory / parent).rmdir()
            if [each.name for each in directory.iterdir()] == [_LIST]:
                (directory / _LIST).unlink()
            directory.rmdir()

    def _read_list(self, directory: Path) -> tuple[str, list[str]]:
        """Return the name of a set and the paths of its files.

        Raises:
            OSError: The list does not exist or cannot be read.
            ValueError: The list was not written by this module, or was changed.
        """
        path = directory / _LIST
        if not stat.S_ISREG(path.lstat().st_mode):
            raise ValueError(_LIST)
        try:
            contents = json.loads(path.read_bytes())
        except RecursionError:
            raise ValueError(_LIST) from None
        match contents:
            case {"snapshot": str(name), "files": [*files]} if self._layout.is_name(name):
                if all(isinstance(file, str) and self._layout.is_file(name, file) for file in files):
                    return name, files
        raise ValueError(_LIST)

    def _refusal(self, reason: str) -> StoreError:
        return StoreError(f"{self.path} cannot be written: {reason}")


def _is_plain(directory: Path, file: str) -> bool:
    """Return whether a path is a regular file that is reached through no symbolic link."""
    path = PurePosixPath(file)
    modes = [os.lstat(directory / each).st_mode for each in (path, *path.parents) if os.path.lexists(directory / each)]
    return bool(modes) and stat.S_ISREG(modes[0]) and all(map(stat.S_ISDIR, modes[1:]))


def _write(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a new file, from the cache to the disk.

    Raises:
        FileExistsError: The file exists. The file system may not distinguish upper and lower case.
    """
    with path.open("xb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())


def _flush(path: Path) -> None:
    """Write the names in a directory from the cache to the disk."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
