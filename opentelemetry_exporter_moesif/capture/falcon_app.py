"""Bodies of a Falcon application (WSGI), from around its `__call__`, inside OpenTelemetry's subclass of it.

Applications of `falcon.asgi` are served by OpenTelemetry's ASGI middleware.
"""

from __future__ import annotations

from typing import Any

from opentelemetry_exporter_moesif.capture.wsgi import WsgiBodyCapture


def call(wrapped: Any, _instance: object, args: Any, kwargs: Any) -> Any:
    """Serves a call, and copies its bodies on their way while a store is open."""
    return WsgiBodyCapture(wrapped)(*args, **kwargs)
