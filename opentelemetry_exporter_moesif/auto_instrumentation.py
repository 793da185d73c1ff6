"""What `opentelemetry-instrument` calls once the exporters are made, before and after it instruments."""

from __future__ import annotations

import logging
import os

from opentelemetry import trace

from opentelemetry_exporter_moesif.ending_signals import flush_at_ending_signals
from opentelemetry_exporter_moesif.process_end import flush_at_hard_exits, live_senders

_logger = logging.getLogger("opentelemetry_exporter_moesif")


def before_instrumentation() -> None:
    """The entry point `opentelemetry_pre_instrument: moesif`. Never raises: that would stop the instrumentation.

    An instrumentor that fails stops all that come after it, and the other entry point.
    """
    try:
        _flush_at_every_end()
    except Exception:
        _logger.exception("Moesif exporter: the set-up before instrumentation failed")


def after_instrumentation() -> None:
    """The entry point `opentelemetry_post_instrument: moesif`. Never raises: that would undo the instrumentation."""
    try:
        _check_sdk()
        _flush_at_every_end()
    except Exception:
        _logger.exception("Moesif exporter: the set-up after instrumentation failed")


def _check_sdk() -> None:
    asked_for = {name.strip() for name in os.environ.get("OTEL_TRACES_EXPORTER", "").split(",")}
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if "moesif" in asked_for and not disabled and not hasattr(trace.get_tracer_provider(), "add_span_processor"):
        _logger.error(
            "Moesif exporter: OTEL_TRACES_EXPORTER asks for moesif, but nothing configured the OpenTelemetry SDK, so no"
            " call will reach Moesif: pip install opentelemetry-distro"
        )


def _flush_at_every_end() -> None:
    if any(sender.config.flush_on_sigterm for sender in live_senders()):
        flush_at_ending_signals()
        flush_at_hard_exits()
