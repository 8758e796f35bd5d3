"""JUnit, HAR and HTML, written by schemathesis's own report handlers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from .._errors import ConfigurationError
from ._secrets import Secrets


class Files:
    """The files of a `--report` folder, fed with the events of a run that are free of keys.

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
            (folder / "junit.xml").touch()
        except OSError as error:
            raise ConfigurationError(f"cannot write the report to {folder}: {error.strerror}") from None
        self._context = ExecutionContext(config=schema.config)
        self._handlers: list[Any] = [
            JunitXMLHandler(folder / "junit.xml"),
            HarHandler(output=folder / "calls.har", config=schema.config.output),
            HtmlReportHandler(folder / "html"),
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
        """Write the rest, search everything for keys once more, and return the files."""
        for handler in self._handlers:
            handler.shutdown(self._context)
        written = sorted(path for path in self.folder.rglob("*") if path.is_file())
        for path in written:
            content = path.read_bytes()
            cleaned = self._secrets.clean_bytes(content)
            if cleaned != content:
                path.write_bytes(cleaned)
        return [path for path in written if path.suffix in (".xml", ".har", ".html")]
