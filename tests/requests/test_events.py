"""What a folio tells of its traffic: every request, retry and wait, in names and counts; nothing of the data."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from onefolio import Account, AsyncFolio, Folio, ProviderError, RequestSent, WaitStarted
from onefolio.telemetry import Telemetry
from tests.scripted import Script, connect, example

ID = "77700077"
BODY = example("clear_street", "/v1/accounts/{account_id}/balances")
ACCOUNT = Account(provider="clear_street", connection="clear_street", id=ID)
BALANCES = "/v1/accounts/{account_id}/balances"


def failing(times: int, status: int = 503, **options: Any) -> Script:
    answers = iter([httpx.Response(status, **options)] * times)
    return Script(lambda _: next(answers, httpx.Response(200, json=BODY)))


def test_every_request_and_wait_is_told(folio_of: Callable[..., Folio]) -> None:
    events: list[Any] = []
    folio = folio_of(failing(2), connect("clear_street"), retries=3, on_event=events.append)
    folio.balances(ACCOUNT)
    first, pause, second, longer, third = events
    assert [type(each) for each in events] == [RequestSent, WaitStarted, RequestSent, WaitStarted, RequestSent]
    assert [each.attempt for each in (first, second, third)] == [1, 2, 3]
    assert [each.status_code for each in (first, second, third)] == [503, 503, 200]
    assert [each.error for each in (first, second, third)] == ["ProviderUnavailableError"] * 2 + [None]
    assert third.size > 100 > first.size == 0
    assert {each.path for each in (first, second, third)} == {BALANCES}
    assert {each.operation for each in events} == {"getAccountBalances"}
    assert {each.reason for each in (pause, longer)} == {"retry"}
    assert 0.2 <= pause.seconds <= 0.5
    assert 0.4 <= longer.seconds <= 0.7
    assert third.started > second.started > first.started > 1.7e9
    assert all(0 <= each.seconds < 5 for each in (first, second, third))


def test_both_folios_and_a_snapshot_tell_the_same(folio_of: Callable[..., Folio]) -> None:
    def told(read: Callable[[Any], object]) -> list[Any]:
        events: list[Any] = []
        read({"on_event": events.append, "retries": 1, "http": failing(1).transport})
        return [(type(each), each.operation, getattr(each, "attempt", None)) for each in events]

    async def read_async(options: Any) -> None:
        async with AsyncFolio(connect("clear_street"), **options) as folio:
            await folio.balances(ACCOUNT)

    def read_sync(options: Any) -> None:
        with Folio(connect("clear_street"), **options) as folio:
            folio.balances(ACCOUNT)

    assert told(read_sync) == told(lambda options: asyncio.run(read_async(options)))


def test_an_event_without_a_response_has_no_status(folio_of: Callable[..., Folio]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    events: list[Any] = []
    with pytest.raises(ProviderError):
        folio_of(Script(refuse), connect("clear_street"), on_event=events.append).balances(ACCOUNT)
    (event,) = events
    assert (event.status_code, event.error, event.size) == (None, "ProviderUnavailableError", 0)


def test_the_log_has_fields_and_no_data(folio_of: Callable[..., Folio], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    folio_of(failing(1), connect("clear_street"), retries=1).balances(ACCOUNT)
    # The transport of the test is httpx, which logs requests by itself.
    ours = [each for each in caplog.records if each.name not in ("asyncio", "httpx")]
    assert {each.name for each in ours} == {"onefolio.requests"}
    assert [each.levelname for each in ours] == ["DEBUG", "INFO", "DEBUG"]
    assert [vars(each).get("status_code") for each in ours] == [503, None, 200]
    assert {vars(each)["operation"] for each in ours} == {"getAccountBalances"}
    figures = {value for value in BODY["data"].values() if isinstance(value, str) and len(value) > 5}
    assert figures
    assert not [each for each in ours for figure in {ID, *figures} if figure in str(vars(each))]


def test_spans_and_metrics_have_the_conventions_names(folio_of: Callable[..., Folio]) -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    telemetry = Telemetry(tracer_provider=tracers, meter_provider=MeterProvider([reader]))
    folio = folio_of(failing(1), connect("clear_street"), retries=1, on_event=telemetry)
    with tracers.get_tracer("test").start_as_current_span("parent") as parent:
        folio.balances(ACCOUNT)
    first, second, _ = spans.get_finished_spans()
    assert first.name == second.name == f"GET {BALANCES}"
    assert {each.kind for each in (first, second)} == {trace.SpanKind.CLIENT}
    assert {each.parent and each.parent.span_id for each in (first, second)} == {parent.get_span_context().span_id}
    one, two = dict(first.attributes or {}), dict(second.attributes or {})
    assert one["http.response.status_code"] == 503
    assert one["error.type"] == "ProviderUnavailableError"
    assert first.status.status_code is trace.StatusCode.ERROR
    assert (two["http.response.status_code"], two["http.request.resend_count"]) == (200, 1)
    assert (two["server.address"], two["server.port"], two["url.full"]) == (
        "localhost",
        80,
        f"http://localhost{BALANCES}",
    )
    assert ID not in str([one, two])
    data: Any = reader.get_metrics_data()
    metrics = {each.name: each for each in data.resource_metrics[0].scope_metrics[0].metrics}
    assert metrics.keys() == {
        "http.client.request.duration", "http.client.response.body.size", "onefolio.client.wait.duration"
    }  # fmt: skip
    assert sum(point.count for point in metrics["http.client.request.duration"].data.data_points) == 2
    assert sum(point.count for point in metrics["onefolio.client.wait.duration"].data.data_points) == 1


def test_a_snapshots_spans_belong_to_the_caller() -> None:
    spans, tracers = InMemorySpanExporter(), TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    script = Script(lambda _: httpx.Response(200, json=example("alpaca", "/v2/account")))
    telemetry = Telemetry(tracer_provider=tracers)
    with (
        Folio(connect("alpaca"), http=script.transport, on_event=telemetry) as folio,
        tracers.get_tracer("test").start_as_current_span("parent") as parent,
    ):
        folio.snapshot(capabilities=["accounts"])
    (span, _) = spans.get_finished_spans()
    assert span.parent is not None
    assert span.parent.span_id == parent.get_span_context().span_id
