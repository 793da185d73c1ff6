"""The events of calls by somebody who knows what else was said of them: `moesif-otel replay`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from opentelemetry_exporter_moesif.encoding.event_encoder import EventEncoder
from opentelemetry_exporter_moesif.encoding.usual_calls import renderer_for
from opentelemetry_exporter_moesif.mapping.span_reader import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from opentelemetry_exporter_moesif.config import Config
    from opentelemetry_exporter_moesif.mapping.body import CapturedBodies
    from opentelemetry_exporter_moesif.mapping.event import Event
    from opentelemetry_exporter_moesif.rendering.rendered import Rendered


class KnownCall(NamedTuple):
    """A call, and what else was said of it.

    Args:
        span: Of the kind SERVER, or CLIENT with `capture_outgoing`.
        child_ids: What spans inside the call say of the caller, by the names of attributes.
        bodies: What was captured of its bodies.
    """

    span: ReadableSpan
    child_ids: Mapping[str, Any]
    bodies: CapturedBodies | None = None


class KnownCallEncoder:
    """Makes encoded events of known calls.

    Args:
        config: The exporter's settings.
    """

    def __init__(self, config: Config) -> None:
        self._events = EventEncoder(config)
        self._renderer = renderer_for(config, self._events)

    def encode_call(self, call: KnownCall) -> bytes | None:
        """The event of a call as JSON; None where none is to be sent.

        Raises:
            MaskFailedError: `mask_event` failed on it.
            Exception: It cannot be mapped or encoded.
        """
        return self._events.encode(call.span, attributes_of(call.span), dict(call.child_ids), call.bodies)

    def encode_calls(
        self, calls: Sequence[KnownCall], lose: Callable[[ReadableSpan, Exception], None]
    ) -> list[bytes] | Rendered:
        """The events of several calls as `encode_call` makes them, in order; faster, as `Encoder.encode` is.

        Args:
            calls: The calls.
            lose: Told of a span that has no event, and of what `encode_call` would raise.
        """
        spans = [call.span for call in calls]
        said = {id(call.span): call for call in calls if call.child_ids or call.bodies}

        def encode_or_lose(span: ReadableSpan) -> bytes | None:
            try:
                return self.encode_call(said.get(id(span)) or KnownCall(span, {}))
            except Exception as error:  # noqa: BLE001 - whatever it is that is odd about the span, or fails in a hook
                lose(span, error)
                return None

        if self._renderer is not None:
            contexts = (call.span.context for call in said.values())
            remembered = {(context.trace_id, context.span_id): True for context in contexts if context is not None}
            return self._renderer.render(spans, remembered, encode_or_lose)
        return [event for event in map(encode_or_lose, spans) if event is not None]

    def finish(self, event: Event) -> bytes | None:
        """See `EventEncoder.finish`."""
        return self._events.finish(event)
