"""What stands for a value that must not leave."""

from __future__ import annotations

MASKED = "[REDACTED]"
"""As OpenTelemetry's own instrumentations write it."""

MASKED_PARAMETER = "REDACTED"
"""In a URI, where brackets would have to be percent-encoded."""
