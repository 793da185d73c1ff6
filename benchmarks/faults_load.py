"""A small service at a steady rate of calls, observed by one of the clients that `faults.py` compares.

    python faults_load.py CLIENT URL SECONDS RATE [SPOOL_DIRECTORY]

Prints a line of JSON when the load begins, one when it ends, and one at exit.
"""
# ruff: noqa: PLC0415 - each process imports the one client that it compares

from __future__ import annotations

import atexit
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from wsgiref.util import setup_testing_defaults

os.environ["OTEL_PYTHON_SDK_INTERNAL_METRICS_ENABLED"] = "true"

#: Where a process is started again, its calls are told from those before.
FIRST_NUMBER = int(os.environ.get("FAULTS_FIRST_NUMBER", "0"))

Report = Callable[[], dict]


def main() -> None:
    client, url, seconds, rate, *spool = sys.argv[1:]
    logging.disable(logging.CRITICAL)
    slowest = Slowest()
    observed, report = CLIENTS[client](url, slowest, *spool)
    say({"started": True})
    threading.Thread(target=process_fault, daemon=True).start()
    answered = serve(observed, float(seconds), int(rate))
    state = lambda: {"answered": answered, "slowest": round(slowest.seconds, 3), **report()}  # noqa: E731
    REPORT_AT_EXIT.append(state)
    say(state())
    # Where it was started again after an exit: time to find what was left, and an exit as any other.
    time.sleep(float(os.environ.get("FAULTS_LINGER", "0")))


def process_fault() -> None:
    """What the process runs short of, and for how long; on the disk nothing grows beyond a few bytes meanwhile."""
    what, *times = os.environ.get("FAULTS_OF_THE_PROCESS", "").split() or [""]
    if not what:
        return
    begins, ends = map(float, times)
    import resource

    limit = {"descriptors": resource.RLIMIT_NOFILE, "disk": resource.RLIMIT_FSIZE}[what]
    soft, hard = resource.getrlimit(limit)
    time.sleep(begins)
    resource.setrlimit(limit, (3 if what == "descriptors" else 10, hard))
    time.sleep(ends - begins)
    resource.setrlimit(limit, (soft, hard))


class Slowest:
    """Remembers how long the slowest call of a function took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, owner: object, name: str) -> None:
        function = getattr(owner, name)

        def watched(*arguments, **settings):
            began = time.perf_counter()
            try:
                return function(*arguments, **settings)
            finally:
                self.seconds = max(self.seconds, time.perf_counter() - began)

        setattr(owner, name, watched)


def application(_environ, start_response):
    start_response("200 OK", [("Content-Type", "application/json")])
    return [b'{"id": 7}']


def serve(observed, seconds: float, rate: int) -> int:
    """Calls the application in process, evenly; returns the number of calls that were answered."""
    began = time.perf_counter()
    calls = int(seconds * rate)
    for number in range(calls):
        ahead = began + number / rate - time.perf_counter()
        if ahead > 0:
            time.sleep(ahead)
        path = f"/items/{number + FIRST_NUMBER}"
        environ = {
            "PATH_INFO": path,
            "RAW_URI": path,
            "QUERY_STRING": "",
            "HTTP_USER_AGENT": "faults",
            "REMOTE_ADDR": "203.0.113.9",
        }
        setup_testing_defaults(environ)
        answer = observed(environ, lambda *_: None)
        list(answer)
        if hasattr(answer, "close"):
            answer.close()
    return calls


def with_opentelemetry(exporter, slowest: Slowest):
    """The application under OpenTelemetry's WSGI middleware and BatchSpanProcessor's defaults."""
    from opentelemetry import metrics
    from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import InMemoryMetricReader
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    reader = InMemoryMetricReader()
    metrics.set_meter_provider(MeterProvider([reader], shutdown_on_exit=False))
    slowest.watch(exporter, "export")
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))

    def report() -> dict:
        points = {}
        for resource in reader.get_metrics_data().resource_metrics:
            for scope in resource.scope_metrics:
                for metric in scope.metrics:
                    points.setdefault(metric.name, []).extend(metric.data.data_points)
        counts = {}
        for name in ("otel.sdk.processor.span.processed", "otel.sdk.exporter.span.exported"):
            counts[name] = {point.attributes.get("error.type", "ok"): point.value for point in points.get(name, [])}
        processed = counts["otel.sdk.processor.span.processed"]
        return {
            "exported": processed.get("ok", 0),
            "lost_in_queue": processed.get("queue_full", 0) + processed.get("already_shutdown", 0),
            "says": counts["otel.sdk.exporter.span.exported"],
        }

    return OpenTelemetryMiddleware(application, tracer_provider=provider), report


def ours(url: str, slowest: Slowest, spool: str | None = None):
    from opentelemetry_exporter_moesif import MoesifSpanExporter

    exporter = MoesifSpanExporter(
        application_id="benchmark", endpoint=url, spool_directory=spool, spool_always="always" in sys.argv[1]
    )
    return with_opentelemetry(exporter, slowest)


def otlp(url: str, slowest: Slowest, _spool: str | None = None):
    from opentelemetry.exporter.otlp.proto.http import Compression
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return with_opentelemetry(OTLPSpanExporter(f"{url}/v1/traces", compression=Compression.Gzip), slowest)


def moesif(url: str, slowest: Slowest, _spool: str | None = None):
    """Moesif's own WSGI middleware, which sends with its `moesifapi`, as it is set by default."""
    from moesifwsgi import MoesifMiddleware

    middleware = MoesifMiddleware(application, {"APPLICATION_ID": "benchmark", "BASE_URI": url})
    slowest.watch(middleware.api_client, "create_events_batch")
    return middleware, dict


CLIENTS = {
    "ours": ours,
    "ours with a spool": ours,
    "ours with `spool_always`": ours,
    "OTLP/HTTP": otlp,
    "moesifapi": moesif,
}
REPORT_AT_EXIT: list[Report] = []


def say(value: dict) -> None:
    os.write(1, (json.dumps(value) + "\n").encode())


if __name__ == "__main__":
    # Registered first, so it runs last: after the provider's own shutdown.
    atexit.register(lambda: [say(report()) for report in REPORT_AT_EXIT])
    main()
