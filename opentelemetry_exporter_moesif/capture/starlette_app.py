"""Bodies of a Starlette or FastAPI application, from a middleware that is added before its stack is built.

OpenTelemetry's instrumentation of FastAPI gives up on a stack whose outermost part it does not know, so the built
stack is never wrapped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.middleware import Middleware

from opentelemetry_exporter_moesif.capture.asgi import AsgiBodyCapture

if TYPE_CHECKING:
    from starlette.applications import Starlette

_OPENTELEMETRY = "OpenTelemetryMiddleware"


def add_middleware(app: Starlette) -> None:
    """Puts our middleware right inside OpenTelemetry's where that is in the list, or outermost, once."""
    others = [entry for entry in app.user_middleware if _name(entry) != AsgiBodyCapture.__name__]
    after = [place for place, entry in enumerate(others, start=1) if _name(entry) == _OPENTELEMETRY]
    place = max(after, default=0)
    app.user_middleware = [*others[:place], Middleware(AsgiBodyCapture), *others[place:]]


def before_build(wrapped: Any, instance: Starlette, args: Any, kwargs: Any) -> Any:
    """Adds the middleware at the last moment: when the application builds its stack from the list."""
    add_middleware(instance)
    return wrapped(*args, **kwargs)


def _name(middleware: Middleware) -> str:
    return getattr(middleware.cls, "__name__", "")
