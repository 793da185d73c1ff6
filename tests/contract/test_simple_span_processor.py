"""SimpleSpanProcessor exports on the thread of each request: many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.local_collector import LocalCollector

THREADS = 50
CALLS_EACH = 4


def test_fifty_threads_at_once_each_deliver_every_call_of_theirs_exactly_once() -> None:
    start = Barrier(THREADS)

    def serve(thread: int) -> None:
        start.wait()
        for call in range(CALLS_EACH):
            attributes = {
                "http.request.method": "GET",
                "url.path": f"/{thread}/{call}",
                "http.response.status_code": 200,
            }
            tracer.start_span("GET", kind=SpanKind.SERVER, attributes=attributes).end()

    with LocalCollector("test-id") as collector:
        provider = TracerProvider()
        provider.add_span_processor(
            SimpleSpanProcessor(MoesifSpanExporter(application_id="test-id", endpoint=collector.url))
        )
        tracer = provider.get_tracer(__name__)
        with ThreadPoolExecutor(THREADS) as pool:
            list(pool.map(serve, range(THREADS)))
        provider.shutdown()
        events, taken = collector.events(), collector.taken

    paths = sorted(event["request"]["uri"].removeprefix("http://localhost") for event in events)
    assert paths == sorted(f"/{thread}/{call}" for thread in range(THREADS) for call in range(CALLS_EACH))
    assert taken == THREADS * CALLS_EACH
