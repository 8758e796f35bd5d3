"""Record the requests of a folio with OpenTelemetry: `Folio(…, on_event=Telemetry())`.

Requires `pip install "onefolio[opentelemetry]"`. Names follow OpenTelemetry's semantic conventions for HTTP clients.
Attributes contain URL templates, and no ids, figures or keys.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ._core.extras import require_extra
from ._requests.events import Event, RequestSent

_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
"""Seconds, as recommended by the semantic conventions."""


class Telemetry:
    """Record spans and metrics of a folio's events.

    Every request is a span of kind CLIENT in the context of the call, and a value in the histograms
    `http.client.request.duration` (seconds) and `http.client.response.body.size` (decompressed bytes). Every wait for a
    rate limit or a retry is a value in the histogram `onefolio.client.wait.duration` (seconds).

    Args:
        tracer_provider: the tracer provider (default: the global one).
        meter_provider: the meter provider (default: the global one).

    Raises:
        ConfigurationError: The package opentelemetry-api is not installed.
    """

    def __init__(self, *, tracer_provider: Any = None, meter_provider: Any = None) -> None:
        with require_extra("opentelemetry", "telemetry"):
            from opentelemetry import metrics, trace
        self._trace = trace
        self._tracer = trace.get_tracer("onefolio", tracer_provider=tracer_provider)
        meter = metrics.get_meter("onefolio", meter_provider=meter_provider)
        self._duration = meter.create_histogram(
            "http.client.request.duration",
            "s",
            "Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._size = meter.create_histogram(
            "http.client.response.body.size", "By", "Size of HTTP client response bodies."
        )
        self._wait = meter.create_histogram(
            "onefolio.client.wait.duration", "s", "Waits for a rate limit or before a retry."
        )

    def __call__(self, event: Event) -> None:
        """Record an event."""
        names: dict[str, str | int] = {"onefolio.connection": event.connection, "onefolio.operation": event.operation}
        if not isinstance(event, RequestSent):
            self._wait.record(event.seconds, names | {"onefolio.wait.reason": event.reason})
            return
        server = urlsplit(event.server)
        common: dict[str, str | int] = {
            "http.request.method": event.method,
            "server.address": server.hostname or "",
            "server.port": server.port or (443 if server.scheme == "https" else 80),
            "url.scheme": server.scheme,
            "url.template": server.path + event.path,
        }
        if event.status_code is not None:
            common["http.response.status_code"] = event.status_code
        if event.error is not None:
            common["error.type"] = event.error
        self._duration.record(event.seconds, common)
        self._size.record(event.size, common)
        self._record_span(event, common | names)

    def _record_span(self, event: RequestSent, attributes: dict[str, str | int]) -> None:
        attributes["url.full"] = event.server + event.path
        attributes["http.response.body.size"] = event.size
        if event.attempt > 1:
            attributes["http.request.resend_count"] = event.attempt - 1
        started = int(event.started * 1e9)
        span = self._tracer.start_span(
            f"{event.method} {attributes['url.template']}",
            kind=self._trace.SpanKind.CLIENT,
            attributes=attributes,
            start_time=started,
        )
        if event.error is not None:
            span.set_status(self._trace.Status(self._trace.StatusCode.ERROR, event.error))
        span.end(started + int(event.seconds * 1e9))
