"""What the hot path reads by another way than the public one is still there, and says the same."""

from __future__ import annotations

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind
from support.spans import GET, event_of, http_span


def ended_span(*, with_exception: bool) -> ReadableSpan:
    tracer = TracerProvider(shutdown_on_exit=False).get_tracer("test")
    span = tracer.start_span("GET /boom", kind=SpanKind.SERVER, attributes=GET)
    if with_exception:
        span.record_exception(RuntimeError("boom"))
    span.end()
    return span


def test_the_sdk_keeps_a_spans_events_where_they_are_looked_for() -> None:
    assert not ended_span(with_exception=False)._events
    assert len(ended_span(with_exception=True)._events) == 1


def test_an_exception_is_told_and_no_other_span_has_one() -> None:
    assert event_of(ended_span(with_exception=True))["metadata"]["exception"] == {
        "type": "RuntimeError",
        "message": "boom",
    }
    assert "exception" not in event_of(ended_span(with_exception=False))["metadata"]
    assert "exception" not in event_of(http_span())["metadata"]
