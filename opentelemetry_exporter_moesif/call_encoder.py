"""From the spans that were handed over to encoded events: those of calls, with what other spans left for them.

The exporter sends what comes out of it at once; `moesif-otel replay` feeds it spans from files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind

from opentelemetry_exporter_moesif.event_encoder import EventEncoder
from opentelemetry_exporter_moesif.identity_memory import IdentityMemory
from opentelemetry_exporter_moesif.mapping.span_reader import is_http

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.trace import SpanContext

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.sampling import DynamicSampling


class CallEncoder:
    """Makes encoded events of the spans of calls, and remembers what the others say of their callers.

    Args:
        config: The exporter's settings.
        sampling: Moesif's dynamic sampling, where it is on.

    Attributes:
        kinds: The kinds of spans that are calls.
        pass_over: `encode` of a span of any other kind. Whoever has many asks for the kind himself, and saves 0.05 µs.
        finish: Applies `mask_event` to a redacted event and encodes it.
    """

    def __init__(self, config: Config, sampling: DynamicSampling | None = None) -> None:
        self.kinds = (SpanKind.SERVER, SpanKind.CLIENT) if config.capture_outgoing else (SpanKind.SERVER,)
        self._encoder = EventEncoder(config, sampling)
        self.finish = self._encoder.finish
        self._identities = IdentityMemory()
        self._bodies = _open_body_store(config) if config.capture_bodies else None
        self.pass_over = self._identities.pass_over if self._bodies is None else self._pass_over_with_bodies

    def encode(self, span: ReadableSpan) -> bytes | None:
        """The event of a span as JSON; None where the span makes none, whose ids then move on to its parent.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        if span.kind in self.kinds:
            return self.encode_call(span)
        self.pass_over(span)
        return None

    def encode_call(self, span: ReadableSpan) -> bytes | None:
        """`encode` of a span of these `kinds`."""
        context = span.context
        if context is None:
            return self._encoder.encode(span)
        found = self._identities.take(context.trace_id, context.span_id) if self._identities.found else None
        bodies = None if self._bodies is None else self._take_bodies(context)
        event = self._encoder.encode(span, found, bodies)
        if event is None and not is_http(span):
            self._pass_on(span, context, found)
        return event

    def close(self) -> None:
        """Gives the captured bodies up. May be called twice."""
        if self._bodies is not None:
            self._bodies.close_store()
            self._bodies = None

    def _pass_on(self, span: ReadableSpan, context: SpanContext, found: Mapping[str, Any] | None) -> None:
        """A SERVER span of another protocol: it is passed over, after all."""
        if found:
            self._identities.add(context.trace_id, context.span_id, found)
        self.pass_over(span)

    def _pass_over_with_bodies(self, span: ReadableSpan) -> None:
        self._identities.pass_over(span)
        if self._bodies is not None and span.context is not None:
            self._take_bodies(span.context)

    def _take_bodies(self, context: SpanContext) -> CapturedBodies | None:
        store = self._bodies
        return None if store is None else store.take(context.trace_id, context.span_id)


def _open_body_store(config: Config) -> ModuleType:
    from opentelemetry_exporter_moesif.capture import store  # noqa: PLC0415 - optional: no import when off

    store.open_store(max_bytes=config.body_store_max_bytes, body_max_bytes=config.body_max_bytes)
    return store
