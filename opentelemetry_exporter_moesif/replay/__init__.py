"""`moesif-otel replay`: files of calls to events, and the events to Moesif."""
