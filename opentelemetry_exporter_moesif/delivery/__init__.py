"""Bytes to the collector: payloads, the exchange with Moesif, and what waits for it. Knows nothing of spans."""
