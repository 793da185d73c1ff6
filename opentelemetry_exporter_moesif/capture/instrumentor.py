"""`MoesifBodyCapture`: bodies with no code, under `opentelemetry-instrument` or by one line."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor  # type: ignore[attr-defined]  # not typed

if TYPE_CHECKING:
    from collections.abc import Collection

_logger = logging.getLogger("opentelemetry_exporter_moesif")


class MoesifBodyCapture(BaseInstrumentor):  # type: ignore[misc]  # not typed
    """Captures request and response bodies of frameworks and client libraries for `MoesifSpanExporter`.

    Call `MoesifBodyCapture().instrument()` before the application is made; `opentelemetry-instrument` does so by
    itself. It acts on a framework when that is imported, and never imports one. Nothing is captured unless an
    exporter was made with `capture_bodies`, before or after this.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Nothing: whatever framework is there is used."""
        return ()

    def instrument(self, **kwargs: Any) -> None:
        """Hooks the frameworks: now, or under `opentelemetry-instrument` once an exporter asks for bodies.

        That command has made its exporters by now, and a process whose exporter wants no bodies is left as it was.
        """
        self._waits = bool(kwargs.get("skip_dep_check") or kwargs.get("raise_exception_on_conflict"))
        super().instrument(**kwargs)

    def _instrument(self, **_: Any) -> None:
        from opentelemetry_exporter_moesif.capture import opening  # noqa: PLC0415 - when it acts, and not before

        if self._waits:
            opening.when_opened(lambda: _hook("SERVERS"))
        else:
            _hook("SERVERS")
        opening.when_outgoing_is_wanted(lambda: _hook("CLIENTS"))

    def _uninstrument(self, **_: Any) -> None:
        from opentelemetry_exporter_moesif.capture import libraries  # noqa: PLC0415 - when it acts, and not before

        libraries.unhook_all()


def _hook(table: str) -> None:
    # It must not raise: that would stop every instrumentor after this one, or the exporter that opens the store.
    try:
        from opentelemetry_exporter_moesif.capture import libraries  # noqa: PLC0415 - when it acts, and not before

        libraries.hook_all(getattr(libraries, table))
    except Exception:
        _logger.exception("Moesif exporter: bodies are not captured")
