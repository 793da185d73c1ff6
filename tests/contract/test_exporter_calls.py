"""What an application sees of the exporter, and what of its calls arrives: a real tracer provider, a real collector."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from support.delivery import OwnMetrics
from support.spans import GET, captured, http_span

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.encoding import candidates
from opentelemetry_exporter_moesif.local_collector import LocalCollector

APPLICATION_ID = "test-id"


@pytest.fixture
def collector() -> Iterator[LocalCollector]:
    with LocalCollector(APPLICATION_ID) as running:
        yield running


@contextmanager
def exporting(collector: LocalCollector, **arguments: Any) -> Iterator[MoesifSpanExporter]:
    exporter = MoesifSpanExporter(application_id=APPLICATION_ID, endpoint=collector.url, **arguments)
    try:
        yield exporter
    finally:
        exporter.shutdown()


def call(path: str, **fields: Any) -> ReadableSpan:
    """A call of its own: its ids are those of no other."""
    context = TracerProvider().get_tracer(__name__).start_span(path).get_span_context()
    return http_span({**GET, "url.path": path}, context=context, **fields)


def paths(events: list[dict[str, Any]]) -> list[str]:
    return [event["request"]["uri"].removeprefix("http://localhost") for event in events]


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == level]


def serve(tracer: Tracer, path: str) -> None:
    attributes = {**GET, "url.path": path, "url.query": "a=1&sig=secret", **captured(host="api.test", cookie="secret")}
    with tracer.start_as_current_span("GET /{path}", kind=SpanKind.SERVER, attributes=attributes) as span:
        with tracer.start_as_current_span("SELECT") as child:
            child.set_attribute("enduser.id", "user-1")
        span.set_attribute("app.items", ["a", "b"])
        span.set_status(Status(StatusCode.OK))


# --- what arrives


@pytest.mark.parametrize("processor", [BatchSpanProcessor, SimpleSpanProcessor])
def test_each_call_of_a_service_is_one_event_that_moesif_takes(collector: LocalCollector, processor: Any) -> None:
    provider = TracerProvider()
    provider.add_span_processor(processor(MoesifSpanExporter(application_id=APPLICATION_ID, endpoint=collector.url)))
    tracer = provider.get_tracer(__name__)

    for number in range(3):
        serve(tracer, f"/{number}")
    provider.shutdown()

    events = collector.events()
    assert [event["request"]["uri"] for event in events] == [f"http://api.test/{n}?a=1&sig=REDACTED" for n in range(3)]
    assert {event["user_id"] for event in events} == {"user-1"}
    assert {event["metadata"]["app.items"] for event in events} == {'["a","b"]'}
    assert {event["request"]["headers"]["Cookie"] for event in events} == {"[REDACTED]"}
    assert collector.invalid() == []


def test_a_span_that_is_exported_again_is_the_same_event(collector: LocalCollector) -> None:
    span = call("/again")

    with exporting(collector) as exporter:
        assert [exporter.export([span]) for _ in range(3)] == [SpanExportResult.SUCCESS] * 3

    assert paths(collector.events()) == ["/again"]
    assert collector.taken == 3


def test_what_is_no_call_is_neither_sent_nor_counted(collector: LocalCollector, own_metrics: OwnMetrics) -> None:
    spans = [
        http_span({}),
        http_span(GET, kind=SpanKind.INTERNAL),
        http_span(GET, kind=SpanKind.CLIENT),
        call("/health"),
        call("/skipped"),
        call("/dropped"),
    ]

    with exporting(
        collector,
        meter_provider=own_metrics.provider,
        excluded_urls="/health",
        skip=lambda span: span.attributes.get("url.path") == "/skipped",
        mask_event=lambda event: None,
    ) as exporter:
        assert exporter.export(spans) is SpanExportResult.SUCCESS

    assert collector.posts() == []
    assert own_metrics.exported() == {}
    assert own_metrics.inflight() == 0


def test_the_last_call_of_a_service_that_idles_is_sent_although_nothing_is_exported_any_more(
    collector: LocalCollector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call inside the span of a command, which stays open: that is known when its parent has not come for a while."""
    monkeypatch.setattr(candidates, "SECONDS_TO_WAIT", 0.2)
    provider = TracerProvider()
    with exporting(collector) as exporter:
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracer = provider.get_tracer("opentelemetry.instrumentation.fastapi")
        with tracer.start_as_current_span("serve"):
            with tracer.start_as_current_span("GET /a", attributes={**GET, "url.path": "/a"}):
                pass
            for _ in range(2000):
                if collector.taken:
                    break
                time.sleep(0.01)

            assert paths(collector.events()) == ["/a"]
    for thread in threading.enumerate():
        if thread.name == "moesif-waiting-calls":
            thread.join(200)
            assert not thread.is_alive()


@pytest.mark.parametrize("end", ["force_flush", "shutdown"])
def test_what_waits_is_sent_at_a_flush_and_at_the_end(collector: LocalCollector, end: str) -> None:
    with exporting(collector) as exporter:
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        tracer = provider.get_tracer("opentelemetry.instrumentation.fastapi")
        with tracer.start_as_current_span("serve"):
            with tracer.start_as_current_span("GET /a", attributes={**GET, "url.path": "/a"}):
                pass
            assert collector.events() == []
            getattr(exporter, end)()

            assert paths(collector.events()) == ["/a"]


# --- what fails, fails alone


@pytest.mark.parametrize(
    "odd",
    [
        call("/odd", start_time=10**30),
        call("/odd", start_time="yesterday"),
        call("/odd", events=5),
        call("/odd", status=None),
        object(),
        None,
    ],
    ids=["beyond the calendar", "no time", "no events", "no status", "no span", "nothing"],
)
def test_a_span_that_cannot_be_mapped_costs_itself_and_is_counted(
    odd: Any, collector: LocalCollector, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    with exporting(collector, meter_provider=own_metrics.provider) as exporter:
        result = exporter.export([call("/first"), odd, call("/last")])

    assert result is SpanExportResult.FAILURE
    assert paths(collector.events()) == ["/first", "/last"]
    assert own_metrics.exported() == {None: 2, "mapping_error": 1}
    assert own_metrics.inflight() == 0
    (warning,) = messages(caplog, logging.WARNING)
    assert "1 event" in warning
    assert "mapping_error" in warning


def test_a_thousand_odd_spans_are_one_line_in_the_log_and_a_last_one_that_counts_the_rest(
    collector: LocalCollector, caplog: pytest.LogCaptureFixture
) -> None:
    with exporting(collector) as exporter:
        for _ in range(10):
            exporter.export([call("/odd", start_time=10**30)] * 100)
        assert len(messages(caplog, logging.WARNING)) == 1

    _, last = messages(caplog, logging.WARNING)
    assert "999 events lost" in last


def test_a_mask_that_raises_costs_the_events_it_raises_on(
    collector: LocalCollector, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    def mask(event: Any) -> Any:
        if event["request"]["uri"].endswith("/secret"):
            raise ValueError(event)
        return event

    with exporting(collector, meter_provider=own_metrics.provider, mask_event=mask) as exporter:
        result = exporter.export([call("/first"), call("/secret"), call("/last")])

    assert result is SpanExportResult.FAILURE
    assert paths(collector.events()) == ["/first", "/last"]
    assert own_metrics.exported() == {None: 2, "mask_error": 1}
    (warning,) = messages(caplog, logging.WARNING)
    assert "mask_event failed with ValueError" in warning
    assert "/secret" not in warning


def test_without_the_mask_that_was_asked_for_nothing_leaves_and_all_is_counted(
    collector: LocalCollector, own_metrics: OwnMetrics, caplog: pytest.LogCaptureFixture
) -> None:
    with exporting(collector, meter_provider=own_metrics.provider, mask_event="no_such_module:mask") as exporter:
        assert exporter.export([call("/a"), http_span({})]) is SpanExportResult.FAILURE
        assert exporter.export([call("/b")]) is SpanExportResult.FAILURE

    assert collector.posts() == []
    assert own_metrics.exported() == {"mask_error": 2}
    assert len(messages(caplog, logging.ERROR)) == 1


def test_a_hook_that_ends_the_program_at_its_import_ends_nothing(
    collector: LocalCollector, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would end the processor's thread, and no span would ever be exported again."""
    (tmp_path / "an_app_that_exits.py").write_text("raise SystemExit(1)")
    monkeypatch.syspath_prepend(tmp_path)
    provider = TracerProvider()
    provider.add_span_processor(
        BatchSpanProcessor(
            MoesifSpanExporter(
                application_id=APPLICATION_ID, endpoint=collector.url, identify_user="an_app_that_exits:user"
            )
        )
    )

    serve(provider.get_tracer(__name__), "/a")
    provider.force_flush()
    serve(provider.get_tracer(__name__), "/b")
    provider.shutdown()

    assert [event["request"]["uri"].partition("?")[0] for event in collector.events()] == [
        "http://api.test/a",
        "http://api.test/b",
    ]


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize("processor", [BatchSpanProcessor, SimpleSpanProcessor])
def test_a_service_goes_on_whatever_a_hook_of_one_call_raises(
    collector: LocalCollector, processor: Any, ending: type[BaseException]
) -> None:
    def user(span: ReadableSpan) -> str:
        if span.attributes and span.attributes["url.path"] == "/1":
            raise ending
        return "ada"

    provider = TracerProvider()
    exporter = MoesifSpanExporter(application_id=APPLICATION_ID, endpoint=collector.url, identify_user=user)
    provider.add_span_processor(processor(exporter))
    for number in range(3):
        serve(provider.get_tracer(__name__), f"/{number}")
        provider.force_flush()
    provider.shutdown()

    assert [event["user_id"] for event in collector.events()] == ["ada", "user-1", "ada"]


@pytest.mark.parametrize("ending", [SystemExit, KeyboardInterrupt, asyncio.CancelledError])
def test_a_session_or_a_log_handler_that_raises_what_ends_programs_costs_no_call(
    collector: LocalCollector, ending: type[BaseException]
) -> None:
    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ending

    class Session(requests.Session):
        fails = True

        def request(self, *arguments: Any, **named: Any) -> requests.Response:
            if self.fails:
                self.fails = False
                raise ending
            return super().request(*arguments, **named)

    logger, handler = logging.getLogger("opentelemetry_exporter_moesif"), Handler()
    logger.addHandler(handler)
    try:
        with exporting(collector, session=Session(), identify_user=lambda _: 1 / 0) as exporter:
            assert exporter.export([call("/a"), call("/b")]) is SpanExportResult.SUCCESS
            assert exporter.force_flush()
    finally:
        logger.removeHandler(handler)

    assert paths(collector.events()) == ["/a", "/b"]


# --- inert, and ended


@pytest.mark.parametrize(
    "given", [{}, {"application_id": ""}, {"application_id": "with\nbreak"}], ids=["none", "empty", "bad"]
)
def test_without_an_application_id_one_error_names_the_variables_and_nothing_else_happens(
    given: dict[str, str], collector: LocalCollector, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("MOESIF_APPLICATION_ID", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_MOESIF_APPLICATION_ID", raising=False)
    exporter = MoesifSpanExporter(endpoint=collector.url, capture_bodies=True, dynamic_sampling=True, **given)
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))

    serve(provider.get_tracer(__name__), "/a")

    assert exporter.export([call("/b")]) is SpanExportResult.FAILURE
    assert exporter.export([]) is SpanExportResult.FAILURE
    assert exporter.force_flush() is True
    provider.shutdown()
    exporter.shutdown()
    assert collector.posts() == []
    (error,) = messages(caplog, logging.ERROR)
    assert "OTEL_EXPORTER_MOESIF_APPLICATION_ID" in error
    assert "MOESIF_APPLICATION_ID)" in error


def test_after_its_shutdown_calls_are_refused_and_counted(collector: LocalCollector, own_metrics: OwnMetrics) -> None:
    with exporting(collector, meter_provider=own_metrics.provider) as exporter:
        exporter.export([call("/in-time")])
        exporter.shutdown()
        exporter.shutdown()
        assert exporter.export([call("/late"), call("/later")]) is SpanExportResult.FAILURE

    assert paths(collector.events()) == ["/in-time"]
    assert own_metrics.exported() == {None: 1, "shutdown": 2}
    assert own_metrics.inflight() == 0


def test_an_empty_batch_is_a_success_that_opens_no_connection(collector: LocalCollector) -> None:
    with exporting(collector) as exporter:
        assert exporter.export([]) is SpanExportResult.SUCCESS
        assert exporter.export(()) is SpanExportResult.SUCCESS

    assert collector.posts() == []


# --- forks


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_a_forked_child_and_its_parent_each_deliver_their_own_calls(collector: LocalCollector) -> None:
    with exporting(collector, identify_user=lambda _: str(os.getpid())) as exporter:
        exporter.export([call("/before")])
        child = os.fork()
        if not child:
            result = exporter.export([call("/child")])
            exporter.shutdown()
            os._exit(0 if result is SpanExportResult.SUCCESS else 1)
        _, status = os.waitpid(child, 0)
        exporter.export([call("/after")])

    assert os.waitstatus_to_exitcode(status) == 0
    events = collector.events()
    assert paths(events) == ["/before", "/child", "/after"]
    assert [event["user_id"] for event in events] == [str(os.getpid()), str(child), str(os.getpid())]


def test_making_an_exporter_runs_no_detector_of_resources(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those may ask the network who this machine is: seconds for each, in threads."""

    def detect(*_arguments: Any, **_named: Any) -> None:
        pytest.fail("a detector of resources ran")

    monkeypatch.setattr("opentelemetry.sdk.resources.get_aggregated_resources", detect)

    MoesifSpanExporter(application_id="an id", endpoint="http://127.0.0.1:9").shutdown()
