"""Request and response bodies, beside the span and never on it (optional)."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry_exporter_moesif.capture.asgi import AsgiBodyCapture
    from opentelemetry_exporter_moesif.capture.instrumentor import MoesifBodyCapture
    from opentelemetry_exporter_moesif.capture.wsgi import WsgiBodyCapture

__all__ = ["AsgiBodyCapture", "MoesifBodyCapture", "WsgiBodyCapture"]

# `opentelemetry-instrument` loads the instrumentor in every process: the rest is imported when it is asked for.
_ROOMS = {"AsgiBodyCapture": "asgi", "MoesifBodyCapture": "instrumentor", "WsgiBodyCapture": "wsgi"}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
