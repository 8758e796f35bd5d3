"""JUnit, HAR and HTML, written by schemathesis's own report handlers."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from .._core.errors import ConfigurationError
from .secrets import Secrets


class Files:
    """The files of a `--report` folder, fed with the events of a run that are free of keys.

    They are written aside, and put in their place whole and searched for keys; a run that is broken off leaves none.

    Args:
        folder: where they go; made where it is missing.
        schema: schemathesis's view of the spec.
        secrets: what is kept out of them.

    Raises:
        ConfigurationError: the folder cannot be written to.
    """

    def __init__(self, folder: Path, schema: Any, secrets: Secrets) -> None:
        from schemathesis.cli.commands.run.context import ExecutionContext
        from schemathesis.cli.commands.run.handlers.har import HarHandler
        from schemathesis.cli.commands.run.handlers.html import HtmlReportHandler
        from schemathesis.cli.commands.run.handlers.junitxml import JunitXMLHandler
        from schemathesis.cli.events import LoadingFinished

        self.folder = folder
        self._secrets = secrets
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._aside = TemporaryDirectory(prefix=".unfinished-", dir=folder)
        except OSError as error:
            raise ConfigurationError(f"cannot write the report to {folder}: {error.strerror}") from None
        aside = Path(self._aside.name)
        self._context = ExecutionContext(config=schema.config)
        self._handlers: list[Any] = [
            JunitXMLHandler(aside / "junit.xml"),
            HarHandler(output=aside / "calls.har", config=schema.config.output),
            HtmlReportHandler(aside / "html"),
        ]
        for handler in self._handlers:
            handler.start(self._context)
        base_url = schema.config.base_url
        self.take(LoadingFinished.from_schema(schema, location="spec", start_time=time.time(), base_url=base_url))

    def take(self, event: Any) -> None:
        """Take an event."""
        self._context.on_event(event)
        for handler in self._handlers:
            handler.handle_event(self._context, event)

    def close(self) -> list[Path]:
        """Write the rest, search everything for keys once more, put it in its place, and return the files."""
        self._shut_down()
        aside = Path(self._aside.name)
        placed = []
        for path in sorted(path for path in aside.rglob("*") if path.is_file()):
            content = path.read_bytes()
            cleaned = self._secrets.clean_bytes(content)
            if cleaned != content:
                path.write_bytes(cleaned)
            place = self.folder / path.relative_to(aside)
            place.parent.mkdir(parents=True, exist_ok=True)
            placed.append(path.replace(place))
        return [path for path in placed if path.suffix in (".xml", ".har", ".html")]

    def write(self, name: str, text: str) -> None:
        """Write one more file, whole or not at all."""
        aside = Path(self._aside.name) / name
        aside.write_text(text, encoding="utf-8")
        aside.replace(self.folder / name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._shut_down()
        self._aside.cleanup()

    def _shut_down(self) -> None:
        """End the handlers, which write in threads of their own."""
        while self._handlers:
            self._handlers.pop(0).shutdown(self._context)
