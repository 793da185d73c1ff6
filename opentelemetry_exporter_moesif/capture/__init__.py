"""Request and response bodies, beside the span and never on it (optional)."""

from opentelemetry_exporter_moesif.capture.asgi import AsgiBodyCapture
from opentelemetry_exporter_moesif.capture.instrumentor import MoesifBodyCapture
from opentelemetry_exporter_moesif.capture.wsgi import WsgiBodyCapture

__all__ = ["AsgiBodyCapture", "MoesifBodyCapture", "WsgiBodyCapture"]
