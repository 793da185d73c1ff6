"""Children of `multiprocessing` that serve calls: `python forked_calls.py METHOD {parent|child} URL`."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from opentelemetry_exporter_moesif import MoesifSpanExporter


def set_up(url: str) -> None:
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(MoesifSpanExporter(application_id="an-id", endpoint=url)))
    trace.set_tracer_provider(provider)


def serve(url: str, status: int | None) -> None:
    # Where the parent has set it up, a forked child has what it needs; other children begin with nothing.
    if not hasattr(trace.get_tracer_provider(), "add_span_processor"):
        set_up(url)
    attributes = {"http.request.method": "GET", "url.path": "/", "http.response.status_code": 200}
    for _ in range(2):
        with trace.get_tracer("test").start_as_current_span("GET /", kind=trace.SpanKind.SERVER, attributes=attributes):
            pass
    if status is not None:
        sys.exit(status)


if __name__ == "__main__":
    method, made_in, url = sys.argv[1:]
    context = multiprocessing.get_context(method)
    if made_in == "parent":
        set_up(url)
    child = context.Process(target=serve, args=(url, 7))
    child.start()
    child.join()
    print(child.exitcode)
    with ProcessPoolExecutor(1, mp_context=context) as first, ProcessPoolExecutor(1, mp_context=context) as second:
        for executor in (first, second):
            executor.submit(serve, url, None).result()
    print("done")
