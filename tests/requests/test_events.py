"""Events, log records, spans and metrics of requests and waits, without account data."""

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
from tests.scripted import Script, connect, example, example_of

ID = "77700077"
BODY = example_of("clear_street", "/v1/accounts/{account_id}/balances", ID)
ACCOUNT = Account(provider="clear_street", connection="clear_street", id=ID)
BALANCES = "/v1/accounts/{account_id}/balances"


def fail_first(times: int, status: int = 503, **options: Any) -> Script:
    failures = iter([httpx.Response(status, **options)] * times)
    return Script(lambda _: next(failures, httpx.Response(200, json=BODY)))


def test_every_request_and_wait_emits_an_event(folio_of: Callable[..., Folio]) -> None:
    events: list[Any] = []
    folio = folio_of(fail_first(2), connect("clear_street"), retries=3, on_event=events.append)
    folio.balances(ACCOUNT)
    first, first_wait, second, second_wait, third = events
    assert [type(each) for each in events] == [RequestSent, WaitStarted, RequestSent, WaitStarted, RequestSent]
    assert [each.attempt for each in (first, second, third)] == [1, 2, 3]
    assert [each.status_code for each in (first, second, third)] == [503, 503, 200]
    assert [each.error for each in (first, second, third)] == ["ProviderUnavailableError"] * 2 + [None]
    assert third.size > 100 > first.size == 0
    assert {each.path for each in (first, second, third)} == {BALANCES}
    assert {each.operation for each in events} == {"getAccountBalances"}
    assert {each.reason for each in (first_wait, second_wait)} == {"retry"}
    assert 0.2 <= first_wait.seconds <= 0.5
    assert 0.4 <= second_wait.seconds <= 0.7
    assert third.started > second.started > first.started > 1.7e9
    assert all(0 <= each.seconds < 5 for each in (first, second, third))


def test_sync_and_async_folios_emit_equal_events(folio_of: Callable[..., Folio]) -> None:
    def record_events(read: Callable[[Any], object]) -> list[Any]:
        events: list[Any] = []
        read({"on_event": events.append, "retries": 1, "http": fail_first(1).transport})
        return [(type(each), each.operation, getattr(each, "attempt", None)) for each in events]

    async def read_async(options: Any) -> None:
        async with AsyncFolio(connect("clear_street"), **options) as folio:
            await folio.balances(ACCOUNT)

    def read_sync(options: Any) -> None:
        with Folio(connect("clear_street"), **options) as folio:
            folio.balances(ACCOUNT)

    assert record_events(read_sync) == record_events(lambda options: asyncio.run(read_async(options)))


def test_event_of_a_request_without_a_response_has_no_status(folio_of: Callable[..., Folio]) -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    events: list[Any] = []
    with pytest.raises(ProviderError):
        folio_of(Script(refuse), connect("clear_street"), on_event=events.append).balances(ACCOUNT)
    (event,) = events
    assert (event.status_code, event.error, event.size) == (None, "ProviderUnavailableError", 0)


def test_log_records_have_structured_fields_and_no_account_data(
    folio_of: Callable[..., Folio], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    folio_of(fail_first(1), connect("clear_street"), retries=1).balances(ACCOUNT)
    # The mock transport belongs to httpx, which logs requests itself.
    records = [each for each in caplog.records if each.name not in ("asyncio", "httpx")]
    assert {each.name for each in records} == {"onefolio.requests"}
    assert [each.levelname for each in records] == ["DEBUG", "INFO", "DEBUG"]
    assert [vars(each).get("status_code") for each in records] == [503, None, 200]
    assert {vars(each)["operation"] for each in records} == {"getAccountBalances"}
    amounts = {value for value in BODY["data"].values() if isinstance(value, str) and len(value) > 5}
    assert amounts
    assert not [each for each in records for text in {ID, *amounts} if text in str(vars(each))]


def test_spans_and_metrics_follow_the_semantic_conventions(folio_of: Callable[..., Folio]) -> None:
    spans, reader = InMemorySpanExporter(), InMemoryMetricReader()
    tracers = TracerProvider()
    tracers.add_span_processor(SimpleSpanProcessor(spans))
    telemetry = Telemetry(tracer_provider=tracers, meter_provider=MeterProvider([reader]))
    folio = folio_of(fail_first(1), connect("clear_street"), retries=1, on_event=telemetry)
    with tracers.get_tracer("test").start_as_current_span("parent") as parent:
        folio.balances(ACCOUNT)
    first, second, _ = spans.get_finished_spans()
    assert first.name == second.name == f"GET {BALANCES}"
    assert {each.kind for each in (first, second)} == {trace.SpanKind.CLIENT}
    assert {each.parent and each.parent.span_id for each in (first, second)} == {parent.get_span_context().span_id}
    failed, retried = dict(first.attributes or {}), dict(second.attributes or {})
    assert failed["http.response.status_code"] == 503
    assert failed["error.type"] == "ProviderUnavailableError"
    assert first.status.status_code is trace.StatusCode.ERROR
    assert (retried["http.response.status_code"], retried["http.request.resend_count"]) == (200, 1)
    assert (retried["server.address"], retried["server.port"], retried["url.full"]) == (
        "localhost",
        80,
        f"http://localhost{BALANCES}",
    )
    assert ID not in str([failed, retried])
    data: Any = reader.get_metrics_data()
    metrics = {each.name: each for each in data.resource_metrics[0].scope_metrics[0].metrics}
    assert metrics.keys() == {
        "http.client.request.duration", "http.client.response.body.size", "onefolio.client.wait.duration"
    }  # fmt: skip
    assert sum(point.count for point in metrics["http.client.request.duration"].data.data_points) == 2
    assert sum(point.count for point in metrics["onefolio.client.wait.duration"].data.data_points) == 1


def test_snapshot_spans_are_children_of_the_callers_span() -> None:
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
