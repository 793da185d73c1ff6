"""Leaves out the two or three spans a call that OpenTelemetry's ASGI middleware makes of a call's messages.

`… http receive` and `… http send` become no event, and cost a sixth of an instrumented FastAPI call. Where nobody else
sees them, they need not be made.
"""

from __future__ import annotations

import inspect
import logging
import os
from typing import TYPE_CHECKING, Any

import wrapt

from opentelemetry_exporter_moesif.process_end import live_senders

if TYPE_CHECKING:
    from types import ModuleType

_logger = logging.getLogger("opentelemetry_exporter_moesif")

# The constructor's own argument for it, and those that ask for these spans.
_ARGUMENT = "exclude_spans"
_HOOKS = ("client_request_hook", "client_response_hook")


def leave_out_unseen_message_spans() -> None:
    """Acts on OpenTelemetry's ASGI middleware once that is imported, where the setting `asgi_message_spans` says so."""
    wanted = {sender.config.asgi_message_spans for sender in live_senders()}
    seen_by_others = os.environ.get("OTEL_TRACES_EXPORTER", "").strip() != "moesif"
    if wanted and True not in wanted and not ("auto" in wanted and seen_by_others):
        wrapt.register_post_import_hook(_wrap_constructor, "opentelemetry.instrumentation.asgi")


def _wrap_constructor(module: ModuleType) -> None:
    # Inside an import statement of the application, which must not fail for our sake.
    try:
        wrapt.wrap_function_wrapper(module, "OpenTelemetryMiddleware.__init__", _construct)
    except Exception:
        _logger.exception("Moesif exporter: ASGI's message spans are made all the same")


def _construct(wrapped: Any, _instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    try:
        bound = inspect.signature(wrapped).bind(*args, **kwargs)
    except TypeError:  # a wrong call is the middleware's own to complain of
        return wrapped(*args, **kwargs)
    arguments = bound.arguments
    if arguments.get(_ARGUMENT) is None and not any(arguments.get(name) for name in _HOOKS):
        arguments[_ARGUMENT] = ["receive", "send"]
    return wrapped(*bound.args, **bound.kwargs)
