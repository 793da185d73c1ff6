"""The applications that wrk drives: one Flask, one FastAPI, the same answers, each with one way to watch it.

``WATCHED_BY`` says which way; ``COLLECTOR`` is the URL that everything is sent to.
"""
# ruff: noqa: PLC0415 - an application imports only what it is watched by

from __future__ import annotations

import os
from typing import Any

WATCHED_BY = os.environ.get("WATCHED_BY", "nothing")
COLLECTOR = os.environ.get("COLLECTOR", "")
MOESIF = {"APPLICATION_ID": "benchmark-application-id", "BASE_URI": COLLECTOR, "LOG_BODY": False}


def _item(item_id: int) -> dict[str, Any]:
    return {"id": item_id, "name": "blue shoes", "price": 59.9, "tags": ["new", "sale"], "stock": item_id % 17}


def _trace() -> None:
    """The SDK as `opentelemetry-instrument` sets it up: one batch processor, or none."""
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from benchmarks.workload import RESOURCE

    provider = TracerProvider(resource=RESOURCE)
    if WATCHED_BY in EXPORTERS:
        provider.add_span_processor(BatchSpanProcessor(EXPORTERS[WATCHED_BY]()))
    trace.set_tracer_provider(provider)


def _thrown_away() -> Any:
    from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

    class ThrownAway(SpanExporter):
        def export(self, spans: Any) -> SpanExportResult:
            return SpanExportResult.SUCCESS

    return ThrownAway()


def _this_exporter() -> Any:
    from benchmarks.peers import this_exporter

    return this_exporter(COLLECTOR)


def _mapping_alone() -> Any:
    from benchmarks.peers import mapping_alone

    return mapping_alone(COLLECTOR)


def _otlp() -> Any:
    from benchmarks.peers import otlp_exporter

    return otlp_exporter(COLLECTOR)


EXPORTERS = {
    "thrown-away": _thrown_away,
    "this-exporter": _this_exporter,
    "mapping-alone": _mapping_alone,
    "message-spans": _this_exporter,
    "message-spans-mapping-alone": _mapping_alone,
    "otlp": _otlp,
}
# As `opentelemetry-instrument` has it where no other exporter of traces is set: nobody would see the others.
WITHOUT_MESSAGE_SPANS = {"this-exporter", "mapping-alone"}


def flask_app() -> Any:
    from flask import Flask

    app = Flask("shop")
    app.get("/items/<int:item_id>")(_item)
    if WATCHED_BY in {"instrumentation", *EXPORTERS}:
        from opentelemetry.instrumentation.flask import FlaskInstrumentor

        _trace()
        FlaskInstrumentor().instrument_app(app)
    if WATCHED_BY == "moesif-middleware":
        from moesifwsgi import MoesifMiddleware

        app.wsgi_app = MoesifMiddleware(app.wsgi_app, MOESIF)
    return app


def fastapi_app() -> Any:
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> dict[str, Any]:
        return _item(item_id)

    if WATCHED_BY in {"instrumentation", *EXPORTERS}:
        from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor

        _trace()
        excluded = ["receive", "send"] if WATCHED_BY in WITHOUT_MESSAGE_SPANS else None
        FastAPIInstrumentor.instrument_app(app, exclude_spans=excluded)
    if WATCHED_BY == "moesif-middleware":
        from moesifasgi import MoesifMiddleware

        app.add_middleware(MoesifMiddleware, settings=MOESIF)
    return app
