"""What `opentelemetry-instrument` calls after set-up: a check that there is an SDK, and a flush at SIGTERM."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

from opentelemetry import trace

if TYPE_CHECKING:
    from types import FrameType

    from opentelemetry_exporter_moesif.config import Config

_logger = logging.getLogger("opentelemetry_exporter_moesif")

_SENDER_MODULE = "opentelemetry_exporter_moesif.delivery.sender"

# The SDK gives a processor's shutdown 30 s; the exporter's own bound is far below.
_FLUSH_SECONDS = 30.0


def after_instrumentation() -> None:
    """The entry point `opentelemetry_post_instrument: moesif`. Never raises: that would undo the instrumentation."""
    try:
        _check_sdk()
        _flush_on_sigterm()
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


def _flush_on_sigterm() -> None:
    """Installs the handler in the main thread, and only where SIGTERM would end the process at once.

    uvicorn, waitress and Werkzeug end by the default action: no atexit handler runs, and up to 5 s of calls in the
    processor's queue would be lost. Servers with a handler of their own replace this one; uvicorn hands back to it.
    """
    if not any(config.flush_on_sigterm for config in _live_configs()):
        return
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _flush_and_end)


def _live_configs() -> list[Config]:
    # Not imported for this: where it is not loaded, no exporter was made.
    module = sys.modules.get(_SENDER_MODULE)
    return list(module.live_configs()) if module else []


def _flush_and_end(signal_number: int, _frame: FrameType | None) -> None:
    # First of all: a second SIGTERM ends the process at once.
    signal.signal(signal_number, signal.SIG_DFL)
    # Not here in the main thread: it may hold a lock that shutting down needs, and then nothing would ever end.
    flush = threading.Thread(target=_shut_down, name="moesif-sigterm", daemon=True)
    try:
        flush.start()
    except RuntimeError:
        _logger.warning("Moesif exporter: no thread can be started to flush at SIGTERM")
    else:
        flush.join(_FLUSH_SECONDS)
    signal.raise_signal(signal_number)


def _shut_down() -> None:
    try:
        shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
        if shutdown:
            shutdown()
    except Exception:
        _logger.exception("Moesif exporter: the flush at SIGTERM failed")
