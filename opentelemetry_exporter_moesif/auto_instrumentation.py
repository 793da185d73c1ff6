"""What `opentelemetry-instrument` calls once the exporters are made, before and after it instruments."""

from __future__ import annotations

import logging
import os
import re
import sys
from importlib.util import find_spec

from opentelemetry import trace

from opentelemetry_exporter_moesif.asgi_message_spans import leave_out_unseen_message_spans
from opentelemetry_exporter_moesif.ending_signals import flush_at_ending_signals
from opentelemetry_exporter_moesif.hard_exits import flush_at_hard_exits
from opentelemetry_exporter_moesif.last_resort import speak_where_only_opentelemetry_listens
from opentelemetry_exporter_moesif.open_calls import open_calls
from opentelemetry_exporter_moesif.process_end import live_senders, shut_down_at_exit

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# `manage.py`, `mysite.wsgi`, `mysite.asgi:application`, `--module=mysite.wsgi`, `mysite/wsgi.py`.
_SERVES_DJANGO = re.compile(r"(?:^|/)manage\.py$|\.[aw]sgi(?::\w+)?$|(?:^|[/=])[aw]sgi\.py$")


def before_instrumentation() -> None:
    """The entry point `opentelemetry_pre_instrument: moesif`. Never raises: that would stop the instrumentation.

    An instrumentor that fails stops all that come after it, and the other entry point.
    """
    try:
        speak_where_only_opentelemetry_listens()
        _flush_at_every_end()
        _check_django()
        leave_out_unseen_message_spans()
    except Exception:
        _logger.exception("Moesif exporter: the set-up before instrumentation failed")


def after_instrumentation() -> None:
    """The entry point `opentelemetry_post_instrument: moesif`. Never raises: that would undo the instrumentation."""
    try:
        _check_sdk()
        _flush_at_every_end()
        _attend_to_calls()
    except Exception:
        _logger.exception("Moesif exporter: the set-up after instrumentation failed")


def _check_sdk() -> None:
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    if (
        "moesif" in _names("OTEL_TRACES_EXPORTER")
        and not disabled
        and not hasattr(trace.get_tracer_provider(), "add_span_processor")
    ):
        _logger.error(
            "Moesif exporter: OTEL_TRACES_EXPORTER asks for moesif, but nothing configured the OpenTelemetry SDK, so no"
            " call will reach Moesif: pip install opentelemetry-distro"
        )


def _check_django() -> None:
    """Says what is wrong before Django does, which only says what follows from it.

    OpenTelemetry's instrumentation reads Django's settings before `manage.py` or `wsgi.py` can name them, and where
    nothing names them it configures Django with none.
    """
    if (
        live_senders()
        and not os.environ.get("DJANGO_SETTINGS_MODULE")
        and any(_SERVES_DJANGO.search(argument) for argument in sys.orig_argv)
        and "django" not in _names("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS")
        and all(find_spec(name) for name in ("django", "opentelemetry.instrumentation.django"))
    ):
        _logger.error(
            "Moesif exporter: DJANGO_SETTINGS_MODULE is not set in the environment, so OpenTelemetry configures Django"
            " with no settings at all, before manage.py, wsgi.py or asgi.py can name yours: set it where the service is"
            " started, as in DJANGO_SETTINGS_MODULE=mysite.settings"
        )


def _names(variable: str) -> set[str]:
    return {name.strip() for name in os.environ.get(variable, "").split(",")}


def _attend_to_calls() -> None:
    add_span_processor = getattr(trace.get_tracer_provider(), "add_span_processor", None)
    if _is_to_flush() and add_span_processor is not None:
        open_calls.once_in_each_process(_in_each_process)
        add_span_processor(open_calls)
        # After the SDK has registered its own: the last one to come is the first one to run.
        shut_down_at_exit()


def _in_each_process() -> bool:
    """What is done where the first span of a process begins; True once it is. Never raises: that is in a request."""
    if "uwsgi" not in sys.modules:
        return True
    try:
        from opentelemetry_exporter_moesif.uwsgi_workers import attend_to_a_worker  # noqa: PLC0415 - imports ctypes

        return attend_to_a_worker()
    except Exception:
        _logger.warning("Moesif exporter: calls that wait when uWSGI ends this worker may be lost", exc_info=True)
        return True


def _flush_at_every_end() -> None:
    if _is_to_flush():
        flush_at_ending_signals()
        flush_at_hard_exits()


def _is_to_flush() -> bool:
    return any(sender.config.flush_on_sigterm for sender in live_senders())
