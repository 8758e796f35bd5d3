"""Write the files of a report folder without keys, and only after a complete run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

from .._core.errors import ConfigurationError
from .scenario import Event
from .schemathesis_adapter import Session
from .secrets import Secrets


class ReportFiles:
    """Writes the files of a report folder.

    The files are written to a temporary folder. At the end of the run they are searched for keys once more and moved;
    an interrupted run leaves no files.

    Args:
        folder: the report folder; created if it does not exist.
        session: the document under test.
        secrets: keys that are removed from the files.

    Raises:
        ConfigurationError: the folder is not writable.
    """

    def __init__(self, folder: Path, session: Session, secrets: Secrets) -> None:
        self.folder = folder
        self._secrets = secrets
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._temporary = TemporaryDirectory(prefix=".unfinished-", dir=folder)
        except OSError as error:
            raise ConfigurationError(f"cannot write the report to {folder}: {error.strerror}") from None
        self._writers = session.report_writers(Path(self._temporary.name))

    def add(self, event: Event) -> None:
        """Add an event, unless it does not belong in the files."""
        if event.native is not None:
            self._writers.write(event.native)

    def finish(self) -> list[Path]:
        """Complete the files, remove keys that remained, move them to the folder and return their paths."""
        self._writers.close()
        temporary = Path(self._temporary.name)
        moved = []
        for path in sorted(path for path in temporary.rglob("*") if path.is_file()):
            content = path.read_bytes()
            cleaned = self._secrets.clean_bytes(content)
            if cleaned != content:
                path.write_bytes(cleaned)
            target = self.folder / path.relative_to(temporary)
            target.parent.mkdir(parents=True, exist_ok=True)
            moved.append(path.replace(target))
        return [path for path in moved if path.suffix in (".xml", ".har", ".html")]

    def write(self, name: str, content: str) -> None:
        """Write one more file atomically."""
        temporary = Path(self._temporary.name) / name
        temporary.write_text(content, encoding="utf-8")
        temporary.replace(self.folder / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writers.close()
        self._temporary.cleanup()
