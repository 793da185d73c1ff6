"""`moesif-otel doctor`: what in this environment would keep calls from arriving, or from arriving right."""
