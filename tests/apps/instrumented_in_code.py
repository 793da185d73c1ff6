"""Sets everything up in code, in the order that it is told, and serves an application.

Usage: instrumented_in_code.py PORT MODULE APP STEP…; the steps are `exporter`, `framework`, `bodies`.
"""

from __future__ import annotations

import importlib
import sys
from wsgiref.simple_server import make_server

import uvicorn
from opentelemetry import trace
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.starlette import StarletteInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from opentelemetry_exporter_moesif import MoesifSpanExporter
from opentelemetry_exporter_moesif.capture import MoesifBodyCapture

_INSTRUMENTORS = {
    "bodies_flask_app": FlaskInstrumentor,
    "bodies_django_app": DjangoInstrumentor,
    "bodies_fastapi_app": FastAPIInstrumentor,
    "bodies_starlette_app": StarletteInstrumentor,
}


def main(port: int, module: str, app: str, *steps: str) -> None:
    provider = TracerProvider()
    trace.set_tracer_provider(provider)
    act = {
        "exporter": lambda: provider.add_span_processor(
            BatchSpanProcessor(MoesifSpanExporter(capture_bodies=True), schedule_delay_millis=100)
        ),
        "framework": lambda: _INSTRUMENTORS[module]().instrument(),
        "bodies": lambda: MoesifBodyCapture().instrument(),
    }
    for step in steps:
        act[step]()
    application = getattr(importlib.import_module(module), app)
    if app == "wsgi" or module == "bodies_flask_app":
        make_server("127.0.0.1", port, application).serve_forever()
    else:
        uvicorn.run(application, port=port)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
