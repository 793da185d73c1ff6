"""`MoesifBodyCapture`: bodies with no code, under `opentelemetry-instrument` or by one line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # not typed

if TYPE_CHECKING:
    from collections.abc import Collection

_logger = logging.getLogger("opentelemetry_exporter_moesif")


class MoesifBodyCapture(BaseInstrumentor):  # type: ignore[misc]  # not typed
    """Captures request and response bodies of Flask, Django, FastAPI and Starlette for `MoesifSpanExporter`.

    Call `MoesifBodyCapture().instrument()` before the application is made; `opentelemetry-instrument` does so by
    itself. It acts on a framework when that is imported, and never imports one. Nothing is captured unless an
    exporter was made with `capture_bodies`, before or after this.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return nothing: whatever framework is there is used."""
        return ()

    def _instrument(self, **_: Any) -> None:
        # It must not raise: that would stop every instrumentor after this one.
        try:
            from opentelemetry_exporter_moesif.capture import frameworks  # noqa: PLC0415 - when it acts, not before

            frameworks.hook_all()
        except Exception:
            _logger.exception("Bodies are not captured")

    def _uninstrument(self, **_: Any) -> None:
        from opentelemetry_exporter_moesif.capture import frameworks  # noqa: PLC0415 - when it acts, not before

        frameworks.unhook_all()
