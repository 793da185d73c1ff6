"""OpenTelemetry's ASGI middleware around FastAPI, whose own instrumentation is on by default: `both`; turned off: `one`."""

from __future__ import annotations

from fastapi import FastAPI
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware


def item(item_id: int) -> dict[str, int]:
    return {"item": item_id}


instrumented_twice = FastAPI()
instrumented_once = FastAPI(telemetry={"tracing": False})
for app in (instrumented_twice, instrumented_once):
    app.get("/items/{item_id}")(item)

both = OpenTelemetryMiddleware(instrumented_twice)
one = OpenTelemetryMiddleware(instrumented_once)
