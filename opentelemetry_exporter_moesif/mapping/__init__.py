"""Pure functions from a span to an event. Knows nothing of delivery, does no I/O, asks no clock."""

from opentelemetry_exporter_moesif.mapping.rules import MappingRules, mapping_rules
from opentelemetry_exporter_moesif.mapping.span_to_event import span_to_event

__all__ = ["MappingRules", "mapping_rules", "span_to_event"]
