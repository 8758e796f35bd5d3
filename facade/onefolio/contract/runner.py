"""Run the contract tests: preflight, walk, the phases of schemathesis and the report."""

from __future__ import annotations

import os
import random
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from onefolio_runtime import hide_arguments

from .._connections.connection import Connection
from .._connections.urls import is_loopback
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .._settings.settings import Settings
from ..providers.registry import provider as find_provider
from .collector import POLITE_RUN_CHECKS, RUN_CHECKS, Collector
from .junit import junit_xml
from .preflight import require_api
from .profiles import POLITE, PROFILES, Profile, ProfileName
from .report import Report
from .run_state import Run
from .scenario import Event
from .secrets import Secrets
from .sender import Sender

if TYPE_CHECKING:
    from .schemathesis_adapter import Session

_CI_SEED = 1

_ACCOUNTS, _POSITIONS = 25, 7
"""Size of the mock that is started for a run: several pages, of which the last is not full."""


@hide_arguments
def run(
    provider: str,
    *,
    base_url: str | None = None,
    live: bool = False,
    profile: ProfileName = "ci",
    report: str | os.PathLike[str] | None = None,
    seed: int | None = None,
    timeout: float = 10.0,
) -> Report:
    """Test a server against a provider's spec.

    Without `base_url` and `live`, a mock is started for the run. A server on this machine gets all phases of
    schemathesis, with the mock's keys. Any other server gets a few valid requests at a low rate, with the user's keys.

    Args:
        provider: name of the provider.
        base_url: the server.
        live: take the server and the keys from the provider's environment variables.
        profile: `"ci"` takes seconds, `"nightly"` takes minutes; a real server is always tested politely.
        report: folder for JUnit, HAR and HTML files.
        seed: seed of the generated requests; reuse it to repeat a run. Fixed by default for `"ci"`, random for
            `"nightly"`.
        timeout: seconds for a response.

    Raises:
        ConfigurationError: the tests could not be run: the provider is unknown, keys or a package are missing, or the
            server does not respond, redirects or serves something else.
    """
    kind = find_provider(provider)
    if profile not in PROFILES:
        raise ConfigurationError(f"unknown profile {profile!r}; available: {', '.join(PROFILES)}")
    with require_extra("contract", "a contract test"):
        from .schemathesis_adapter import Session  # noqa: F401  # fail before a mock is started
    if seed is None:
        seed = _CI_SEED if profile == "ci" else random.SystemRandom().getrandbits(32)
    restart = ""
    with ExitStack() as stack:
        if base_url is None and not live:
            from ..mock import running

            data = 0 if profile == "ci" else seed
            base_url = stack.enter_context(running(accounts=_ACCOUNTS, positions=_POSITIONS, seed=data))[provider]
            size = f"--accounts {_ACCOUNTS} --positions {_POSITIONS} --seed {data}"
            restart = f"onefolio mock --port {urlsplit(base_url).port} {size}"
        if live or not is_loopback(base_url or ""):
            connection, chosen = _connect_with_user_keys(kind, base_url), POLITE
        else:
            arguments: dict[str, Any] = {**kind.demo_credentials(), "base_url": base_url}
            connection, chosen = kind(**arguments), PROFILES[profile]
        folder = None if report is None else Path(report)
        return execute(connection, chosen, seed=seed, folder=folder, timeout=timeout, restart=restart)


def _connect_with_user_keys(kind: type[Connection], base_url: str | None) -> Connection:
    environ = {**os.environ, **({kind.base_url_variable: base_url} if base_url else {})}
    found = Settings(environ).connection(kind)
    if found is None:
        variables = ", ".join(kind.variables.values())
        raise ConfigurationError(f"{kind.title}: a real server needs your keys; set {variables}")
    return found.connection


def execute(
    connection: Connection,
    profile: Profile,
    *,
    seed: int,
    folder: Path | None = None,
    timeout: float = 10.0,
    restart: str = "",
) -> Report:
    """Test the server of a connection against its spec.

    Args:
        connection: the server and the keys.
        profile: the number and kind of the requests.
        seed: seed of the generated requests.
        folder: folder for the report files, or None.
        timeout: seconds for a response.
        restart: shell command that starts the server again; empty if the server does not end with the run.

    Raises:
        ConfigurationError: the tests could not be run, or the folder is not writable.
        KeyboardInterrupt: Ctrl-C was pressed; no files have been written.
    """
    from .report_files import ReportFiles
    from .schemathesis_adapter import Session

    started = time.monotonic()
    secrets = Secrets(connection)
    require_api(connection, secrets, timeout=timeout, polite=profile.is_polite)
    run_state = Run(connection, profile, Sender(connection, profile, timeout))
    with ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # schemathesis's warnings address the authors of the spec
        session = stack.enter_context(Session(run_state, secrets, seed=seed, timeout=timeout))
        files = None if folder is None else stack.enter_context(ReportFiles(folder, session, secrets))
        collector = Collector(run_state, secrets)
        for event in _events(run_state, session):
            collector.add(event)
            if files is not None:
                files.add(event)
        if session.is_interrupted:
            raise KeyboardInterrupt  # the result of an incomplete run would be misleading
        paths = [] if files is None else files.finish()
        if profile.is_polite and collector.is_empty:
            server = secrets.clean(connection.base_url)
            raise ConfigurationError(f"{server} rejected every request; the keys may not permit reading, or not now")
        seconds = time.monotonic() - started
        checks = [*session.checks(), *(POLITE_RUN_CHECKS if profile.is_polite else RUN_CHECKS)]
        if files is not None:
            paths.append(files.folder / "junit.xml")
        report = collector.report(seed=seed, seconds=seconds, checks=checks, files=paths, restart=restart)
        if files is not None:
            files.write("junit.xml", junit_xml(report, datetime.now(UTC)))
            files.write("report.txt", report.to_text())
            files.write("report.json", report.to_json())
        return report


def _events(run_state: Run, session: Session) -> Iterator[Event]:
    """Run all phases and yield their events."""
    from .schemathesis_adapter import MAX_FAILED_REQUESTS
    from .walk import Walk, report_absent_fields

    yield session.start()
    yield from Walk(run_state, session).events()
    if not run_state.profile.is_polite:
        # Each of the many requests to an operation that does not respond would wait for the timeout.
        excluded = [label for label, failed in run_state.failed_requests.items() if failed >= MAX_FAILED_REQUESTS]
        yield from session.run_phases(excluded)
        yield from report_absent_fields(run_state, session)
    yield session.finish()
