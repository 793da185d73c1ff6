"""Has OpenTelemetry's middleware stand around datasette, as docs/stacks/quart.md says."""

from __future__ import annotations

from datasette import hookimpl
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware


@hookimpl
def asgi_wrapper(datasette):
    return OpenTelemetryMiddleware
