"""A WSGI application without a framework, with everything set up in code, hooks included."""

import json
import os
import signal
import threading
from wsgiref.simple_server import make_server

from opentelemetry.instrumentation.wsgi import OpenTelemetryMiddleware
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from opentelemetry_exporter_moesif import Event, MoesifSpanExporter


def skip(span: ReadableSpan) -> bool:
    """The platform's own probes are not API calls, and each event is billed."""
    user_agents = (span.attributes or {}).get("http.request.header.user_agent") or [""]
    return user_agents[0].startswith("kube-probe/")


def mask_event(event: Event) -> Event | None:
    """The last word on what leaves the process."""
    event["request"]["headers"].pop("X-User", None)
    return event


def identify_user(span: ReadableSpan) -> str | None:
    values = (span.attributes or {}).get("http.request.header.x_user")
    return values[0] if values else None


def shop(environ, start_response):
    path, verb = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    status, answer = "404 Not Found", {"error": "no such item"}
    if path == "/health":
        status, answer = "200 OK", {"healthy": True}
    elif path == "/items/7":
        status, answer = "200 OK", {"id": 7, "name": "chair"}
    elif path == "/items" and verb == "POST":
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        status, answer = "201 Created", {"id": 8, **json.loads(body)}
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


def main() -> None:
    exporter = MoesifSpanExporter(skip=skip, mask_event=mask_event, identify_user=identify_user)
    provider = TracerProvider(resource=Resource.create())
    provider.add_span_processor(BatchSpanProcessor(exporter))
    server = make_server("127.0.0.1", int(os.environ["PORT"]), OpenTelemetryMiddleware(shop, tracer_provider=provider))
    # From another thread: in this one it would wait for itself.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    provider.shutdown()  # sends what still waits


if __name__ == "__main__":
    main()
