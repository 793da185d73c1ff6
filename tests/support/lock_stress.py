"""Calls under everything that can come between: `python lock_stress.py URL {simple|batch} CALLS FORKS`.

Garbage is collected at every allocation, and with it generators whose spans end then and there; a signal comes every few
milliseconds and makes a call of its own; four threads serve, say who calls and have bodies captured, and the process
forks meanwhile. It prints how many calls it made, goes on, and waits for SIGTERM. A child that stands still for half a
minute ends with SIGABRT, at which each process shows its threads.
"""

from __future__ import annotations

import faulthandler
import gc
import io
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

from opentelemetry_exporter_moesif import MoesifSpanExporter, identify
from opentelemetry_exporter_moesif.auto_instrumentation import after_instrumentation
from opentelemetry_exporter_moesif.capture import WsgiBodyCapture

THREADS = 4
CALLS_OF_A_CHILD = 3
STILL_SECONDS = 30
ALARM_SECONDS = 0.005

tracer = trace.get_tracer("stress")
made = itertools.count()


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    return [environ["wsgi.input"].read()]


captured = WsgiBodyCapture(application)


def abandoned_stream() -> Iterator[int]:
    """An answer that nobody reads to its end: its span ends when it is collected."""
    span = tracer.start_span("stream", attributes={"enduser.id": "ada"})
    try:
        yield 1
    finally:
        span.end()


def abandon_a_stream() -> None:
    stream = abandoned_stream()
    next(stream)
    cycle: list[Any] = [stream]
    cycle.append(cycle)


def call() -> None:
    attributes = {"http.request.method": "POST", "url.path": "/", "http.response.status_code": 200}
    with tracer.start_as_current_span("POST /", kind=trace.SpanKind.SERVER, attributes=attributes):
        abandon_a_stream()
        identify(user_id="ada", company_id="c", metadata={"plan": "gold"})
        body = b'{"a": [1, 2, 3]}'
        environ = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
        list(captured(environ, lambda *_: None))
    next(made)


def serve(calls: int) -> None:
    for _ in range(calls):
        call()


def fork() -> int:
    """The calls that the child made."""
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        serve(CALLS_OF_A_CHILD)
        os._exit(0)
    end = time.monotonic() + STILL_SECONDS
    ended = 0, 0
    while ended == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGABRT)
        time.sleep(0.01)
        ended = os.waitpid(child, os.WNOHANG)
    assert ended == (child, 0), ended
    return CALLS_OF_A_CHILD


def on_alarm(*_: object) -> None:
    call()
    signal.setitimer(signal.ITIMER_REAL, ALARM_SECONDS)


def main() -> None:
    faulthandler.enable()
    url, processor, calls, forks = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    exporter = MoesifSpanExporter(application_id="an-id", endpoint=url, capture_bodies=True)
    provider = TracerProvider()
    # A batch of the SDK's own is never full here: its event is set under a lock that is not re-entrant.
    batch = {"max_queue_size": 1_000_000, "max_export_batch_size": 999_999}
    provider.add_span_processor(
        SimpleSpanProcessor(exporter) if processor == "simple" else BatchSpanProcessor(exporter, **batch)
    )
    trace.set_tracer_provider(provider)
    after_instrumentation()
    signal.signal(signal.SIGALRM, on_alarm)
    # What the imports left would be looked through each time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(1)
    threads = [threading.Thread(target=serve, args=(calls,)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    signal.setitimer(signal.ITIMER_REAL, ALARM_SECONDS)
    of_children = 0
    for _ in range(forks):
        of_children += fork()
        serve(2)
    for thread in threads:
        thread.join()
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    print(next(made) + of_children, flush=True)
    while True:
        identify(user_id="ada")
        with tracer.start_as_current_span("inner"):
            identify(user_id="ada", metadata={"at": time.time()})


if __name__ == "__main__":
    main()
