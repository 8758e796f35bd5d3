"""Send results elsewhere: OpenTelemetry metrics, and a webhook for the first of each kind."""

from __future__ import annotations

import json
import logging
import queue
from collections.abc import Iterable
from threading import Thread
from typing import Any, Protocol
from urllib.error import URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from .._core.addresses import show_address
from .._core.errors import ConfigurationError
from .._core.extras import require_extra
from .findings import Finding
from .recorder import Listener

_log = logging.getLogger("onefolio.watch")

_TIMEOUT = 10.0
_MAX_WAITING = 100
_CLOSING = 15.0


class ClosableListener(Listener, Protocol):
    """A listener that finishes its work at the end of a program."""

    def close(self) -> None:
        """Finish."""
        raise NotImplementedError


class Metrics:
    """Counts responses and findings with OpenTelemetry.

    The counters `onefolio.watch.responses` and `onefolio.watch.findings` have attributes for the connection, the
    operation, the fingerprint of the key, the status, and the kind and the place of a finding.

    Args:
        meter_provider: the meter provider (default: the global one).

    Raises:
        ConfigurationError: The package opentelemetry-api is not installed.
    """

    def __init__(self, *, meter_provider: Any = None) -> None:
        with require_extra("opentelemetry", "metrics"):
            from opentelemetry import metrics
        meter = metrics.get_meter("onefolio", meter_provider=meter_provider)
        self._responses = meter.create_counter("onefolio.watch.responses", "{response}", "Responses that were checked.")
        self._findings = meter.create_counter("onefolio.watch.findings", "{response}", "Responses with a finding.")

    def response(self, connection: str, key: str, operation: str, status: int, findings: Iterable[Finding]) -> None:
        """Count a response and its findings."""
        common: dict[str, str | int] = {
            "onefolio.connection": connection,
            "onefolio.key": key,
            "http.route": operation,
            "http.response.status_code": status,
        }
        self._responses.add(1, common)
        for finding in findings:
            self._findings.add(
                1, common | {"onefolio.finding.kind": finding.kind, "onefolio.finding.place": finding.place}
            )

    def first(self, connection: str, provider: str, finding: Finding) -> None:
        """Do nothing; the counter has the finding already."""

    def close(self) -> None:
        """Do nothing; the meter provider exports its metrics."""


class Webhook:
    """Posts the first occurrence of each finding as JSON, in a thread of its own.

    Args:
        url: receives the requests; `https://`, or `http://` on this machine.

    Raises:
        ConfigurationError: the URL has another scheme.
    """

    def __init__(self, url: str) -> None:
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
            raise ConfigurationError(f"webhook {show_address(url)} must be https://, or http:// on this machine")
        self._url = url
        self._opener = build_opener(_NoRedirects)
        self._waiting: queue.Queue[bytes | None] = queue.Queue(_MAX_WAITING)
        self._thread = Thread(target=self._run, name="onefolio-webhook", daemon=True)
        self._thread.start()

    def response(self, connection: str, key: str, operation: str, status: int, findings: Iterable[Finding]) -> None:
        """Do nothing; only the first of a kind is posted."""

    def first(self, connection: str, provider: str, finding: Finding) -> None:
        """Post a finding. If many others wait, it is only in the ledger."""
        content = {"id": finding.id(connection), "connection": connection, "provider": provider, **finding._asdict()}
        try:
            self._waiting.put_nowait(json.dumps(content).encode())
        except queue.Full:
            _log.warning("%s: a finding was not posted, because many others wait", connection)

    def close(self) -> None:
        """Post the findings that wait."""
        try:
            self._waiting.put(None, timeout=_CLOSING)
        except queue.Full:
            return
        self._thread.join(_CLOSING)

    def _run(self) -> None:
        while (content := self._waiting.get()) is not None:
            request = Request(self._url, content, {"Content-Type": "application/json"})  # noqa: S310  # checked above
            try:
                with self._opener.open(request, timeout=_TIMEOUT):
                    pass
            except (URLError, OSError, ValueError) as error:
                _log.warning("the webhook %s failed (%s)", show_address(self._url), type(error).__name__)


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: findings go to the given address only."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Refuse a redirect."""


def make_listeners(*, webhook: str | None = None, metrics: bool = False) -> list[ClosableListener]:
    """Return the listeners that options select.

    Args:
        webhook: URL for the first of each kind; None for no webhook.
        metrics: whether to count with OpenTelemetry.

    Raises:
        ConfigurationError: the URL is malformed, or a package is not installed.
    """
    listeners: list[ClosableListener] = []
    if webhook is not None:
        listeners.append(Webhook(webhook))
    if metrics:
        listeners.append(Metrics())
    return listeners
