"""OpenTelemetry exporter for Moesif: HTTP server spans become API calls in Moesif."""

from opentelemetry_exporter_moesif._version import __version__

__all__ = ["__version__"]
