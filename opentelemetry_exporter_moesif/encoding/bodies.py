"""The bodies that were captured in this process, for the spans that are exported from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from opentelemetry.trace import SpanContext

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies


class Bodies:
    """Opens the store of captured bodies, and takes them out of it.

    Args:
        config: The exporter's settings, with `capture_bodies`.
    """

    def __init__(self, config: Config) -> None:
        from opentelemetry_exporter_moesif.capture import opening  # noqa: PLC0415 - optional: no import when off

        self._opening: ModuleType | None = opening
        opening.open_store(
            max_bytes=config.body_store_max_bytes,
            body_max_bytes=config.body_max_bytes,
            with_streams=config.capture_streams,
            with_outgoing=config.capture_outgoing,
        )

    def take(self, context: SpanContext) -> CapturedBodies | None:
        """What was captured of the call that a span stands for; it is kept no longer."""
        opening = self._opening
        return None if opening is None else opening.take(context.trace_id, context.span_id)

    def close(self) -> None:
        """Gives the captured bodies up. May be called twice."""
        opening, self._opening = self._opening, None
        if opening is not None:
            opening.close_store()
