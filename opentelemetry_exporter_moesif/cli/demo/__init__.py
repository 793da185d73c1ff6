"""`moesif-otel demo`: real applications, real calls, and what arrives."""
