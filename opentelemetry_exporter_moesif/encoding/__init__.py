"""From the spans of an export to encoded events: what the exporter does before anything is sent."""
