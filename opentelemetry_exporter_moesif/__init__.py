"""OpenTelemetry exporter for Moesif."""
