"""Services that export to a local collector."""

from __future__ import annotations

from opentelemetry_exporter_moesif.local_collector import LocalCollector
from support.server_process import clean_environment

APPLICATION_ID = "live-test-application-id"
RESOURCE = {
    "service.name": "shop",
    "service.namespace": "live",
    "service.version": "1.2.3",
    "service.instance.id": "one",
    "deployment.environment.name": "test",
}
_EXPORTERS = {"OTEL_TRACES_EXPORTER": "moesif", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}


def exporting_to(collector: LocalCollector, **settings: str) -> dict[str, str]:
    """Returns: the environment of a service that exports to the collector, soon after each call."""
    return clean_environment(**(_EXPORTERS | destination(collector) | {"OTEL_BSP_SCHEDULE_DELAY": "100"} | settings))


def destination(collector: LocalCollector) -> dict[str, str]:
    """Returns: the exporter's own two variables."""
    return {
        "OTEL_EXPORTER_MOESIF_APPLICATION_ID": APPLICATION_ID,
        "OTEL_EXPORTER_MOESIF_ENDPOINT": collector.url,
        "OTEL_RESOURCE_ATTRIBUTES": ",".join(f"{name}={value}" for name, value in RESOURCE.items()),
    }
